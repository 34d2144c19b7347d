// `MongoSessions.middleware` in a socket library: the session of the handshake, only to read.
import { once } from 'node:events';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import {
  WebSocketGateway,
  type OnGatewayInit,
  WebSocketServer,
  SubscribeMessage,
  ConnectedSocket,
} from '@nestjs/websockets';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer as WsServer } from 'ws';
import { CurrentSession, MongoSessions, type SessionOptions } from '../../../lib/index.js';
import { cookieHeader } from '../../../lib/testing/session-client.js';
import { type HttpClient, PLATFORMS, takeRaw } from '../../support/http.js';
import { startSockets } from '../../support/sockets.js';
import { type AnySession, HOUR, startWorld, type Visit } from '../../support/world.js';

type Router = (request: IncomingMessage, response: ServerResponse) => void;

interface Handshake extends IncomingMessage {
  session: AnySession;
}

interface IoServer {
  engine: { use(middleware: unknown): void };
  use(middleware: (socket: { request: Handshake }, next: (error?: unknown) => void) => void): void;
}

/** What a handler or middleware does with the session of the handshake. */
let use: (session: AnySession) => unknown = (session) => session.userId;

@WebSocketGateway()
class EngineGateway implements OnGatewayInit {
  @WebSocketServer() server!: IoServer;
  constructor(private readonly sessions: MongoSessions) {}

  afterInit(server: IoServer) {
    server.engine.use(this.sessions.middleware);
  }

  @SubscribeMessage('handshake')
  async handshake(@ConnectedSocket() client: { request: Handshake }) {
    try {
      return { event: 'handshake', data: (await use(client.request.session)) ?? null };
    } catch (error) {
      return { event: 'handshake', data: { refused: (error as { code?: string }).code ?? (error as Error).name } };
    }
  }

  @SubscribeMessage('full')
  async full(@ConnectedSocket() client: object) {
    const session = (await this.sessions.from(client)) as unknown as AnySession;
    session['theme'] = 'dark';
    await session.save();
    return { event: 'full', data: session.userId };
  }
}

@WebSocketGateway()
class UseGateway extends EngineGateway {
  override afterInit(server: IoServer) {
    const { middleware } = (this as unknown as { sessions: MongoSessions }).sessions;
    server.use((socket, next) => middleware(socket.request, {}, next));
  }
}

describe.each(PLATFORMS)('middleware on %s', (platform) => {
  describe.each([
    ['engine.use(middleware)', EngineGateway],
    ['server.use() with a response of {}', UseGateway],
  ])('in %s of socket.io', (_what, gateway) => {
    const start = () => startSockets(platform, 'socket.io', { gateways: [gateway] });

    test.each([['websocket'], ['polling']] as const)('has the session by %s', async (transport) => {
      const world = await start();
      const socket = await world.connect(await world.http.browserOf('ada'), { transports: [transport] });
      use = (session) => session.userId;
      expect(await socket.ask('handshake', {}, 'handshake')).toBe('ada');
    });

    test('can be read only, and from(client) beside it can write', async () => {
      const world = await start();
      const browser = await world.http.browserOf('ada');
      const socket = await world.connect(browser);
      use = (session) => session.logout();
      expect(await socket.ask('handshake', {}, 'handshake')).toEqual({ refused: 'SESSION_READ_ONLY' });
      use = (session) => (session['theme'] = 'light');
      expect(await socket.ask('handshake', {}, 'handshake')).toEqual({ refused: 'TypeError' });
      expect(await socket.ask('full', {}, 'full')).toBe('ada');
      expect(await world.http.dataOf(browser)).toEqual({ theme: 'dark' });
    });

    test('is no use of the session, by polling', async () => {
      const world = await start();
      const browser = await world.http.browserOf('ada');
      world.http.clock.advance(10 * 60_000);
      world.http.store.takeCalls();
      const socket = await world.connect(browser, { transports: ['polling'] });
      use = (session) => session.userId;
      await socket.ask('handshake', {}, 'handshake');
      expect(new Set(world.http.store.takeCalls())).toEqual(new Set(['find']));
    });

    test('opens nothing for a page of another origin, nor for an expired cookie', async () => {
      const world = await start();
      const browser = await world.http.browserOf('ada');
      use = (session) => session.isNew;
      const foreign = await world.connect(browser, { origin: 'http://evil.test' });
      expect(await foreign.ask('handshake', {}, 'handshake')).toBe(true);
      expect(world.http.eventTypes()).toContain('rejected: origin');
      world.http.clock.advance(HOUR);
      const late = await world.connect(browser);
      expect(await late.ask('handshake', {}, 'handshake')).toBe(true);
    });
  });

  test.each([
    ['{}', () => ({})],
    ['a ServerResponse', (request: IncomingMessage) => new ServerResponse(request)],
  ])('of a ws server has the session with %s', async (_what, responseFor) => {
    const found: unknown[] = [];
    const world = await startSockets(platform, 'ws', {
      gateways: [],
      app: {
        configure(nest) {
          const { middleware } = nest.get(MongoSessions);
          const server = new WsServer({ noServer: true });
          (nest.getHttpServer() as Server).on('upgrade', (request: Handshake, socket, head) => {
            middleware(request, responseFor(request), () => {
              found.push(request.session.userId);
              server.handleUpgrade(request, socket as never, head as Buffer, (client) => client.close(1000));
            });
          });
        },
      },
    });
    const socket = await world.connect(await world.http.browserOf('ada'));
    await socket.closed;
    expect(found).toEqual(['ada']);
  });
});

