// A handshake on a path that `exclude` names has no session, as a request there has none.
import type { IncomingMessage } from 'node:http';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import { MongoSessions } from '../../../lib/index.js';
import { COMBINATIONS, StageGateway, startSockets } from '../../support/sockets.js';

@WebSocketGateway()
class EngineGateway {
  constructor(private readonly sessions: MongoSessions) {}

  afterInit(server: { engine: { use(middleware: unknown): void } }) {
    server.engine.use(this.sessions.middleware);
  }

  @SubscribeMessage('handshake')
  handshake(@ConnectedSocket() client: { request: IncomingMessage & { session: unknown } }) {
    return { event: 'handshake', data: client.request.session ?? null };
  }
}

const EXCLUDED = { answer: { status: 'error', code: 'SESSION_EXCLUDED' } };
const PATHS = { 'socket.io': '/socket.io/*', ws: '/' };

describe.each(COMBINATIONS)('exclude on %s with %s', (platform, library) => {
  test('leaves a handshake on its path without a session, says so, and reads nothing', async () => {
    const world = await startSockets(platform, library, { sessions: { exclude: [PATHS[library]] } });
    const browser = await world.http.browserOf('ada');
    world.http.store.takeCalls();
    const socket = await world.connect(browser);
    for (let message = 0; message < 2; message += 1)
      await expect(socket.act((session) => session.userId)).rejects.toMatchObject(EXCLUDED);
    expect(world.http.store.takeCalls()).toEqual([]);
    expect(world.http.app.log.lines.join()).toContain(`The option \`exclude\` has '${PATHS[library]}'`);
    expect(socket.isOpen).toBe(true);
  });

  test('leaves a handshake on another path its session', async () => {
    const exclude = ['/socket.io', '/ws/*', /^\/health$/];
    const world = await startSockets(platform, library, { sessions: { exclude }, gateways: [StageGateway] });
    const socket = await world.connect(await world.http.browserOf('ada'));
    expect(await socket.act((session) => session.userId)).toBe('ada');
  });
});

test('middleware of a socket library finds no session on an excluded path', async () => {
  const world = await startSockets('express', 'socket.io', {
    sessions: { exclude: [PATHS['socket.io']] },
    gateways: [EngineGateway],
  });
  const browser = await world.http.browserOf('ada');
  world.http.store.takeCalls();
  const socket = await world.connect(browser);
  expect(await socket.ask('handshake', {}, 'handshake')).toBeNull();
  expect(world.http.store.takeCalls()).toEqual([]);
});
