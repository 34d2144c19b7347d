// Logins that are refused, by the limit or because the user was revoked, and logins whose store fails.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../../lib/core/options/session-options.js';
import { SessionError } from '../../../../lib/core/errors.js';
import { UserWorld } from '../../../support/core/user-world.js';
import { MINUTE, type AnySession } from '../../../support/core/world.js';

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { cause: SessionError }) => error.cause,
  );

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

  test('in a session that was spared, but has ended meanwhile, is refused: its user would go on in another one', async () => {
    for (const options of [{}, { maxSessions: 3 }]) {
      const world = new UserWorld(options);
      const browser = await world.browserOf('ada');
      const visit = await browser.begin();
      await world.directory.revokeAll('ada', { cause: 'user' }, { kept: browser.handle, spared: browser.handle });
      await world.memory.remove(browser.handle);
      expect((await errorOf(visit.session.login('ada')))?.code).toBe('SESSION_LOGIN_REVOKED');
      expect(await world.count('ada')).toBe(0);
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
