// Messages and handshakes that meet the end of their session, in every order that matters.
import { EventEmitter } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { UserDirectory, orderOf } from '../../../lib/core/users/user-directory.js';
import { connectionOf } from '../../../lib/sockets/socket-connection.js';
import { SocketSessions } from '../../../lib/sockets/socket-sessions.js';
import { addPorts } from '../../support/core/observed-store.js';
import { anotherProcess } from '../../support/core/processes.js';
import { type AnySession, type Browser, HOUR, MINUTE, World } from '../../support/core/world.js';

/** A socket of ws as a server has it, without a network. */
class ServerSocket extends EventEmitter {
  readyState = 1;
  readonly protocol = '';
  readonly closedWith: number[] = [];

  close(code: number): void {
    this.closedWith.push(code);
    this.readyState = 3;
    this.emit('close');
  }

  terminate(): void {}
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function turns(): Promise<void> {
  for (let count = 0; count < 10; count += 1) await turn();
}

class SocketRace {
  readonly world = new World({ renewAfter: '1m' }, addPorts);
  readonly elsewhere = anotherProcess(this.world, { renewAfter: '1m' }, addPorts);
  readonly sessions = new SocketSessions(this.world.registration, (request) => ({
    headers: request.headers,
    secure: true,
    remoteAddress: undefined,
    host: 'shop.test',
  }));
  browser!: Browser;

  static async of(data: object): Promise<SocketRace> {
    const race = new SocketRace();
    race.browser = await race.world.browserWith(data);
    return race;
  }

  connect() {
    const socket = new ServerSocket();
    const request = new IncomingMessage(new Socket());
    request.headers['cookie'] = this.browser.cookie;
    const connection = connectionOf(socket)!;
    const message = async (): Promise<AnySession> => {
      const access = this.sessions.of(connection, () => request, { convert: (error) => error });
      await access.load();
      return access.session as AnySession;
    };
    return { socket, message };
  }

  /** What another process does with the session, with the cookie of now. */
  byOther(act: (session: AnySession) => unknown): Promise<unknown> {
    return this.elsewhere.browser(this.browser.cookie).visit(act);
  }

  /** An admin ends the session, in another process. */
  revoke(): Promise<boolean> {
    const directory = new UserDirectory(this.elsewhere.registration.context);
    return directory.revoke(this.browser.handle, {}, orderOf('app', {}));
  }

  /** The token is renewed in another process, which takes two requests, and the old one's grace passes. */
  async renew(): Promise<void> {
    const browser = this.elsewhere.browser(this.browser.cookie);
    this.world.clock.advance(2 * MINUTE);
    for (let request = 0; request < 3; request += 1) await browser.visit((session) => session.isNew);
    expect(browser.cookie).not.toBe(this.browser.cookie);
    this.world.clock.advance(5 * MINUTE);
  }

