// login() where sessions are limited in number or revoked: what is asked of the store, in which order, and whom it ends.
import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { UserWorld } from '../../../support/core/user-world.js';
import { MINUTE } from '../../../support/core/world.js';

describe('a login without a limit', () => {
  test('asks the store twice: it writes, then reads the user and everybody', async () => {
    const world = new UserWorld();
    await world.browserOf('ada');
    expect(world.takeCalls()).toEqual(['insert', 'findUsers']);
    const browser = world.browser();
    await browser.visit((session) => void (session['a'] = 1));
    world.takeCalls();
    await browser.visit((session) => session.login('ada', { keep: true }));
    expect(world.takeCalls()).toEqual(['find', 'replaceSecret', 'findUsers']);
    expect((await world.memory.findUsers(['ada', true])).users).toEqual([undefined, undefined]);
  });

  test('takes a seat where its user has seats', async () => {
    const world = new UserWorld();
    const browser = world.browser();
    await browser.visit((session) => session.login('ada', { maxSessions: 1 }));
    world.takeCalls();
    const other = await world.browserOf('ada');
    expect(world.takeCalls()).toEqual(['insert', 'findUsers', 'changeUser']);
    const [user] = (await world.memory.findUsers(['ada'])).users;
    expect(user!.seats).toEqual([browser.handle, other.handle]);
    expect(await world.count('ada')).toBe(2);
  });

  test('gives up the seats of ended sessions where a thousand have one', async () => {
    const world = new UserWorld();
    const first = world.browser();
    await first.visit((session) => session.login('ada', { maxSessions: 1 }));
    const userNow = async () => (await world.memory.findUsers(['ada'])).users[0]!;
    const user = await userNow();
    const ended = Array.from({ length: 997 }, (_, n) => String(n).padStart(24, '0'));
    await world.memory.changeUser({ ...user, seats: [first.handle, ...ended] }, user.revision);
    const second = await world.browserOf('ada');
    expect((await userNow()).seats).toHaveLength(999);
    const third = await world.browserOf('ada');
    expect((await userNow()).seats).toEqual([first.handle, second.handle, third.handle]);
    expect(await world.count('ada')).toBe(3);
  });

  test('changes the revision of a user without seats, so that who is building them looks again', async () => {
    const world = new UserWorld();
    await world.directory.revokeAll('ada', { cause: 'app' });
    const [before] = (await world.memory.findUsers(['ada'])).users;
    world.clock.advance(1);
    await world.browserOf('ada');
    const [after] = (await world.memory.findUsers(['ada'])).users;
    expect(after!.seats).toBeUndefined();
    expect(after!.revision).not.toBe(before!.revision);
    expect(after!.revokedAt).toBe(before!.revokedAt);
  });
});

