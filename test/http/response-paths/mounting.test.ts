// Where the sessions are: several of them, excluded paths, middleware of main.ts, apps side by side, https, and the end.
import { Controller, Get, type INestApplication, Query, Req, Sse } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { NEVER } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  MemorySessionStore,
  MongoSessions,
  Session,
  type SessionObject,
  type SessionOptions,
} from '../../../lib/index.js';
import { type AppOptions, type HttpClient, PLATFORMS, startApp } from '../../support/http.js';
import { sessionOf } from '../../../lib/http/request-sessions.js';
import { MarkController, type Marked, put } from './mark.controller.js';
import { promisesOf, servePlainly } from './raw-server.js';

type MarkedSession = SessionObject<Marked>;

interface AnyRequest {
  session?: MarkedSession;
  raw?: { session?: MarkedSession };
}

@Controller()
class MountedController {
  @Get('put')
  put(@Session() session: MarkedSession, @Query('mark') mark: string) {
    put(session, mark);
  }

  @Get('put-admin')
  putAdmin(@Session({ name: 'admin' }) session: MarkedSession, @Query('mark') mark: string) {
    put(session, mark);
  }

  @Get('admin')
  admin(@Session<Marked>({ name: 'admin', key: 'mark' }) mark: string) {
    return { mark };
  }

  @Get('same')
  same(@Req() request: AnyRequest, @Session() session: MarkedSession) {
    return [
      request.session,
      (request.raw ?? request).session,
      sessionOf(request),
      sessionOf(request.raw ?? request),
    ].map((each) => each === session);
  }

  @Get('replace')
  replace(@Req() request: AnyRequest) {
    request.session = { mark: 'replaced' } as MarkedSession;
  }

  @Sse('events')
  events() {
    return NEVER;
  }
}

const json = async (client: HttpClient, path: string): Promise<unknown> => JSON.parse((await client.get(path)).body);

