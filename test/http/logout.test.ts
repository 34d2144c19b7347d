// logout(): the end at the backend, a browser that is told to forget, and what can follow in the same request.
import { describe, expect, test } from 'vitest';
import { flash, type SessionError, type SessionOptions } from '../../lib/index.js';
import { PLATFORMS, testDatabase } from '../support/http.js';
import { type AnySession, type Handle, startWith, startWorld, withCookie } from '../support/world.js';

const { db } = testDatabase();
const logout: Handle = ({ session }) => session.logout();

/** Ways to end a session, also one that has just begun. */
const ENDS: Readonly<Record<string, Handle>> = {
  'logout()': logout,
  'destroy()': ({ session }) => session.destroy(),
  'destroy() of data that was never saved': async ({ session }) => {
    session['a'] = 1;
    await session.destroy();
  },
  'destroy() of data that was saved just now': async ({ session }) => {
    session['a'] = 1;
    await session.save();
    await session.destroy();
  },
  'emptying what was saved just now': async ({ session }) => {
    session['a'] = 1;
    await session.save();
    delete session['a'];
  },
  'login() and logout()': async ({ session }) => {
    await session.login('ada');
    await session.logout();
  },
};

describe.each(PLATFORMS)('logout() on %s', (platform) => {
  test('removes the document, and its token opens nothing any more', async () => {
    const { world, browser } = await startWith(platform, { db, collection: 'sessions' }, 'ada');
    const [stolen, other] = [browser.clone(), await world.browserOf('ada')];
    await world.visit(browser, logout);
    expect(await db.collection('sessions').countDocuments()).toBe(1);
    expect(browser.jar.size).toBe(0);
    expect(await world.isAlive(stolen)).toBe(false);
    // The other sessions of the user stay.
    expect(await world.isAlive(other)).toBe(true);
    expect(world.eventTypes().slice(-2)).toEqual(['destroyed', 'rejected: unknown']);
    await db.collection('sessions').deleteMany({});
  });

  test.each([
    [undefined, undefined],
    [{ clearSiteData: false }, undefined],
    [{ clearSiteData: true }, '"cache", "cookies", "storage"'],
    [{ clearSiteData: ['cookies'] as const }, '"cookies"'],
    [{ clearSiteData: ['cache', '*'] as const }, '"cache", "*"'],
    [{ clearSiteData: [] }, undefined],
  ])('with %j sends Clear-Site-Data: %s', async (options, header) => {
    const { world, browser } = await startWith(platform, {}, 'ada');
    const reply = await world.visit(browser, ({ session }) => session.logout(options));
    expect(reply.headers['clear-site-data']).toBe(header);
  });

  test('that the store refuses is no logout: 503, no cookie, no Clear-Site-Data, and the session lives', async () => {
    const { world, browser } = await startWith(platform, {}, 'ada');
    world.store.fail('remove');
    const reply = await world.visit(browser, ({ session }) => session.logout({ clearSiteData: true }));
    expect([reply.status, reply.cookies, reply.headers['clear-site-data']]).toEqual([503, [], undefined]);
    world.store.fail();
    expect(await world.isAlive(browser)).toBe(true);
  });
});

describe.each(PLATFORMS)('B17: the end of a session on %s', (platform) => {
  describe.each(Object.entries(ENDS))('by %s', (_, end) => {
    test.each<[string, SessionOptions]>([
      ['cookie', {}],
      ['header', { transport: { header: 'x-token' } }],
    ])('sends nothing to a browser that has sent no token, by %s', async (_transport, options) => {
      const world = await startWorld(platform, options);
      const reply = await world.visit(world.client(), end);
      expect([reply.status, reply.cookies, reply.headers['x-token']]).toEqual([200, [], undefined]);
      expect(reply.headers['cache-control'] ?? '').not.toContain('no-store');
      expect(world.store.memory.size).toBe(0);
    });

    test.each(['living', 'dead', 'malformed'])('clears a %s cookie in the same response', async (kind) => {
      const { world, browser } = await startWith(platform);
      if (kind === 'dead') world.store.memory.clear();
      const reply = await world.visit(kind === 'malformed' ? withCookie(browser, 'malformed') : browser, end);
      expect(reply.cookies).toEqual([
        'id=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
      ]);
      expect(reply.headers['cache-control']).toBe('private, no-store');
      expect(world.store.memory.size).toBe(kind === 'malformed' ? 1 : 0);
    });
  });
});

