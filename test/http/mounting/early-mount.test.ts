// The session is there for everything of main.ts.
import { createRequire } from 'node:module';
import type { INestApplication } from '@nestjs/common';
import { type AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import express, { type RequestHandler } from 'express';
import type { FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MemorySessionStore, MongoSessionsModule } from '../../../lib/index.js';
import { type AppOptions, HttpClient, type Platform, PLATFORMS, startApp } from '../../support/http.js';
import { type AnyRequest, type Next, PeopleController, ann, filters } from './support/people.js';

const expressSession = createRequire(import.meta.url)('express-session') as (options: object) => RequestHandler;

const adapterOf = (platform: Platform) => (platform === 'express' ? new ExpressAdapter() : new FastifyAdapter());

async function ofTestingModule(adapter: AbstractHttpAdapter): Promise<INestApplication> {
  const imports = [MongoSessionsModule.forRoot({ store: new MemorySessionStore() })];
  const metadata = { imports, controllers: [PeopleController], providers: filters };
  const app = (await Test.createTestingModule(metadata).compile()).createNestApplication(adapter);
  onTestFinished(() => app.close());
  return app;
}

function browserOn(port: number | string): HttpClient {
  const browser = new HttpClient(`http://127.0.0.1:${port}`);
  onTestFinished(() => browser.close());
  return browser;
}

describe.each(PLATFORMS)('B2: mountEarly() on %s', (platform) => {
  /** What middleware of main.ts sees. */
  function watcher() {
    const seen: unknown[] = [];
    const configure = (app: INestApplication) => {
      app.use((request: AnyRequest, _response: unknown, next: Next) => {
        seen.push(request.session?.who ?? typeof request.session);
        next();
      });
    };
    return { seen, configure };
  }

  test.each<[string, () => Partial<AppOptions>]>([
    ['forRoot()', () => ({})],
    [
      'forRootAsync() whose options take their time',
      () => ({
        sessions: [],
        imports: [
          MongoSessionsModule.forRootAsync({
            useFactory: async () => {
              for (let i = 0; i < 50; i++) await new Promise(setImmediate);
              return { store: new MemorySessionStore() };
            },
          }),
        ],
      }),
    ],
    [
      'the default one of several',
      () => ({
        sessions: [
          { store: new MemorySessionStore(), name: 'admin' },
          { store: new MemorySessionStore() },
          { store: new MemorySessionStore(), name: 'guest' },
        ],
      }),
    ],
  ])('opens the session for middleware of main.ts, with %s', async (_what, options) => {
    const { seen, configure } = watcher();
    const { browser } = await ann(platform, { ...options(), configure });
    expect((await browser.get('/who')).body).toBe('{"who":"ann"}');
    expect(seen).toEqual(['object', 'ann']);
  });

  test('opens the session for middleware of a testing module, before the app starts', async () => {
    const { seen, configure } = watcher();
    const app = await ofTestingModule(adapterOf(platform));
    configure(app);
    await app.listen(0, '127.0.0.1');
    const browser = browserOn(new URL(await app.getUrl()).port);
    await browser.get('/login?who=ann');
    const headers = { 'content-type': 'application/json' };
    const refused = await browser.request('/body', { method: 'POST', headers, body: '{"a":' });
    expect([refused.status, JSON.parse(refused.body)]).toEqual([400, { status: 400, who: 'ann' }]);
    expect(seen.slice(0, 2)).toEqual(['object', 'ann']);
  });

  test('trusts a proxy as main.ts says, though that comes later', async () => {
    const { app } = await ann(platform, {
      fastify: { trustProxy: 'loopback' },
      configure(nest) {
        if (platform === 'express') (nest as NestExpressApplication).set('trust proxy', 'loopback');
      },
    });
    const headers = { 'x-forwarded-proto': 'https' };
    const { cookies } = await app.client().get('/login?who=bob', { headers });
    expect(cookies).toEqual([expect.stringMatching(/^__Host-id=.*; Secure/)]);
    const cookie = cookies[0]!.split(';')[0]!;
    expect((await app.client().get('/who', { headers: { ...headers, cookie } })).body).toBe('{"who":"bob"}');
  });

  test('opens a request once, with the line that was needed before too', async () => {
    const store = new MemorySessionStore();
    let finds = 0;
    const find = store.find.bind(store);
    store.find = (handle) => (finds++, find(handle));
    const { browser } = await ann(platform, { sessions: { store }, ...watcher() });
    await browser.get('/who');
    expect(finds).toBe(1);
  });
});

test.each(PLATFORMS)(
  'B2: a testing module of an early Nest 11 on %s, whose host has no init$, has sessions',
  async (platform) => {
    const init$ = vi.spyOn(HttpAdapterHost.prototype, 'init$', 'get').mockReturnValue(undefined as never);
    onTestFinished(() => init$.mockRestore());
    const app = await ofTestingModule(adapterOf(platform));
    await app.listen(0, '127.0.0.1');
    const browser = browserOn(new URL(await app.getUrl()).port);
    await browser.get('/login?who=ann');
    expect((await browser.get('/who')).body).toBe('{"who":"ann"}');
  },
);

describe('B2: mountEarly() on express', () => {
  test('comes behind the middleware of an Express app that Nest is given', async () => {
    const seen: unknown[] = [];
    const app = await startApp({
      platform: 'express',
      sessions: { store: new MemorySessionStore() },
      controllers: [PeopleController],
      beforeNest(adapter) {
        adapter.use((request: AnyRequest, _response: unknown, next: Next) => {
          seen.push(typeof request.session);
          next();
        });
      },
    });
    const browser = app.client();
    await browser.get('/login?who=ann');
    expect((await browser.get('/who')).body).toBe('{"who":"ann"}');
    expect(seen).toEqual(['undefined', 'undefined']);
  });

  test('leaves request.session of a registration with a name to express-session in main.ts', async () => {
    const app = await startApp({
      platform: 'express',
      sessions: { store: new MemorySessionStore(), name: 'admin' },
      controllers: [PeopleController],
      configure(nest) {
        nest.use(expressSession({ secret: 'of theirs', resave: false, saveUninitialized: false, name: 'theirs' }));
        nest.use((request: AnyRequest, _response: unknown, next: Next) => {
          request.session!.who = 'theirs';
          next();
        });
      },
    });
    const browser = app.client();
    await browser.get('/login?who=ours');
    expect([...browser.jar.keys()].toSorted()).toEqual(['admin', 'theirs']);
    expect(JSON.parse((await browser.get('/who')).body)).toEqual({ who: 'ours' });
    expect(JSON.parse((await browser.get('/request-session')).body)).toEqual({ who: 'theirs', id: 'string' });
  });

  test('serves an Express app that Nest is given and that another server runs, without listen()', async () => {
    const server = express();
    await (await ofTestingModule(new ExpressAdapter(server))).init();
    const listening = server.listen(0, '127.0.0.1');
    onTestFinished(() => void listening.close());
    await new Promise((resolve) => listening.once('listening', resolve));
    const browser = browserOn((listening.address() as { port: number }).port);
    await browser.get('/login?who=ann');
    expect((await browser.get('/who')).body).toBe('{"who":"ann"}');
  });
});

describe('B7: request.session of Fastify', () => {
  const decorators = async (sessions: NonNullable<AppOptions['sessions']>) => {
    const seen: boolean[] = [];
    await startApp({
      platform: 'fastify',
      sessions,
      async configure(nest) {
        const fastify = nest.getHttpAdapter().getInstance() as FastifyInstance;
        seen.push(fastify.hasRequestDecorator('session'));
        await fastify.register((context, _options, done) => {
          seen.push(context.hasRequestDecorator('session'));
          done();
        });
      },
    });
    return seen;
  };

  test('is decorated when plugins of main.ts are registered', async () => {
    expect(await decorators({ store: new MemorySessionStore() })).toEqual([true, true]);
    expect(
      await decorators([{ store: new MemorySessionStore(), name: 'admin' }, { store: new MemorySessionStore() }]),
    ).toEqual([true, true]);
  });

  test('is left to others where all registrations have a name', async () => {
    expect(await decorators({ store: new MemorySessionStore(), name: 'admin' })).toEqual([false, false]);
  });
});
