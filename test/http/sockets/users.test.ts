// MongoSessions.of(session) in a gateway: its errors are those of the session, which the client is told.
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import {
  type MemorySessionStore,
  MongoSessions,
  type OwnSessions,
  ReadonlySession,
  Session,
  SessionError,
  type SessionObject,
} from '../../../lib/index.js';
import { COMBINATIONS, StageGateway, startSockets } from '../../support/sockets.js';

@WebSocketGateway()
class ReadonlyGateway {
  constructor(private readonly sessions: MongoSessions) {}

  @ReadonlySession()
  @SubscribeMessage('revokeAll')
  async revokeAll(@Session() session: SessionObject) {
    await this.sessions.of(session).revokeAll();
  }
}

describe.each(COMBINATIONS)('MongoSessions.of(session) in a gateway on %s with %s', (platform, library) => {
  test('tells the client SESSION_ANONYMOUS of a session that is nobody’s', async () => {
    const world = await startSockets(platform, library);
    const sessions = world.http.app.nest.get(MongoSessions);
    const socket = await world.connect(await world.http.browserWith());
    const answer = { status: 'error', code: 'SESSION_ANONYMOUS' };
    await expect(socket.act((session) => sessions.of(session).list())).rejects.toMatchObject({ answer });
    expect(world.http.app.log.lines).toEqual([]);
  });

  test.each<[string, keyof MemorySessionStore, (own: OwnSessions, handle: string) => Promise<unknown>]>([
    ['list()', 'findByUser', (own) => own.list()],
    ['revoke()', 'take', (own, handle) => own.revoke(handle)],
    ['revokeOthers()', 'handlesOf', (own) => own.revokeOthers()],
    ['revokeAll()', 'handlesOf', (own) => own.revokeAll()],
    ['label()', 'describe', (own, handle) => own.label(handle, 'phone')],
  ])('tells the client SESSION_STORE_UNAVAILABLE of a %s without the store', async (_operation, method, act) => {
    const world = await startSockets(platform, library, { sessions: { devices: true } });
    const sessions = world.http.app.nest.get(MongoSessions);
    await world.http.browserOf('ada');
    const [listed] = await sessions.of('ada').list();
    const socket = await world.connect(await world.http.browserOf('ada'));
    const answer = { status: 'error', code: 'SESSION_STORE_UNAVAILABLE' };
    const refused = socket.act((session) => {
      const away = () => Promise.reject(new SessionError('SESSION_STORE_UNAVAILABLE', 'Away.'));
      Object.assign(world.http.store.memory, { [method]: away });
      return act(sessions.of(session), listed!.handle);
    });
    await expect(refused).rejects.toMatchObject({ answer });
  });

  test('tells only the log what is wrong in the program', async () => {
    const world = await startSockets(platform, library, { gateways: [StageGateway, ReadonlyGateway] });
    const socket = await world.connect(await world.http.browserOf('ada'));
    const answer = { status: 'error', message: 'Internal server error' };
    await expect(socket.ask('revokeAll', {}, 'never')).rejects.toMatchObject({ answer });
    expect(world.http.app.log.lines.join()).toContain('session.logout() would write');
  });
});
