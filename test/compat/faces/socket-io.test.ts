// `io.engine.use(sessions.middleware)` and passport behind it: a gateway sees the face of the handshake's session.
import { Controller, Get, Req } from '@nestjs/common';
import {
  ConnectedSocket,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import passport from 'passport';
import { expect, test } from 'vitest';
import { MongoSessions } from '../../../lib/index.js';
import type { ExpressSession } from '../../../lib/moving-in/index.js';
import { startSockets } from '../../support/sockets.js';

const authenticator = new passport.Passport();
authenticator.deserializeUser((name: string, done) => done(null, { name }));

interface Handshake {
  readonly session: ExpressSession<Record<string, unknown>>;
  readonly sessionID: string;
  readonly user?: { readonly name: string };
}

function nameOf(write: () => unknown): unknown {
  try {
    write();
  } catch (error) {
    const { code, name } = error as { code?: string; name: string };
    return code ?? name;
  }
  return 'done';
}

@WebSocketGateway()
class FacedGateway implements OnGatewayInit {
  @WebSocketServer() server!: unknown;
  constructor(private readonly sessions: MongoSessions) {}

  afterInit(server: { engine: { use(middleware: unknown): void } }) {
    server.engine.use(this.sessions.middleware);
    server.engine.use(authenticator.session());
  }

  @SubscribeMessage('who')
  async who(@ConnectedSocket() { request }: { request: Handshake }) {
    const { session, sessionID, user } = request;
    const refused = await session.save().catch((error: { code: string }) => error.code);
    const failures = [
      () => (session['cart'] = []),
      () => (session.cookie.maxAge = 5000),
      () => (session.cookie.maxAge = 0),
      () => ((request as { session: unknown }).session = null),
    ].map((write) => nameOf(write));
    const data = [user?.name, session['passport'], session.id === sessionID, refused, failures];
    return { event: 'who', data };
  }
}

@Controller()
class LoginController {
  @Get('login') login(@Req() { session }: { session: Record<string, unknown> }): void {
    session['passport'] = { user: 'ann' };
  }
}

test.each(['express', 'fastify'] as const)(
  'socket.io on %s has the face of the handshake, which can only be read',
  async (platform) => {
    const sessions = { requestSession: { as: 'express-session', unset: 'destroy' } as const };
    const world = await startSockets(platform, 'socket.io', {
      sessions,
      gateways: [FacedGateway],
      app: { controllers: [LoginController] },
    });
    const browser = world.http.client();
    await browser.get('/login');
    const socket = await world.connect(browser);
    const failures = ['TypeError', 'SESSION_READ_ONLY', 'SESSION_READ_ONLY', 'SESSION_READ_ONLY'];
    const answer = await socket.ask('who', {}, 'who');
    expect(answer).toEqual(['ann', { user: 'ann' }, true, 'SESSION_READ_ONLY', failures]);
  },
);
