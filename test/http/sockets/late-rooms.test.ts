// Clients of socket.io that come into a room past our leaving it: by a handler that was late, or by having been away.
import { EventEmitter, once } from 'node:events';
import {
  ConnectedSocket,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import { MongoSessions, Session } from '../../../lib/index.js';
import { cookieHeader } from '../../../lib/testing/session-client.js';
import { PLATFORMS } from '../../support/app.js';
import { startSockets } from '../../support/sockets.js';
import type { AnySession } from '../../support/world.js';
import { RoomGateway, type RoomSocket, page } from './support/rooms.js';

interface DoorSocket extends RoomSocket {
  disconnect(close: boolean): void;
}

/** Lets nobody in without a user, as the documents say. */
@WebSocketGateway({ connectionStateRecovery: { maxDisconnectionDuration: 60_000 } })
class DoorGateway extends RoomGateway implements OnGatewayConnection, OnGatewayDisconnect {
  constructor(private readonly sessions: MongoSessions) {
    super();
  }

  async handleConnection(client: DoorSocket) {
    if ((await this.sessions.from(client)).userId === undefined) client.disconnect(true);
  }

  handleDisconnect(client: DoorSocket) {
    client.nsp.emit('left', '');
  }
}

/** Tells the test how far a handler is. */
const progress = new EventEmitter();

/** Lets a client into the room later than it has asked. */
@WebSocketGateway({ connectionStateRecovery: { maxDisconnectionDuration: 60_000 } })
class LateGateway extends RoomGateway {
  @SubscribeMessage('enter late')
  async enterLate(@Session() session: unknown, @ConnectedSocket() client: RoomSocket) {
    const { userId } = session as AnySession;
    const goOn = once(progress, 'go on');
    progress.emit('asked', userId);
    await goOn;
    client.join('secret');
    progress.emit('entered');
  }
}

/** A client of socket.io that polls when it is told to, byte by byte. */
class PollingClient {
  #url: string;

  constructor(
    origin: string,
    private readonly cookie: string,
  ) {
    this.#url = `${origin}/socket.io/?EIO=4&transport=polling`;
  }

  /** Resolves with what the server says first. */
  async connect(auth?: object): Promise<string> {
    const { sid } = JSON.parse((await this.poll()).slice(1)) as { sid: string };
    this.#url += `&sid=${sid}`;
    await this.post(`40${auth ? JSON.stringify(auth) : ''}`);
    return this.poll();
  }

  async poll(): Promise<string> {
    return (await this.#get()).text();
  }

  /** Until the server knows the connection no more. */
  async pollToTheEnd(): Promise<void> {
    while ((await this.#get()).ok);
  }

  #get(): Promise<Response> {
    return fetch(this.#url, { headers: { cookie: this.cookie } });
  }

  async post(body: string): Promise<void> {
    await fetch(this.#url, { method: 'POST', body, headers: { cookie: this.cookie, 'content-type': 'text/plain' } });
  }

  emit(event: string): Promise<void> {
    return this.post(`42${JSON.stringify([event, {}])}`);
  }
}

describe.each(PLATFORMS)('a client of socket.io on %s', (platform) => {
  test('is in no room that a handler has let it into between a login and the end of its transport', async () => {
    const world = await startSockets(platform, 'socket.io', { gateways: [LateGateway] });
    const browser = await world.http.browserOf('ada');
    const cookie = cookieHeader(browser.jar);
    const owner = page(world, browser);
    expect(await owner.ask('enter', 'entered')).toBe('ada');
    const thief = new PollingClient(world.http.app.origin, cookie);
    const { pid } = JSON.parse((await thief.connect()).slice(2)) as { pid: string };
    const heard = thief.poll();
    await owner.ask('tell', 'all', 'one');
    const offset = /"all","one","([^"]+)"/.exec(await heard)![1];
    const asked = once(progress, 'asked');
    await thief.emit('enter late');
    expect(await asked).toEqual(['ada']);
    // What it does not poll has to leave before its transport closes.
    await owner.ask('tell', 'all', 'two');
    const back = owner.next('connect');
    await world.http.visit(browser, ({ session }) => session.login('ada'));
    await back;
    const entered = once(progress, 'entered');
    progress.emit('go on');
    await entered;
    await thief.pollToTheEnd();
    const again = new PollingClient(world.http.app.origin, cookie);
    expect(await again.connect({ pid, offset })).toContain(`"pid":"${pid}"`);
    await owner.ask('enter', 'entered');
    await owner.ask('tell', 'all', 'three');
    expect(owner.heard).toContain('secret three');
    const told = await again.poll();
    expect(told).toContain('"all","three"');
    expect(told).not.toContain('"secret"');
  });

  test('that was away when its session ended hears what it has missed, and is sent away by handleConnection', async () => {
    const world = await startSockets(platform, 'socket.io', { gateways: [DoorGateway] });
    const ada = page(world, await world.http.browserOf('ada'));
    const eve = page(world, await world.http.browserOf('eve'));
    for (const each of [ada, eve]) await each.ask('enter', 'entered');
    await Promise.all([ada.next('all'), eve.ask('tell', 'all', 'one')]);
    const left = eve.next('left');
    ada.socket.io.reconnection(false);
    ada.socket.io.engine.close();
    await left;
    await world.http.app.nest.get(MongoSessions).of('ada').revokeAll();
    await eve.ask('tell', 'all', 'two');
    const gone = ada.next('disconnect');
    ada.socket.connect();
    expect(await gone).toBe('io server disconnect');
    await eve.ask('tell', 'all', 'three');
    expect(ada.heard.filter((text) => text.startsWith('secret'))).toEqual(['secret one', 'secret two']);
  });
});
