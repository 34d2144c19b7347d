// Access logs and the like look at request.session when the response has left, or the client has: that never throws.
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { Controller, Get, type INestApplication, Post, Req, Res, Session as NestSession } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { MemorySessionStore, Session, type SessionObject } from '../../../lib/index.js';
import { type AnyResponse, type AppOptions, ObservedStore, PLATFORMS, startApp, takeRaw } from '../../support/http.js';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';

/** MongoDB as it is while it is away, which `test/http/module/mongodb-away.test.ts` shows with a real one. */
const awayStore = () => {
  const store = new ObservedStore();
  store.fail('find');
  return store;
};

type Looked = { session?: { userId?: unknown } };
type Look = { at: string; saw: unknown };

let looks: Look[] = [];
let uncaught: unknown[] = [];
beforeEach(() => {
  looks = [];
  uncaught = [];
  const seen = (error: unknown) => void uncaught.push(error);
  process.on('uncaughtException', seen);
  onTestFinished(() => void process.off('uncaughtException', seen));
});

/** What a listener sees; a getter that throws is told apart from one that gives undefined. */
function look(at: string, request: Looked): void {
  try {
    looks.push({ at, saw: request.session === undefined ? 'undefined' : 'a session' });
  } catch (error) {
    looks.push({ at, saw: error });
  }
}

/** As morgan does it: behind the finished response, in main.ts. Nothing is caught here, as there. */
function accessLog(app: INestApplication): void {
  app.use((request: Looked, response: NodeJS.WritableStream, next: () => void) => {
    response.on('finish', () => look('finish', request));
    response.on('close', () => look('close', request));
    next();
  });
}

/** As loggers of Fastify do it. */
function fastifyLog(app: INestApplication): void {
  const fastify = (app as NestFastifyApplication).getHttpAdapter().getInstance();
  fastify.addHook('onResponse', async (request) => look('onResponse', request as unknown as Looked));
  fastify.addHook('onRequestAbort', async (request) => look('onRequestAbort', request as unknown as Looked));
}

let waiting: (() => void)[] = [];

@Controller()
class LateController {
  @Get(['plain', 'assets/plain']) plain() {
    return 'plain';
  }

  @Get(['asks', 'assets/asks']) asks(@Session() session: SessionObject) {
    return { ...session };
  }

  @Get(['looks', 'assets/looks']) looks(@Req() request: Looked, @NestSession() session: unknown) {
    return { is: typeof request.session, nests: typeof session };
  }

  /** Answers by itself, then looks, as handlers do that log. */
  @Get('then-looks') thenLooks(@Req() request: Looked, @Res() response: AnyResponse) {
    takeRaw(response).end('plain');
    look('after end()', request);
  }

  @Post('hangs') hangs() {
    waiting.shift()!();
    return new Promise(() => {});
  }
}