describe('a login with a limit', () => {
  test('asks the store four times where there is room, and builds the seats with the first', async () => {
    const world = new UserWorld({ maxSessions: 3 });
    await world.browserOf('ada');
    expect(world.takeCalls()).toEqual([
      ...['findUsers', 'insertUser', 'handlesOf', 'changeUser', 'insert', 'changeUser', 'findUsers'],
    ]);
    await world.browserOf('ada');
    expect(world.takeCalls()).toEqual(['findUsers', 'insert', 'changeUser', 'findUsers']);
  });

  test('asks three times in a session that has a seat, which stays', async () => {
    const world = new UserWorld({ maxSessions: 1 });
    const browser = await world.browserOf('ada');
    world.takeCalls();
    await browser.visit((session) => session.login('ada'));
    expect(world.takeCalls()).toEqual(['find', 'findUsers', 'replaceSecret', 'findUsers']);
    expect([await world.isAlive(browser), await world.count('ada')]).toEqual([true, 1]);
  });

  test.each(['endIdlest', 'endOldest'] as const)(
    'by %s asks at most seven times where there is no room',
    async (onMaxSessions) => {
      const world = new UserWorld({ maxSessions: 2, onMaxSessions });
      await world.browserOf('ada');
      await world.browserOf('ada');
      world.takeCalls();
      await world.browserOf('ada');
      expect(world.takeCalls()).toEqual(['findUsers', 'insert', 'findSeated', 'take', 'changeUser', 'findUsers']);
    },
  );

  test('by refuse asks seven times where what fills it has expired', async () => {
    const world = new UserWorld({ maxSessions: 1, onMaxSessions: 'refuse' });
    await world.browserOf('ada');
    world.clock.advance(31 * MINUTE);
    world.takeCalls();
    await world.browserOf('ada');
    const before = ['findUsers', 'findSeated', 'insert'];
    expect(world.takeCalls()).toEqual([...before, 'findSeated', 'take', 'changeUser', 'findUsers']);
    expect(await world.count('ada')).toBe(1);
  });

  test.each([
    ['living', 0],
    ['expired', 31 * MINUTE],
  ])('ends a surplus of %s ones side by side, 16 at a time', async (_what, age) => {
    let [running, most] = [0, 0];
    const world = new UserWorld({}, async (name, _, call) => {
      if (name !== 'take') return call();
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return call();
    });
    for (let n = 0; n < 40; n++) await world.browserOf('ada');
    world.clock.advance(age);
    await world.browser().visit((session) => session.login('ada', { maxSessions: 2 }));
    expect([most, await world.count('ada'), world.memory.size]).toEqual([16, age ? 1 : 2, age ? 1 : 2]);
  });

  test('by endIdlest ends the session that was used least recently', async () => {
    const world = new UserWorld({ maxSessions: 2 });
    const first = await world.browserOf('ada');
    world.clock.advance(MINUTE);
    const second = await world.browserOf('ada');
    world.clock.advance(5 * MINUTE);
    await first.visit();
    const third = await world.browserOf('ada');
    const alive = await Promise.all([first, second, third].map((browser) => world.isAlive(browser)));
    expect(alive).toEqual([true, false, true]);
  });

  test('by endOldest ends the session with the oldest login, used or not', async () => {
    const world = new UserWorld({ maxSessions: 2, onMaxSessions: 'endOldest' });
    const first = await world.browserOf('ada');
    world.clock.advance(MINUTE);
    const second = await world.browserOf('ada');
    world.clock.advance(5 * MINUTE);
    await first.visit();
    const third = await world.browserOf('ada');
    const alive = await Promise.all([first, second, third].map((browser) => world.isAlive(browser)));
    expect(alive).toEqual([false, true, true]);
  });

  test('tells of whom it has ended, with the cause limit, by the new session', async () => {
    const world = new UserWorld({ maxSessions: 1 });
    const first = await world.browserOf('ada');
    world.events.length = 0;
    const second = await world.browserOf('ada');
    expect(world.events).toMatchObject([
      { type: 'revoked', handle: first.handle, cause: 'limit', by: second.handle, session: { userId: 'ada' } },
      { type: 'created', handle: second.handle },
      { type: 'loggedIn', handle: second.handle, isSameUser: false },
    ]);
  });

  test('of its own replaces the option, for that login', async () => {
    const world = new UserWorld({ maxSessions: 1 });
    await world.browserOf('ada');
    await world.browser().visit((session) => session.login('ada', { maxSessions: 3 }));
    expect(await world.count('ada')).toBe(2);
    await world.browserOf('ada');
    expect(await world.count('ada')).toBe(1);
  });

  test('counts sessions that are older than the limit, and ends the surplus where it was lowered', async () => {
    const memory = new UserWorld();
    for (let n = 0; n < 5; n++) await memory.browserOf('ada');
    const world = new UserWorld({ maxSessions: 3 }, undefined, memory.memory);
    await world.browserOf('ada');
    expect(await world.count('ada')).toBe(3);
  });

  test('counts each user for itself, by the value of its id in BSON', async () => {
    const world = new UserWorld({ maxSessions: 1 });
    const [text, number] = [await world.browserOf('1'), await world.browserOf(1)];
    expect([await world.isAlive(text), await world.isAlive(number)]).toEqual([true, true]);
    await world.browserOf(1);
    expect([await world.isAlive(text), await world.isAlive(number)]).toEqual([true, false]);
  });

  test('frees the seat of a session that was logged out, removed or given to another user', async () => {
    const world = new UserWorld({ maxSessions: 1, onMaxSessions: 'refuse' });
    const browser = await world.browserOf('ada');
    await browser.visit((session) => session.logout());
    const second = await world.browserOf('ada');
    await world.memory.remove(second.handle);
    const third = await world.browserOf('ada');
    await third.visit((session) => session.login('grace'));
    await world.browserOf('ada');
    expect([await world.count('ada'), await world.count('grace')]).toEqual([1, 1]);
  });

  test.each([
    ['sweep', ['expired']],
    ['ttl', []],
  ] as const)('that removes what has expired tells of it with cleanup %s', async (cleanup, expected) => {
    const world = new UserWorld({ maxSessions: 1, cleanup });
    await world.browserOf('ada');
    world.clock.advance(31 * MINUTE);
    world.events.length = 0;
    await world.browserOf('ada');
    expect(world.events.map(({ type }) => type)).toEqual([...expected, 'created', 'loggedIn']);
  });

  test('does not end what is used in the very moment in which it expires', async () => {
    let isUsed = false;
    const world: UserWorld = new UserWorld({ maxSessions: 2 }, async (name, _, call) => {
      const result = await call();
      if (name === 'findSeated' && !isUsed) {
        isUsed = true;
        // Another process, whose clock is behind, has let it in.
        const { createdAt, ...session } = (await world.memory.find(first.handle))!;
        await world.memory.update(
          { handle: session.handle, epoch: 0, now: createdAt },
          { times: { lastSeenAt: world.clock.now(), expiresAt: world.clock.now() + MINUTE } },
        );
      }
      return result;
    });
    const first = await world.browserOf('ada');
    world.clock.advance(29 * MINUTE);
    const second = await world.browserOf('ada');
    world.clock.advance(MINUTE);
    const third = await world.browserOf('ada');
    const alive = await Promise.all([first, second, third].map(({ handle }) => world.memory.find(handle)));
    expect(alive.map(Boolean)).toEqual([true, false, true]);
  });

  test('goes on where the document of its user was removed by hand in between', async () => {
    let users = new MemorySessionStore();
    const world = new UserWorld({ maxSessions: 1 }, async (name, args, call) => {
      if (name === 'insert') users = new MemorySessionStore();
      const isOfUsers = name === 'findUsers' || name === 'insertUser' || name === 'changeUser';
      return isOfUsers ? (users[name] as (...all: unknown[]) => Promise<unknown>)(...args) : call();
    });
    const browser = await world.browserOf('ada');
    const other = await world.browserOf('ada');
    expect([await world.isAlive(browser), await world.isAlive(other)]).toEqual([false, true]);
    expect((await users.findUsers(['ada'])).users[0]!.seats).toEqual([other.handle]);
  });
});
