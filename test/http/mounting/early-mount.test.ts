// The session is there for everything of main.ts, for what the body parsers refuse, and for exception filters.
import { createRequire } from 'node:module';
import {
  type ArgumentsHost,
  Body,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
  type INestApplication,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import express, { type RequestHandler } from 'express';
import type { FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SessionError } from '../../../lib/core/errors.js';
import { MemorySessionStore } from '../../../lib/core/store/memory-session.store.js';
import type { SessionObject } from '../../../lib/core/session/session.js';
import { Session } from '../../../lib/decorators/session.decorator.js';
import { MongoSessionsModule } from '../../../lib/mongo-sessions.module.js';
import { type AppOptions, PLATFORMS, type Platform, startApp } from '../../support/app.js';
import { HttpClient } from '../../support/http-client.js';

const expressSession = createRequire(import.meta.url)('express-session') as (options: object) => RequestHandler;

type Person = SessionObject<{ who?: string }>;
interface AnyRequest {
  session?: Person;
  secure?: boolean;
}
interface AnyResponse {
  status(status: number): { send(body: unknown): void };
}
type Next = (error?: unknown) => void;

class AwayStore extends MemorySessionStore {
  isAway = false;

  override find(handle: string) {
    if (!this.isAway) return super.find(handle);
    return Promise.reject(new SessionError('SESSION_STORE_UNAVAILABLE', 'mongodb://secret@host is away.'));
  }
}

/** What an app logs with an error: who has met it. Not careful, for MongoDB is never away. */
@Catch()
class WhoFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<AnyRequest>();
    // What a body parser throws is no exception of Nest.
    const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode: number }).statusCode;
    host.switchToHttp().getResponse<AnyResponse>().status(status).send({ status, who: request.session!.who });
  }
}

@Controller()
class PeopleController {
  @Get('login')
  login(@Session() session: Person, @Query('who') who: string): void {
    session.who = who;
  }

  @Get('who')
  who(@Session() session: Person) {
    return { who: session.who };
  }

  @Get('request-session')
  requestSession(@Req() { session }: { session?: { who?: string; id?: unknown } }) {
    return { who: session?.who, id: typeof session?.id };
  }

  @Post('body')
  body(@Body() body: unknown) {
    return body;
  }
}

const filters = [{ provide: APP_FILTER, useClass: WhoFilter }];
const json = { 'content-type': 'application/json' };

/** What each platform's body parsers refuse. */
const REFUSED: [what: string, status: number, body: string, headers: Record<string, string>][] = [
  ['malformed JSON', 400, '{"a":', json],
  ['a body that is too large', 413, JSON.stringify('x'.repeat(2 ** 21)), json],
  ['a charset that nobody knows', 415, '{}', { 'content-type': 'application/json; charset=klingon' }],
  ['an encoding that nobody knows', 415, '{}', { ...json, 'content-encoding': 'klingon' }],
  ['a form with too many fields', 413, 'a&'.repeat(2000), { 'content-type': 'application/x-www-form-urlencoded' }],
];
const refusedOn = (platform: Platform) =>
  platform === 'express'
    ? REFUSED
    : [...REFUSED.slice(0, 2), ['a type that nobody knows', 415, 'x', { 'content-type': 'a/b' }] as const];

