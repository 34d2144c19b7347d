// login() where sessions are limited in number or revoked: what is asked of the store, in which order, and who is refused.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../../lib/core/options/session-options.js';
import { SessionError } from '../../../../lib/core/errors.js';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { UserWorld } from '../../../support/core/user-world.js';
import { MINUTE, type AnySession } from '../../../support/core/world.js';

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { cause: SessionError }) => error.cause,
  );

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

describe('a login that is refused by the limit', () => {
  const full = async () => {
    const world = new UserWorld({ maxSessions: 1, onMaxSessions: 'refuse' });
    const owner = await world.browserOf('ada');
    return { world, owner };
  };

  test('rejects with SESSION_LIMIT_REACHED, and leaves a stored session as it was and usable', async () => {
    const { world, owner } = await full();
    const browser = world.browser();
    await browser.visit((session) => void (session['cart'] = [1]));
    const { cookie } = browser;
    world.takeCalls();
    await browser.visit(async (session) => {
      expect(await errorOf(session.login('ada', { keep: true }))).toMatchObject({
        code: 'SESSION_LIMIT_REACHED',
        httpStatus: 409,
      });
      expect(world.takeCalls()).toEqual(['find', 'findUsers', 'findSeated']);
      session['picker'] = session.userId ?? 'nobody';
    });
    expect(browser.cookie).toBe(cookie);
    await browser.visit((session) => expect({ ...session }).toEqual({ cart: [1], picker: 'nobody' }));
    expect([await world.isAlive(owner), await world.count('ada')]).toEqual([true, 1]);
  });

  test('leaves a new session new, with its data', async () => {
    const { world } = await full();
    const browser = world.browser();
    await browser.visit(async (session) => {
      session['cart'] = [1];
      expect((await errorOf(session.login('ada')))?.code).toBe('SESSION_LIMIT_REACHED');
      expect([session.isNew, session.userId, { ...session }]).toEqual([true, undefined, { cart: [1] }]);
    });
    await browser.visit((session) => expect({ ...session }).toEqual({ cart: [1] }));
  });

  test('lets its own session in, which has a seat already', async () => {
    const { world, owner } = await full();
    await owner.visit((session) => session.login('ada'));
    expect([await world.isAlive(owner), await world.count('ada')]).toEqual([true, 1]);
  });

  test('after its write, in a photo finish, has become a blank session, and its old token is dead', async () => {
    let rival: (() => Promise<unknown>) | undefined;
    const world: UserWorld = new UserWorld({ maxSessions: 1, onMaxSessions: 'refuse' }, async (name, _, call) => {
      const result = await call();
      const act = name === 'replaceSecret' ? rival : undefined;
      if (act) rival = undefined;
      await act?.();
      return result;
    });
    const browser = world.browser();
    await browser.visit((session) => void (session['cart'] = [1]));
    const old = browser.cookie;
    const other = new UserWorld({ maxSessions: 1, onMaxSessions: 'refuse' }, undefined, world.memory);
    rival = () => other.browserOf('ada');
    world.events.length = 0;
    await browser.visit(async (session) => {
      expect((await errorOf(session.login('ada', { keep: true })))?.code).toBe('SESSION_LIMIT_REACHED');
      expect([session.isNew, session.userId, { ...session }]).toEqual([true, undefined, {}]);
    });
    expect(world.events.map(({ type }) => type)).toEqual(['destroyed']);
    expect(browser.cookie).toBeUndefined();
    const thief = world.browser();
    thief.cookie = old;
    await thief.visit((session) => expect(session.isNew).toBe(true));
    expect(await world.count('ada')).toBe(1);
  });
});