describe.each(PLATFORMS)('a handshake that %s routes like a request', (platform) => {
  /** As @fastify/websocket and express-ws do. */
  async function start(sessions: SessionOptions = {}) {
    const accept = new Map<string, (send: (client: WebSocket) => void) => void>();
    const server = new WsServer({ noServer: true });
    const world = await startWorld(platform, sessions, {
      configure(nest) {
        const instance = nest.getHttpAdapter().getInstance() as Router & { routing?: Router };
        (nest.getHttpServer() as Server).on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
          const response = new ServerResponse(request);
          if (platform === 'fastify') response.assignSocket(socket);
          accept.set(request.url!, (send) => server.handleUpgrade(request, socket, head, (client) => send(client)));
          (instance.routing ?? instance)(request, response);
        });
      },
    });
    const connect = async (browser: HttpClient, find: (visit: Visit) => unknown, headers: object = {}) => {
      const path = world.route(async (visit) => {
        takeRaw(visit.response);
        const found = await Promise.resolve(find(visit)).catch(
          ({ code, name }: { code?: string; name: string }) => code ?? name,
        );
        accept.get(path)!((client) => client.send(JSON.stringify(found ?? null)));
      }, 'raw');
      const cookie = cookieHeader(browser.jar) ?? '';
      const client = new WebSocket(world.app.origin.replace('http', 'ws') + path, { headers: { cookie, ...headers } });
      onTestFinished(() => client.terminate());
      const [message] = (await once(client, 'message')) as [Buffer];
      return JSON.parse(message.toString()) as unknown;
    };
    return { world, connect };
  }
  const isNew = ({ session }: Visit) => session.isNew;

  test('has the session, and none for a page of another site', async () => {
    const { world, connect } = await start();
    const browser = await world.browserOf('ada');
    expect(await connect(browser, ({ session }) => session.userId)).toBe('ada');
    expect(await connect(browser, isNew, { origin: world.app.origin })).toBe(false);
    expect(await connect(browser, isNew, { origin: 'https://evil.test' })).toBe(true);
    expect(world.eventTypes()).toContain('rejected: origin');
  });

  test('is no use of the session, and refuses a login, whose token could not be sent', async () => {
    const { world, connect } = await start({ idleTimeout: '1h' });
    const browser = await world.browserOf('ada');
    expect(await connect(browser, ({ session }) => session.login('eve'))).toBe('SESSION_READ_ONLY');
    expect(await connect(browser, async ({ session }) => (session['a'] = 1))).toBe('TypeError');
    world.clock.advance(HOUR / 2);
    await connect(browser, isNew);
    world.clock.advance(HOUR / 2);
    expect(await world.userOf(browser)).toBeNull();
  });

  test('that could not be read fails its handler, and reads as undefined once its connection has closed', async () => {
    const { world, connect } = await start();
    const browser = await world.browserOf('ada');
    world.store.fail('find');
    let kept: Visit | undefined;
    expect(await connect(browser, async (visit) => (kept = visit).session)).toBe('SESSION_STORE_UNAVAILABLE');
    world.store.fail();
    expect(() => kept!.session).toThrow();
    const { raw = kept!.request } = kept!.request as { raw?: object };
    (raw as IncomingMessage).socket.destroy();
    expect(kept!.session).toBeUndefined();
  });

  test("is not read before somebody asks, with read: 'on-demand'", async () => {
    const { world, connect } = await start({ read: 'on-demand' });
    const browser = world.client();
    const sessions = world.app.nest.get(MongoSessions);
    await world.visit(browser, async ({ request }) => (await sessions.from(request)).login('ada'));
    world.store.takeCalls();
    expect(await connect(browser, async ({ session }) => session.userId)).toBe('SESSION_NOT_LOADED');
    expect(world.store.takeCalls()).toEqual([]);
    expect(await connect(browser, async ({ request }) => (await sessions.from(request)).userId)).toBe('ada');
  });

  test('is outside of any request for CurrentSession', async () => {
    const { world, connect } = await start({ ambient: true });
    const browser = await world.browserOf('ada');
    const current = world.app.nest.get(CurrentSession);
    expect(await connect(browser, async () => current.session.userId)).toBe('SESSION_NO_CONTEXT');
  });
});

test.each(PLATFORMS)('a request on %s that only says it wants an upgrade has its session as ever', async (platform) => {
  const world = await startWorld(platform);
  const browser = await world.browserOf('ada');
  const headers = { connection: 'upgrade', upgrade: 'websocket' };
  await world.visit(browser, ({ session }) => void (session['a'] = 1), { headers });
  expect(await world.dataOf(browser)).toEqual({ a: 1 });
});