describe.each(PLATFORMS)('%s', (platform) => {
  const start = (sessions: Partial<SessionOptions> | SessionOptions[], options: Partial<AppOptions> = {}) => {
    const registrations = [sessions].flat().map((each) => ({ store: new MemorySessionStore(), ...each }));
    return startApp({
      platform,
      controllers: [MarkController, MountedController],
      ...options,
      sessions: registrations,
    });
  };

  it('has one session, wherever a request is looked at', async () => {
    const app = await start({});
    expect(await json(app.client(), '/same')).toEqual([true, true, true, true]);
  });

  it('refuses another session in its place', async () => {
    const app = await start({});
    expect((await app.client().get('/replace')).status).toBe(500);
    expect(app.log.lines).toEqual([expect.stringContaining('Change its keys, or end it')]);
  });

  it('keeps several sessions apart', async () => {
    const app = await start([{}, { name: 'admin' }]);
    const browser = app.client();
    await browser.get('/put?mark=user');
    await browser.get('/put-admin?mark=admin');
    expect([...browser.jar.keys()]).toEqual(['id', 'admin']);
    expect(await json(browser, '/mark')).toEqual({ mark: 'user' });
    expect(await json(browser, '/admin')).toEqual({ mark: 'admin' });
  });

  it('takes a session that is the only one for the default', async () => {
    const app = await start({ name: 'admin' });
    const browser = app.client();
    await browser.get('/put?mark=admin');
    expect(await json(browser, '/admin')).toEqual({ mark: 'admin' });
  });

  it.each([
    ['the name', [{}, { cookie: { name: 'other' } }], /have the name 'default'/],
    ['the cookie', [{}, { name: 'other', cookie: { name: 'id' } }], /both have the cookie 'id'/],
  ])('does not start two registrations that share %s', async (_what, registrations, message) => {
    await expect(start(registrations)).rejects.toThrow(message);
  });

  it('reads a request once, with middleware of main.ts that needs the session', async () => {
    const store = new MemorySessionStore();
    const seen: unknown[] = [];
    const configure = (app: INestApplication) => {
      app.use(app.get(MongoSessions).middleware);
      app.use((request: AnyRequest, _response: unknown, next: () => void) => {
        seen.push(request.session?.mark);
        next();
      });
    };
    const app = await start({ store }, { configure });
    const browser = app.client();
    await browser.get('/put?mark=early');
    const find = vi.spyOn(store, 'find');
    expect(await json(browser, '/mark')).toEqual({ mark: 'early' });
    expect(seen).toEqual([undefined, 'early']);
    expect(find).toHaveBeenCalledOnce();
  });

  it('passes a request without a cookie at once, without a promise', async () => {
    const app = await start({});
    const { middleware } = app.nest.get(MongoSessions);
    const next = vi.fn();
    let promises = -1;
    const client = await servePlainly((response) => {
      promises = promisesOf(() => {
        middleware(response.req, response, next);
        expect(next).toHaveBeenCalledOnce();
        // Looked at, and not changed.
        void sessionOf(response.req);
        response.end('clean');
      });
    });
    expect((await client.get('/')).body).toBe('clean');
    expect(promises).toBe(0);
  });

  const takeSession = (request: AnyRequest, _response: unknown, next: () => void) => {
    Object.assign(request, { session: {} });
    next();
  };

  it('fails a request whose session another library has taken', async () => {
    const app = await start({}, { beforeNest: (adapter) => void adapter.use(takeSession) });
    expect((await app.client().get('/mark')).status).toBe(500);
    expect(app.log.lines).toContainEqual(expect.stringContaining('taken by another session library'));
  });

  it('fails a request whose session another library of main.ts wants to take', async () => {
    const app = await start({}, { configure: (nest) => void nest.use(takeSession) });
    expect((await app.client().get('/mark')).status).toBe(500);
    expect(app.log.lines).toContainEqual(expect.stringMatching(/can not be replaced.*if another session library/));
  });

  it('keeps apps apart', async () => {
    const [one, other] = [await start({}), await start({})];
    const browser = one.client();
    await browser.get('/put?mark=one');
    const stranger = other.client();
    for (const [name, value] of browser.jar) stranger.jar.set(name, value);
    expect(await json(stranger, '/mark')).toEqual({});
    expect(await json(browser, '/mark')).toEqual({ mark: 'one' });
  });

  it('sets a cookie for https where a trusted proxy says so', async () => {
    const trust = (app: INestApplication) => {
      if (platform === 'express') (app as NestExpressApplication).set('trust proxy', 'loopback');
    };
    const app = await start({}, { configure: trust, fastify: { trustProxy: 'loopback' } });
    const headers = { 'x-forwarded-proto': 'https' };
    const { cookies } = await app.client().get('/put?mark=1', { headers });
    expect(cookies).toEqual([expect.stringMatching(/^__Host-id=.*; Secure/)]);
    const distrustful = await start({});
    const { cookies: plain } = await distrustful.client().get('/put?mark=1', { headers });
    expect(plain).toEqual([expect.stringMatching(/^id=(?!.*Secure)/)]);
  });

  it('leaves nothing open and nothing unhandled behind', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    // What tests before this one have left is closing.
    await vi.waitFor(() => expect(openSockets()).toEqual([]));
    const app = await start({});
    const browser = app.client();
    await browser.get('/put?mark=1');
    const response = await browser.open('/events');
    expect(openSockets().length).toBeGreaterThan(2);
    response.destroy();
    await app.close();
    await vi.waitFor(() => expect(openSockets()).toEqual([]));
    expect(unhandled).not.toHaveBeenCalled();
  });
});

function openSockets(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));
}

it('does not start beside another plugin that has request.session of Fastify', async () => {
  const decorate = (fastify: FastifyInstance) => void fastify.decorateRequest('session');
  const configure = (app: INestApplication) => decorate((app as NestFastifyApplication).getHttpAdapter().getInstance());
  const beforeNest = (adapter: AbstractHttpAdapter) => decorate(adapter.getInstance<FastifyInstance>());
  const sessions = { store: new MemorySessionStore() };
  await expect(startApp({ platform: 'fastify', sessions, beforeNest })).rejects.toThrow(
    'taken by another session library',
  );
  // One that comes later is told by Fastify.
  await expect(startApp({ platform: 'fastify', sessions, configure })).rejects.toThrow(
    "decorator 'session' has already",
  );
  // A session of another name leaves it alone.
  await startApp({ platform: 'fastify', sessions: { ...sessions, name: 'admin' }, configure });
});