describe('a login that is in flight while its user is revoked', () => {
  test.each([
    ['of the user', (world: UserWorld) => world.directory.revokeAll('ada', { cause: 'app' })],
    ['of everybody', (world: UserWorld) => world.directory.revokeEverybody({ cause: 'app' })],
  ])('is refused after a revocation %s, before it writes and after', async (_, revoke) => {
    for (const options of [{}, { maxSessions: 3 }]) {
      const world = new UserWorld(options);
      const visit = await world.browser().begin();
      await revoke(world);
      expect(await errorOf(visit.session.login('ada'))).toMatchObject({
        code: 'SESSION_LOGIN_REVOKED',
        httpStatus: 409,
      });
      expect(visit.session.isNew).toBe(true);
      expect((await visit.end()).cookies).toEqual([]);
      expect(world.memory.size).toBe(0);
      world.clock.advance(1);
      expect(await world.isAlive(await world.browserOf('ada'))).toBe(true);
    }
  });

  test('in a session that revokeOthers has spared goes on', async () => {
    for (const options of [{}, { maxSessions: 3 }]) {
      const world = new UserWorld(options);
      const browser = await world.browserOf('ada');
      const visit = await browser.begin();
      await world.directory.revokeAll('ada', { cause: 'user' }, { kept: browser.handle, spared: browser.handle });
      await visit.session.login('ada');
      await visit.end();
      expect(await world.isAlive(browser)).toBe(true);
    }
  });

  test('with since is refused, if the first factor was checked before the revocation', async () => {
    const world = new UserWorld();
    const since = new Date(world.clock.now());
    world.clock.advance(MINUTE);
    await world.directory.revokeAll('ada', { cause: 'app' });
    world.clock.advance(MINUTE);
    const login = (session: AnySession, at: Date) => errorOf(session.login('ada', { since: at }));
    await world.browser().visit(async (session) => {
      expect((await login(session, since))?.code).toBe('SESSION_LOGIN_REVOKED');
      expect((await login(session, new Date(world.clock.now() - 61 * MINUTE)))?.code).toBe('SESSION_LOGIN_REVOKED');
      expect(await login(session, new Date(world.clock.now() - 1000))).toBeUndefined();
    });
  });

  test.each([[new Date(Number.NaN)], [Date.now()], ['2030-01-01'], [null], [new Date(8.64e15)]])(
    'with since as %s is refused: SESSION_OPTION_INVALID',
    async (since) => {
      const world = new UserWorld();
      await world.browser().visit(async (session) => {
        const login = session.login('ada', { since: since as Date });
        expect(await login.catch((error: { cause: unknown }) => error.cause)).toMatchObject({
          code: 'SESSION_OPTION_INVALID',
        });
      });
      expect(world.memory.size).toBe(0);
    },
  );
});

describe('a login whose store fails', () => {
  test.each(['findUsers', 'insert', 'changeUser'])(
    'in %s fails the request with 503, sends no token and saves nothing more',
    async (failing) => {
      const world = new UserWorld({ maxSessions: 2 }, (name, _, call) =>
        name === failing && isFailing ? Promise.reject(new SessionError('SESSION_STORE_UNAVAILABLE', 'away')) : call(),
      );
      let isFailing = false;
      const browsers = [await world.browserOf('ada')];
      isFailing = true;
      const visit = await world.browser().begin();
      await expect(visit.session.login('ada')).rejects.toMatchObject({ status: 503 });
      visit.session['late'] = 1;
      await expect(visit.end()).rejects.toMatchObject({ status: 503 });
      expect(visit.exchange.cookies).toEqual([]);
      isFailing = false;
      for (let n = 0; n < 3; n++) browsers.push(await world.browserOf('ada'));
      const alive = await Promise.all(browsers.map((browser) => world.isAlive(browser)));
      expect(alive.filter(Boolean)).toHaveLength(2);
    },
  );

  test('by outrunning it each time rejects with SESSION_CONTENDED after 20 times, and its session is gone', async () => {
    let calls = 0;
    const world = new UserWorld({ maxSessions: 2 }, (name, _, call) => {
      if (name !== 'changeUser' || world.memory.size < 2) return call();
      calls += 1;
      return Promise.resolve(false);
    });
    await world.browserOf('ada');
    await world.browser().visit(async (session) => {
      expect(await errorOf(session.login('ada'))).toMatchObject({ code: 'SESSION_CONTENDED', httpStatus: 409 });
      expect(session.isNew).toBe(true);
    });
    expect([calls, world.memory.size]).toEqual([20, 1]);
  });
});

describe('a database user without rights on the users', () => {
  const denied = () => {
    const cause = Object.assign(new Error('not authorized'), { code: 13 });
    return new SessionError('SESSION_STORE_FAILED', 'No rights: grant them.', { cause });
  };
  const without = (options: SessionOptions) => {
    const methods = ['findUsers', 'insertUser', 'changeUser', 'findSeated'];
    return new UserWorld(options, (name, _, call) => (methods.includes(name) ? Promise.reject(denied()) : call()));
  };

  test('is told once what to grant, and logins and revocations go on without the stamp', async () => {
    const world = without({});
    const browser = await world.browserOf('ada');
    await world.browserOf('ada');
    expect(await world.isAlive(browser)).toBe(true);
    expect(world.warnings).toEqual([
      "A login that is in flight while its user's sessions are revoked survives. No rights: grant them.",
    ]);
    expect(await world.directory.revokeAll('ada', { cause: 'app' })).toBe(2);
    expect(world.warnings).toHaveLength(1);
  });

  test('fails logins with a limit: 503', async () => {
    const world = without({ maxSessions: 2 });
    await world
      .browser()
      .visit(async (session) => {
        await expect(session.login('ada')).rejects.toMatchObject({ status: 503 });
      })
      .catch(() => {});
    expect(world.memory.size).toBe(0);
  });
});
