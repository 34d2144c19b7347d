// Messages and handshakes that meet the end of their session, in every order that matters.
import { describe, expect, test } from 'vitest';
import { type AnySession, HOUR } from '../../support/core/world.js';
import { SocketRace, turns } from './support/socket-race.js';

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

  test.each<[string, (session: AnySession, by: number) => unknown, unknown, unknown, unknown[]]>([
    ['increment()', (session) => session.increment('key'), 0, { key: 3 }, [1, 2, 3]],
    ['push()', (session, by) => session.push('key', [by]), [], { key: [0, 1, 2] }, [[0], [0, 1], [0, 1, 2]]],
    ['take()', (session) => session.take('key'), 'once', {}, ['once', undefined, undefined]],
    ['compareAndSet()', (session, by) => session.compareAndSet('key', 9, by), 9, { key: 0 }, [true, false, false]],
    ['update()', (session) => session.update<number>('key', (key = 0) => 2 * key), 1, { key: 8 }, [2, 4, 8]],
  ])('another message on one key loses nothing by %s', async (_name, act, given, left, results) => {
    const race = await SocketRace.of({ key: given, other: 1 });
    const { message } = race.connect();
    // All have read before the first one writes.
    const sessions = await Promise.all([message(), message(), message()]);
    expect(await Promise.all(sessions.map(act))).toEqual(results);
    expect(await race.data()).toEqual({ ...(left as object), other: 1 });
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