describe.each(PLATFORMS)('B22: after the end of a session on %s', (platform) => {
  describe.each<[string, (session: AnySession) => Promise<void>]>([
    ['logout()', (session) => session.logout()],
    ['destroy()', (session) => session.destroy()],
  ])('by %s', (_, end) => {
    test('login() in the same request begins another session, of that user, with the data set since', async () => {
      const { world, browser } = await startWith(platform, {}, 'ada');
      const old = browser.clone();
      const seen = await world.ask(browser, async ({ session }) => {
        const { handle } = session;
        session['cart'] = ['of ada'];
        await end(session);
        await session.login('bob');
        session['seen'] = true;
        return { user: session.userId, isOther: session.handle !== handle, keys: Object.keys(session) };
      });
      expect(seen).toEqual({ user: 'bob', isOther: true, keys: ['seen'] });
      expect([await world.dataOf(browser), await world.userOf(browser)]).toEqual([{ seen: true }, 'bob']);
      expect([await world.isAlive(old), world.store.memory.size]).toEqual([false, 1]);
    });

    test.each([
      [{ keep: true }, ['a', 'b', 'c']],
      [{ keep: ['b'] }, ['b', 'c']],
      [{}, ['c']],
    ])('login() with %j keeps of what was set since, and never of what was before', async (options, keys) => {
      const { world, browser } = await startWith(platform, {}, { old: 1, b: 'old' });
      await world.visit(browser, async ({ session }) => {
        await end(session);
        Object.assign(session, { a: 1, b: 2 });
        await session.login('bob', options);
        session['c'] = 3;
      });
      expect(Object.keys((await world.dataOf(browser)) as object)).toEqual(keys);
    });

    test('regenerate() begins another one, which holds what is set then', async () => {
      const { world, browser } = await startWith(platform, {}, 'ada');
      await world.visit(browser, async ({ session }) => {
        await end(session);
        await session.regenerate();
        await session.push('flash', ['goodbye']);
      });
      expect([await world.userOf(browser), await world.dataOf(browser)]).toEqual([null, { flash: ['goodbye'] }]);
    });

    test.each<[string, (session: AnySession) => Promise<unknown>]>([
      ['flash()', (session) => flash(session, 'notice', 'Goodbye')],
      ['push()', (session) => session.push('list', [1])],
      ['increment()', (session) => session.increment('count')],
      ['take()', (session) => session.take('count')],
      ['update()', (session) => session.update('count', () => 1)],
      ['compareAndSet()', (session) => session.compareAndSet('count', undefined, 1)],
    ])('%s is refused with the fix', async (_name, change) => {
      const { world, browser } = await startWith(platform, {}, 'ada');
      const refusal = await world.ask(browser, async ({ session }) => {
        await end(session);
        const error = await change(session).catch((reason: Error) => reason.cause as SessionError);
        return error instanceof Error && [(error as SessionError).code, error.message];
      });
      expect(refusal).toEqual(['SESSION_ENDED', expect.stringContaining('await session.regenerate() or login()')]);
      expect(world.eventTypes()).not.toContain('interrupted');
    });

    test('a key that is set to undefined is no data', async () => {
      const { world, browser } = await startWith(platform, {}, 'ada');
      const reply = await world.visit(browser, async ({ session }) => {
        await end(session);
        session['user'] = undefined;
      });
      expect([reply.status, world.store.memory.size]).toEqual([200, 0]);
    });

    test('data that belong to no session are a 409, and save() of them names the key and the fix', async () => {
      const { world, browser } = await startWith(platform);
      const messages: unknown[] = [];
      const reply = await world.visit(browser, async ({ session }) => {
        await end(session);
        session['seen'] = true;
        await session.save().catch(({ cause }: Error) => messages.push((cause as Error).message));
      });
      expect([reply.status, world.store.memory.size]).toEqual([409, 0]);
      const fix = 'Set it in another session, after await session.regenerate() or login().';
      expect(messages).toEqual([`session["seen"] was set after the session had ended. ${fix}`]);
    });
  });
});