  data(): Promise<unknown> {
    return this.world.stored(this.browser.handle);
  }
}

describe('a message whose write meets', () => {
  test.each<[string, (race: SocketRace) => unknown, unknown]>([
    ['a logout', (race) => race.byOther((session) => session.logout()), undefined],
    ['a login', (race) => race.byOther((session) => session.login('bea', { keep: true })), { theme: 'light' }],
    ['a regenerate()', (race) => race.byOther((session) => session.regenerate({ keep: true })), { theme: 'light' }],
    ['a revocation', (race) => race.revoke(), undefined],
  ])('%s saves nothing, and says so', async (_end, act, left) => {
    const race = await SocketRace.of({ theme: 'light' });
    const { message } = race.connect();
    const session = await message();
    session['theme'] = 'dark';
    const release = race.world.store.hold('update');
    const saving = expect(session.save()).rejects.toMatchObject({ code: 'SESSION_INTERRUPTED' });
    await turns();
    await act(race);
    release();
    await saving;
    expect(await race.data()).toEqual(left);
    expect({ ...session }).toEqual({});
  });

  test('the end of its time saves nothing, and says so', async () => {
    const race = await SocketRace.of({ theme: 'light' });
    const { message } = race.connect();
    const session = await message();
    race.world.clock.advance(HOUR);
    session['theme'] = 'dark';
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_INTERRUPTED' });
    expect(await race.data()).toEqual({ theme: 'light' });
  });

  test('a renewal is saved', async () => {
    const race = await SocketRace.of({ theme: 'light' });
    const { message } = race.connect();
    const session = await message();
    session['theme'] = 'dark';
    const release = race.world.store.hold('update');
    const saving = session.save();
    await turns();
    await race.renew();
    release();
    await saving;
    expect(await race.data()).toEqual({ theme: 'dark' });
  });

  test('another message on another key keeps both', async () => {
    const race = await SocketRace.of({ a: 0, b: 0 });
    const { message } = race.connect();
    const [first, second] = [await message(), await message()];
    expect(first).not.toBe(second);
    first['a'] = 1;
    second['b'] = 1;
    await Promise.all([first.save(), second.save()]);
    expect(await race.data()).toEqual({ a: 1, b: 1 });
  });

  test('another message on one key keeps both by an atomic operation', async () => {
    const race = await SocketRace.of({ count: 0 });
    const { message } = race.connect();
    const sessions = await Promise.all([message(), message(), message()]);
    await Promise.all(sessions.map((session) => session.increment('count')));
    expect(await race.data()).toEqual({ count: 3 });
  });
});

describe('a message whose read meets', () => {
  test.each<[string, (race: SocketRace) => unknown, number]>([
    ['a logout', (race) => race.byOther((session) => session.logout()), 1008],
    ['a revocation', (race) => race.revoke(), 1008],
    ['a login', (race) => race.byOther((session) => session.login('bea', { keep: true })), 4000],
    ['a regenerate()', (race) => race.byOther((session) => session.regenerate({ keep: true })), 4000],
    ['the end of its time', (race) => race.world.clock.advance(HOUR), 1008],
  ])('%s is refused, and the socket closes', async (_end, act, code) => {
    const race = await SocketRace.of({ theme: 'light' });
    const { socket, message } = race.connect();
    await message();
    const release = race.world.store.hold('find');
    const reading = expect(message()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    await turns();
    await act(race);
    release();
    await reading;
    await turns();
    expect(socket.closedWith).toEqual([code]);
    await expect(message()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });

  test('a renewal has the session, and the socket stays open', async () => {
    const race = await SocketRace.of({ theme: 'light' });
    const { socket, message } = race.connect();
    await message();
    await race.renew();
    expect((await message())['theme']).toBe('light');
    await turns();
    expect(socket.closedWith).toEqual([]);
  });
});

describe('a handshake whose first look meets', () => {
  test.each<[string, (race: SocketRace) => unknown, number]>([
    ['a logout in another process', (race) => race.byOther((session) => session.logout()), 1008],
    ['a login in another process', (race) => race.byOther((session) => session.login('bea')), 4000],
    ['the end of its time', (race) => race.world.clock.advance(HOUR), 1008],
  ])('%s closes the socket, although nothing is sent any more', async (_end, act, code) => {
    const race = await SocketRace.of({ theme: 'light' });
    const { memory } = race.world.store;
    const peek = memory.peek.bind(memory);
    // Between the read of the token and the first look of the watch.
    memory.peek = async (handles) => {
      memory.peek = peek;
      await act(race);
      return peek(handles);
    };
    const { socket, message } = race.connect();
    await message();
    await turns();
    expect(socket.closedWith).toEqual([code]);
  });

  test('nothing stays open, and is looked at no longer once it is closed', async () => {
    const race = await SocketRace.of({ theme: 'light' });
    const { socket, message } = race.connect();
    await message();
    await turns();
    expect(socket.closedWith).toEqual([]);
    socket.close(1000);
    let looks = 0;
    race.world.store.memory.peek = async () => ((looks += 1), []);
    race.world.clock.advance(HOUR);
    await turns();
    expect(looks).toBe(0);
  });
});

describe('the use of a session by messages', () => {
  test('is noted once per tenth of the idle time, and by nothing that the server sends', async () => {
    const race = await SocketRace.of({ theme: 'light' });
    const { message } = race.connect();
    await message();
    await turns();
    race.world.store.takeCalls();
    race.world.clock.advance(4 * 60_000);
    await turns();
    expect(race.world.store.takeCalls()).toEqual([]);
    await message();
    await turns();
    await message();
    await turns();
    expect(race.world.store.takeCalls()).toEqual(['find', 'update', 'find']);
  });

  test('never loads a session by its handle alone', async () => {
    const race = await SocketRace.of({ theme: 'light' });
    const { message } = race.connect();
    await message();
    await race.browser.visit((session) => session.login('bea', { keep: true }));
    await expect(message()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });
});
