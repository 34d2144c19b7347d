// Several registrations, namespaces and transports on one connection; guards of ours; https.
import { type CanActivate, UseGuards } from '@nestjs/common';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, MongoSessions, MongoSessionsModule, ReadonlySession } from '../../../lib/index.js';
import { RequireSession, Session, getSessionsToken } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/app.js';
import { COMBINATIONS, StageGateway, startSockets } from '../../support/sockets.js';
import type { AnySession } from '../../support/world.js';

@WebSocketGateway()
class TwoGateway extends StageGateway {
  @SubscribeMessage('both')
  both(@Session() session: unknown, @Session({ name: 'admin' }) admin: unknown) {
    return { event: 'both', data: [session, admin].map((each) => (each as AnySession).userId ?? null) };
  }

  @SubscribeMessage('unknown')
  unknown(@Session({ name: 'nobody' }) _session: unknown) {}
}

@WebSocketGateway()
class GuardedGateway extends StageGateway {
  @RequireSession({ user: true })
  @SubscribeMessage('user')
  user(@Session() session: unknown) {
    return { event: 'user', data: (session as AnySession).userId };
  }

  @ReadonlySession()
  @SubscribeMessage('look')
  async look(@Session() session: unknown) {
    await (session as AnySession).increment('looks');
  }
}

/** As one that asks a database. */
const slow: CanActivate = {
  async canActivate() {
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  },
};

@WebSocketGateway()
@UseGuards(slow)
@RequireSession()
class SlowGateway extends StageGateway {
  @ReadonlySession()
  @SubscribeMessage('look')
  look(@Session() session: unknown) {
    return { event: 'look', data: (session as AnySession).userId };
  }
}

@WebSocketGateway({ namespace: 'news' })
class NewsGateway {
  constructor(private readonly sessions: MongoSessions) {}

  @SubscribeMessage('who')
  async who(@ConnectedSocket() client: object) {
    return { event: 'who', data: (await this.sessions.from(client)).userId ?? null };
  }
}

describe.each(COMBINATIONS)('on %s with %s', (platform, library) => {
  test('two registrations have a session each, and the end of either closes the socket', async () => {
    const admin = { name: 'admin', store: new MemorySessionStore() };
    const two = await startSockets(platform, library, {
      gateways: [TwoGateway],
      app: { imports: [MongoSessionsModule.forRoot(admin)] },
    });
    const browser = await two.http.browserOf('ada');
    await two.http.visit(browser, async ({ request }) => {
      const session = await two.http.app.nest.get<MongoSessions>(getSessionsToken('admin')).from(request);
      await session.login('root');
    });
    const socket = await two.connect(browser);
    expect(await socket.ask('both', {}, 'both')).toEqual(['ada', 'root']);
    await expect(socket.ask('unknown', {}, 'both')).rejects.toMatchObject({ answer: { status: 'error' } });
    expect(two.http.app.log.lines.join()).toContain("no session of the name 'nobody'");
    await two.http.visit(browser, async ({ request }) => {
      const session = await two.http.app.nest.get<MongoSessions>(getSessionsToken('admin')).from(request);
      await session.logout();
    });
    await socket.closed;
    expect(await two.http.userOf(browser)).toBe('ada');
  });

  test('@RequireSession() tells the code and the reason', async () => {
    const world = await startSockets(platform, library, { gateways: [GuardedGateway] });
    const socket = await world.connect(await world.http.browserWith({ a: 1 }));
    const answer = { status: 'error', code: 'SESSION_REQUIRED', reason: 'anonymous' };
    await expect(socket.ask('user', {}, 'user')).rejects.toMatchObject({ answer });
    const member = await world.connect(await world.http.browserOf('ada'));
    expect(await member.ask('user', {}, 'user')).toBe('ada');
  });

  // The client chooses what it sends.
  test.each([
    ['an object', {}],
    ['a text', 'a'],
    ['nothing', undefined],
  ])('@ReadonlySession() is no use of the session, and refuses to write, for %s', async (_what, data) => {
    const world = await startSockets(platform, library, { gateways: [GuardedGateway] });
    const socket = await world.connect(await world.http.browserOf('ada'));
    await socket.act(() => undefined);
    world.http.clock.advance(10 * 60_000);
    world.http.store.takeCalls();
    await expect(socket.ask('look', data, 'look')).rejects.toMatchObject({ answer: { status: 'error' } });
    expect(world.http.app.log.lines.join()).toContain('this session can only be read');
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.http.store.takeCalls()).toEqual(['find']);
  });

  test('@ReadonlySession() behind guards that take their time is no use of the session', async () => {
    const world = await startSockets(platform, library, { gateways: [SlowGateway] });
    const socket = await world.connect(await world.http.browserOf('ada'));
    await socket.act(() => undefined);
    world.http.clock.advance(10 * 60_000);
    world.http.store.takeCalls();
    expect(await socket.ask('look', {}, 'look')).toBe('ada');
    expect(world.http.store.takeCalls()).toEqual(['find']);
  });

  test('https has the session of the cookie for https', async () => {
    const world = await startSockets(platform, library, { app: { tls: true } });
    const browser = await world.http.browserOf('ada');
    expect([...browser.jar.keys()]).toEqual(['__Host-id']);
    const socket = await world.connect(browser, { origin: world.http.app.origin });
    expect(await socket.act((session) => session.userId)).toBe('ada');
  });
});

describe.each(PLATFORMS)('socket.io on %s', (platform) => {
  test.each([[['polling']], [['polling', 'websocket']]] as const)('by %s has the session', async (transports) => {
    const world = await startSockets(platform, 'socket.io');
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser, { transports: [...transports] });
    expect(await socket.act((session) => session.userId)).toBe('ada');
    await world.http.visit(browser, ({ session }) => session.logout());
    expect(await socket.closed).toMatchObject({ reason: 'io server disconnect' });
  });

  test('has the session in a namespace, which the end of the session closes too', async () => {
    const world = await startSockets(platform, 'socket.io', { gateways: [StageGateway, NewsGateway] });
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser, { namespace: '/news' });
    expect(await socket.ask('who', {}, 'who')).toBe('ada');
    await world.http.visit(browser, ({ session }) => session.logout());
    expect(await socket.closed).toMatchObject({ reason: 'io server disconnect' });
  });
});
