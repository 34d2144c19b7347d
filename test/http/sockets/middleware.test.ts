// `MongoSessions.middleware` in a socket library: the session of the handshake, only to read.
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import {
  WebSocketGateway,
  type OnGatewayInit,
  WebSocketServer,
  SubscribeMessage,
  ConnectedSocket,
} from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import { WebSocketServer as WsServer } from 'ws';
import { MongoSessions } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/app.js';
import { startSockets } from '../../support/sockets.js';
import { type AnySession, HOUR } from '../../support/world.js';

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