describe.each(PLATFORMS)('B1: request.session on %s', (platform) => {
  const start = (sessions: AppOptions['sessions']) =>
    startApp({
      platform,
      sessions: sessions!,
      controllers: [LateController],
      configure(app) {
        accessLog(app);
        if (platform === 'fastify') fastifyLog(app);
      },
    });
  const expectUndefined = (...places: string[]) => {
    const hooks = platform === 'fastify' ? places : places.filter((at) => !at.startsWith('on'));
    return vi.waitFor(() => {
      expect(looks.toSorted((a, b) => a.at.localeCompare(b.at))).toEqual(
        hooks.toSorted((a, b) => a.localeCompare(b)).map((at) => ({ at, saw: 'undefined' })),
      );
      expect(uncaught).toEqual([]);
    });
  };
  const token = () => `id=${formatToken(createToken(Date.now()))}`;
  const tooLong = () => `x=${'y'.repeat(10_000)}`;

  describe.each([
    ['the store is away', 503, token, () => [{ store: awayStore() }]],
    [
      'the Cookie header is over the limit',
      431,
      tooLong,
      () => [{ store: new MemorySessionStore(), maxCookieHeader: 4_096 }],
    ],
    [
      'one of two stores is away',
      503,
      token,
      () => [{ store: awayStore() }, { store: new MemorySessionStore(), name: 'admin' }],
    ],
  ])('when %s', (_when, status, cookieOf, sessions) => {
    test('is undefined after the response, for every kind of access log', async () => {
      const app = await start(sessions());
      const reply = await app.client().get('/plain', { headers: { cookie: cookieOf() } });
      expect([reply.status, reply.body]).toEqual([200, 'plain']);
      await expectUndefined('finish', 'close', 'onResponse');
    });

    test('is undefined in the handler once it has responded', async () => {
      const app = await start(sessions());
      await app.client().get('/then-looks', { headers: { cookie: cookieOf() } });
      await vi.waitFor(() => expect(looks[0]).toEqual({ at: 'after end()', saw: 'undefined' }));
    });

    test(`still fails with ${status} before the headers`, async () => {
      const app = await start(sessions());
      for (const path of ['/asks', '/looks']) {
        looks = [];
        const reply = await app.client().get(path, { headers: { cookie: cookieOf() } });
        expect([reply.status, reply.cookies]).toEqual([status, []]);
        await expectUndefined('finish', 'close', 'onResponse');
      }
    });

    test('is undefined when the client has hung up before the headers', async () => {
      const app = await start(sessions());
      const arrived = new Promise<void>((resolve) => (waiting = [resolve]));
      const socket = connect(Number(new URL(app.origin).port), '127.0.0.1');
      socket.write(`POST /hangs HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nCookie: ${cookieOf()}\r\n\r\n`);
      await arrived;
      socket.destroy();
      await once(socket, 'close');
      await expectUndefined('close', 'onRequestAbort');
    });
  });

  describe('on an excluded path', () => {
    let excluded: () => Promise<Awaited<ReturnType<typeof start>>>;
    beforeAll(() => {
      excluded = () => start({ store: new MemorySessionStore(), exclude: ['/assets/*', /^\/never$/] });
    });

    test('is undefined before and after the headers, with one warning that names the pattern', async () => {
      const app = await excluded();
      for (const path of ['/assets/plain', '/assets/looks', '/assets/looks']) {
        looks = [];
        const reply = await app.client().get(path, { headers: { cookie: token() } });
        expect(reply.status).toBe(200);
        if (path.endsWith('looks')) expect(JSON.parse(reply.body)).toEqual({ is: 'undefined', nests: 'undefined' });
        await expectUndefined('finish', 'close', 'onResponse');
      }
      expect(app.log.lines).toEqual([
        expect.stringMatching(/^request\.session is undefined\. .*`exclude` has '\/assets\/\*'/),
      ]);
    });

    test('is an error that names the pattern for @Session()', async () => {
      const app = await excluded();
      expect((await app.client().get('/assets/asks')).status).toBe(500);
      await expectUndefined('finish', 'close', 'onResponse');
      expect(app.log.lines.join('\n')).toMatch(/SessionError: The option `exclude` has '\/assets\/\*'/);
    });
  });
});

describe('B1: request.session on fastify over HTTP/2, when the store is away,', () => {
  test('is undefined after the response, and when the client has hung up before it', async () => {
    const app = await startApp({
      platform: 'fastify',
      sessions: { store: awayStore() },
      controllers: [LateController],
      fastify: { http2: true } as AppOptions['fastify'],
      configure: accessLog,
    });
    const client = connectHttp2(app.origin);
    onTestFinished(() => client.destroy());
    const cookie = `id=${formatToken(createToken(Date.now()))}`;
    await once(client.request({ ':path': '/plain', cookie }).resume(), 'close');
    await vi.waitFor(() => expect(looks.map(({ saw }) => saw)).toEqual(['undefined', 'undefined']));

    looks = [];
    const arrived = new Promise<void>((resolve) => (waiting = [resolve]));
    const request = client.request({ ':path': '/hangs', ':method': 'POST', cookie });
    request.on('error', () => {}).end();
    await arrived;
    request.close(8);

    await vi.waitFor(() => expect(looks.map(({ saw }) => saw)).toContain('undefined'));
    expect(looks.filter(({ saw }) => saw !== 'undefined')).toEqual([]);
    expect(uncaught).toEqual([]);
  });
});
