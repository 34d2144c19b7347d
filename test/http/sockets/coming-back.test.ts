// A client whose session got another token comes back by itself: its owner with the new session, a thief with nothing.
import { EventEmitter, once } from 'node:events';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { type Socket, io } from 'socket.io-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MongoSessions, Session } from '../../../lib/index.js';
import { cookieHeader } from '../../../lib/testing/session-client.js';
import { PLATFORMS } from '../../support/app.js';
import type { HttpClient } from '../../support/http-client.js';
import { type SocketWorld, startSockets } from '../../support/sockets.js';
import type { AnySession } from '../../support/world.js';

interface RoomSocket {
  readonly recovered: boolean;
  join(room: string): void;
  nsp: { emit(event: string, data: string): void; to(room: string): { emit(event: string, data: string): void } };
}

@WebSocketGateway({ connectionStateRecovery: { maxDisconnectionDuration: 60_000 } })
class RoomGateway {
  @SubscribeMessage('enter')
  enter(@Session() session: unknown, @ConnectedSocket() client: RoomSocket) {
    client.join('secret');
    return { event: 'entered', data: (session as AnySession).userId ?? null };
  }

  @SubscribeMessage('who')
  who(@Session() session: unknown, @ConnectedSocket() client: RoomSocket) {
    return { event: 'who', data: { user: (session as AnySession).userId ?? null, recovered: client.recovered } };
  }

  @SubscribeMessage('tell')
  tell(@ConnectedSocket() client: RoomSocket, @MessageBody() text: string) {
    client.nsp.to('secret').emit('secret', text);
    client.nsp.emit('all', text);
  }
}

/** A namespace that never asks for a session. */
@WebSocketGateway({ namespace: 'quiet' })
class QuietGateway {
  @SubscribeMessage('enter')
  enter(@ConnectedSocket() client: RoomSocket) {
    client.join('secret');
    client.nsp.emit('all', 'zero');
    return { event: 'entered', data: null };
  }

  @SubscribeMessage('tell')
  tell(@ConnectedSocket() client: RoomSocket, @MessageBody() text: string) {
    client.nsp.to('secret').emit('secret', text);
    client.nsp.emit('all', text);
  }
}

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

/** A client as a browser page has it: it sends the cookie of the moment, and comes back by itself. */
function page(world: SocketWorld, browser: HttpClient) {
  const headers: Record<string, string> = {};
  const takeCookie = () => void (headers['cookie'] = cookieHeader(browser.jar));
  takeCookie();
  const socket = io(world.http.app.origin, {
    ...{ extraHeaders: headers, transports: ['websocket'], forceNew: true },
    ...{ reconnectionDelay: 20, randomizationFactor: 0 },
  });
  socket.io.on('reconnect_attempt', takeCookie);
  onTestFinished(() => void socket.disconnect());
  return { ...speak(socket), quiet: () => speak(socket.io.socket('/quiet')) };
}

function speak(socket: Socket) {
  const heard: string[] = [];
  socket.onAny((event: string, text: string) => heard.push(`${event} ${text}`));
  const next = (event: string) => new Promise<unknown>((resolve) => void socket.once(event, resolve));
  const ask = (event: string, answer: string, data: unknown = {}) => {
    const answered = next(answer);
    socket.emit(event, data);
    return answered;
  };
  return { socket, heard, ask, next };
}

describe.each(PLATFORMS)('socket.io on %s', (platform) => {
  async function entered() {
    const world = await startSockets(platform, 'socket.io', { gateways: [RoomGateway, QuietGateway] });
    const browser = await world.http.browserOf('ada');
    const thief = browser.clone();
    const owners = page(world, browser);
    const thiefs = page(world, thief);
    for (const each of [owners, thiefs]) expect(await each.ask('enter', 'entered')).toBe('ada');
    // Only what was heard before can be recovered from.
    await Promise.all([thiefs.next('all'), owners.ask('tell', 'all', 'one')]);
    return { world, browser, owners, thiefs };
  }

  test('is back with the new session after a login, and with the old cookie has none and hears nothing', async () => {
    const { world, browser, owners, thiefs } = await entered();
    expect(thiefs.heard).toContain('secret one');
    const back = [owners.next('connect'), thiefs.next('connect')];
    await world.http.visit(browser, ({ session }) => session.login('ada'));
    await Promise.all(back);
    expect(await owners.ask('who', 'who')).toMatchObject({ user: 'ada' });
    expect(await thiefs.ask('who', 'who')).toMatchObject({ user: null, recovered: true });
    await owners.ask('enter', 'entered');
    const told = thiefs.next('all');
    await owners.ask('tell', 'secret', 'two');
    await told;
    expect(owners.heard).toContain('secret two');
    expect(thiefs.heard).not.toContain('secret two');
  });

  test('hears nothing of its old rooms in a namespace that has never asked for the session', async () => {
    const { world, browser, owners, thiefs } = await entered();
    const quiet = { owner: owners.quiet(), thief: thiefs.quiet() };
    await Promise.all([quiet.owner.next('connect'), quiet.thief.next('connect')]);
    const joined = quiet.thief.next('all');
    await quiet.thief.ask('enter', 'entered');
    await joined;
    const back = [quiet.owner.next('connect'), quiet.thief.next('connect')];
    await world.http.visit(browser, ({ session }) => session.login('ada'));
    await Promise.all(back);
    expect(quiet.thief.socket.recovered).toBe(true);
    await quiet.owner.ask('enter', 'entered');
    const told = quiet.thief.next('all');
    await quiet.owner.ask('tell', 'secret', 'two');
    await told;
    expect(quiet.owner.heard).toContain('secret two');
    expect(quiet.thief.heard).not.toContain('secret two');
  });

  test('is in no room that a handler has let it into between a login and the end of its transport', async () => {
    const world = await startSockets(platform, 'socket.io', { gateways: [LateGateway] });
    const browser = await world.http.browserOf('ada');
    const cookie = cookieHeader(browser.jar)!;
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

  test('does not come back after a logout', async () => {
    const { world, browser, owners } = await entered();
    const gone = owners.next('disconnect');
    await world.http.visit(browser, ({ session }) => session.logout());
    expect(await gone).toBe('io server disconnect');
    expect(owners.socket.active).toBe(false);
  });
});