describe.each(PLATFORMS)('B2: mountEarly() on %s', (platform) => {
  const start = (options: Partial<AppOptions> = {}) =>
    startApp({
      platform,
      controllers: [PeopleController],
      sessions: { store: new MemorySessionStore() },
      ...options,
    });

  /** Somebody who is known to the app. */
  async function ann(options: Partial<AppOptions>) {
    const app = await start(options);
    const browser = app.client();
    await browser.get('/login?who=ann');
    return { app, browser };
  }

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
    const { browser } = await ann({ ...options(), configure });
    expect((await browser.get('/who')).body).toBe('{"who":"ann"}');
    expect(seen).toEqual(['object', 'ann']);
  });

  test('opens the session for middleware of a testing module, before the app starts', async () => {
    const { seen, configure } = watcher();
    const module = await Test.createTestingModule({
      imports: [MongoSessionsModule.forRoot({ store: new MemorySessionStore() })],
      controllers: [PeopleController],
      providers: filters,
    }).compile();
    const app = module.createNestApplication(platform === 'express' ? new ExpressAdapter() : new FastifyAdapter());
    onTestFinished(() => app.close());
    configure(app);
    await app.listen(0, '127.0.0.1');
    const browser = new HttpClient((await app.getUrl()).replace('localhost', '127.0.0.1'));
    onTestFinished(() => browser.close());
    await browser.get('/login?who=ann');
    const refused = await browser.request('/body', { method: 'POST', headers: json, body: '{"a":' });
    expect([refused.status, JSON.parse(refused.body)]).toEqual([400, { status: 400, who: 'ann' }]);
    expect(seen.slice(0, 2)).toEqual(['object', 'ann']);
  });

  describe.each([
    ['the default registration', {}],
    ['the only registration, with a name', { name: 'admin' }],
  ])('with %s', (_which, registration) => {
    test.each(refusedOn(platform))(
      'an exception filter has the session for %s (%i)',
      async (_, status, body, headers) => {
        const sessions = { ...registration, store: new MemorySessionStore() };
        const { browser } = await ann({ sessions, providers: filters });
        const reply = await browser.request('/body', { method: 'POST', headers, body });
        expect([reply.status, JSON.parse(reply.body)]).toEqual([status, { status, who: 'ann' }]);
      },
    );
  });

  test.each([
    ['malformed JSON', { method: 'POST', headers: json, body: '{"a":' }, '/body'],
    ['a route that is not there', {}, '/nowhere'],
    ['a handler that asks for the session', {}, '/who'],
  ])('an exception filter that fails with the session itself ends in our 503, after %s', async (_, options, path) => {
    const store = new AwayStore();
    const { browser } = await ann({ sessions: { store }, providers: filters });
    store.isAway = true;
    const { status, body, cookies } = await browser.request(path, options);
    expect([status, cookies]).toEqual([503, []]);
    // Fastify's own last handler adds its `error`.
    expect(JSON.parse(body)).toEqual({
      ...{ statusCode: 503, message: 'Service Unavailable', code: 'SESSION_STORE_UNAVAILABLE' },
      ...(platform === 'fastify' && { error: 'Service Unavailable' }),
    });
    store.isAway = false;
    expect((await browser.get('/who')).body).toBe('{"who":"ann"}');
  });

  test('trusts a proxy as main.ts says, though that comes later', async () => {
    const { app } = await ann({
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
    const { browser } = await ann({ sessions: { store }, ...watcher() });
    await browser.get('/who');
    expect(finds).toBe(1);
  });
});

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

  test('responds to an error of ours that an error handler throws without its stack, and logs it', async () => {
    @Catch()
    class ReplacingFilter implements ExceptionFilter {
      catch(_error: unknown, host: ArgumentsHost): void {
        host.switchToHttp().getRequest<{ session: unknown }>().session = {};
      }
    }
    const app = await startApp({
      platform: 'express',
      sessions: { store: new MemorySessionStore() },
      providers: [{ provide: APP_FILTER, useClass: ReplacingFilter }],
    });
    const reply = await app.client().get('/nowhere');
    expect([reply.status, reply.body]).toEqual([500, '{"statusCode":500,"message":"Internal Server Error"}']);
    expect(app.log.lines).toEqual([expect.stringMatching(/^An error handler failed: request\.session can not/)]);
  });

  test("leaves everybody else's errors to Express", async () => {
    @Catch()
    class FailingFilter implements ExceptionFilter {
      catch(): void {
        throw Object.assign(new Error('theirs'), { status: 418 });
      }
    }
    const app = await startApp({
      platform: 'express',
      sessions: { store: new MemorySessionStore() },
      providers: [{ provide: APP_FILTER, useClass: FailingFilter }],
    });
    const reply = await app.client().get('/nowhere');
    expect([reply.status, reply.headers['content-type']]).toEqual([418, 'text/html; charset=utf-8']);
  });

  test('serves an Express app that Nest is given and that another server runs, without listen()', async () => {
    const server = express();
    const module = await Test.createTestingModule({
      imports: [MongoSessionsModule.forRoot({ store: new MemorySessionStore() })],
      controllers: [PeopleController],
    }).compile();
    const nest = await module.createNestApplication(new ExpressAdapter(server)).init();
    onTestFinished(() => nest.close());
    const listening = server.listen(0, '127.0.0.1');
    onTestFinished(() => void listening.close());
    await new Promise((resolve) => listening.once('listening', resolve));
    const browser = new HttpClient(`http://127.0.0.1:${(listening.address() as { port: number }).port}`);
    onTestFinished(() => browser.close());
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
