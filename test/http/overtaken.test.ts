// A slow request whose session has ended, has a new token or has expired in the meantime: what it hears, and that it writes nothing.
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpClient } from '../support/http.js';
import { PLATFORMS, takeRaw, testDatabase } from '../support/http.js';
import { type AnySession, type Handle, handleOf, MINUTE, startWith, tokenOf, type World } from '../support/world.js';

const { db } = testDatabase();
const sessions = db.collection('sessions');
// Without an index nothing is removed by its age.
const inMongo = { db, collection: 'sessions', indexes: 'off', idleTimeout: '30m', absoluteTimeout: '12h' } as const;

afterEach(() => sessions.deleteMany({}));

type Method = (session: AnySession) => Promise<unknown>;

/** Methods that need the session that was read. */
const METHODS: Readonly<Record<string, Method>> = {
  'save()': (session) => {
    session['a'] = 2;
    return session.save();
  },
  'touch()': (session) => session.touch(),
  'increment()': (session) => session.increment('n'),
  'push()': (session) => session.push('list', [1]),
  'take()': (session) => session.take('a'),
  'compareAndSet()': (session) => session.compareAndSet('a', 1, 2),
  'update()': (session) => session.update('a', () => 2),
  'regenerate() that keeps': (session) => session.regenerate({ keep: true }),
  'login() that keeps': (session) => session.login('ada', { keep: ['a'] }),
  'reload()': (session) => session.reload(),
};

/** What a slow request does at its end. */
const ACTS: Readonly<Record<string, Handle>> = {
  'reads only': ({ session }) => void session['a'],
  'sets a key': ({ session }) => void (session['a'] = 2),
  'removes a key': ({ session }) => void delete session['b'],
  'empties it': ({ session }) => {
    for (const key of Object.keys(session)) delete session[key];
  },
  'makes it permanent': ({ session }) => void (session.permanent = true),
  ...Object.fromEntries(
    Object.entries(METHODS).map(([name, method]): [string, Handle] => [
      name,
      async ({ session }) => void (await method(session)),
    ]),
  ),
};

const logout: Handle = ({ session }) => session.logout();
const change: Handle = ({ session }) => void (session['a'] = 2);

/** What happens while the slow request is in its handler. */
const MEANWHILE: Readonly<Record<string, (world: World, browser: HttpClient) => unknown>> = {
  'a logout': (world, browser) => world.visit(browser, logout),
  'a login that keeps all': (world, browser) =>
    world.visit(browser, ({ session }) => session.login('eve', { keep: true })),
  'its expiry': async (world, browser) => {
    world.clock.advance(MINUTE);
    // Others are told so.
    expect(await world.isAlive(browser)).toBe(false);
  },
};

const codeOf = (error: unknown) => (error as { code?: string }).code;
const failureOf = (method: Method, session: AnySession) => method(session).then(() => 'resolved', codeOf);
const expectedOf = (name: string) => (name === 'reload()' ? 'SESSION_ENDED' : 'SESSION_INTERRUPTED');

describe.each(PLATFORMS)('A9: a slow request on %s', (platform) => {
  describe.each(Object.entries(MEANWHILE))('whose session has met %s', (_, meanwhile) => {
    test.each(Object.entries(ACTS))(
      'that %s changes nothing of it, and is told if it asked for it',
      async (name, act) => {
        const data = { a: 1, b: 1, n: 1 };
        const { world, browser } = await startWith(platform, { ...inMongo, renewAfter: '10m' }, data);
        // So that a touch and a renewal are due.
        world.clock.advance(29 * MINUTE);
        const slow = await world.begin(browser.clone(), act);
        await meanwhile(world, browser);
        const stored = await sessions.find().toArray();
        world.events.length = 0;

        const reply = await slow.end();

        expect([reply.status, reply.cookies]).toEqual([name in METHODS ? 409 : 200, []]);
        expect(world.eventTypes()).toEqual(['reads only', 'reload()'].includes(name) ? [] : ['interrupted']);
        expect(await sessions.find().toArray()).toEqual(stored);
      },
    );
  });

  test.each([-1, 0, 1])('that sets a key %i ms from the end is told by that millisecond', async (milliseconds) => {
    const { world, browser } = await startWith(platform, { ...inMongo, onInterrupted: 'throw' });
    const slow = await world.begin(browser.clone(), change);
    world.clock.advance(30 * MINUTE + milliseconds);
    expect((await slow.end()).status).toBe(milliseconds < 0 ? 200 : 409);
    // Its use was its arrival: the write has not prolonged it.
    world.clock.advance(1);
    expect(await world.isAlive(browser)).toBe(false);
  });

  test('whose session a parallel request has kept alive saves what it has', async () => {
    const { world, browser } = await startWith(platform, inMongo);
    const slow = await world.begin(browser.clone(), change);
    world.clock.advance(20 * MINUTE);
    await world.visit(browser);
    world.clock.advance(20 * MINUTE);
    expect((await slow.end()).status).toBe(200);
    expect(await world.dataOf(browser)).toEqual({ a: 2 });
  });

  test.each([
    ['idle', { idleTimeout: '10m' }, 10],
    ['absolute', { idleTimeout: '10m', absoluteTimeout: '15m' }, 6],
  ] as const)('heeds an %s limit that has shrunk', async (limit, shrunk, minutes) => {
    const { world: before, browser: origin } = await startWith(platform, { ...inMongo, idleTimeout: '10h' });
    const { clock } = before;
    const { world } = await startWith(platform, { ...inMongo, ...shrunk, clock, onInterrupted: 'throw' });
    const browser = world.client(origin);
    if (limit === 'absolute') {
      clock.advance(9 * MINUTE);
      await before.visit(origin, ({ session }) => session.touch());
    }
    const [early, late] = [await world.begin(browser.clone(), change), await world.begin(browser.clone(), change)];
    clock.advance(minutes * MINUTE - 1);
    expect((await early.end()).status).toBe(200);
    clock.advance(1);
    expect((await late.end()).status).toBe(409);
    expect(await world.isAlive(browser)).toBe(false);
  });

  test('that streams does not prolong the session at its end', async () => {
    const { world, browser } = await startWith(platform, inMongo);
    const path = world.route(({ session, response }) => {
      const raw = takeRaw(response);
      raw.write('begun');
      world.clock.advance(31 * MINUTE);
      session['a'] = 2;
      raw.end();
    }, 'raw');
    await browser.clone().get(path);
    expect(await world.isAlive(browser)).toBe(false);
    expect(await sessions.countDocuments({ expiresAt: { $gt: new Date(world.clock.now()) } })).toBe(0);
  });
});

describe.each(PLATFORMS)('B8: a session that has ended elsewhere, on %s', (platform) => {
  const ENDS = { 'logout()': logout, 'a login()': ({ session }) => session.login('eve') } satisfies Record<
    string,
    Handle
  >;

  describe.each(Object.entries<Handle>(ENDS))('by %s', (_, end) => {
    test.each(Object.entries(METHODS))(
      '%s rejects, and leaves an object without data and user',
      async (name, method) => {
        const { world, browser } = await startWith(platform, inMongo, 'ada');
        await world.visit(browser, ({ session }) => void Object.assign(session, { a: 1, n: 1 }));
        let seen: unknown;
        const slow = await world.begin(browser.clone(), async ({ session }) => {
          const first = await failureOf(method, session);
          const { userId, amr, authenticatedAt, isNew } = session;
          const others: Record<string, unknown> = {};
          for (const [other, again] of Object.entries(METHODS)) others[other] = await failureOf(again, session);
          seen = { first, others, data: { ...session }, userId, amr, authenticatedAt, isNew };
        });
        await world.visit(browser, end);
        world.events.length = 0;

        const reply = await slow.end();

        expect(seen).toEqual({
          first: expectedOf(name),
          others: Object.fromEntries(Object.keys(METHODS).map((other) => [other, expectedOf(other)])),
          data: {},
          ...{ userId: undefined, amr: undefined, authenticatedAt: undefined, isNew: false },
        });
        expect([reply.status, reply.cookies]).toEqual([200, []]);
        expect(world.eventTypes()).toEqual(name === 'reload()' ? [] : ['interrupted']);
        expect(world.app.log.lines).toEqual([]);
      },
    );
  });

  test.each([
    ['drop', 200, ''],
    ['throw', 409, '{"statusCode":409,"message":"Conflict","code":"SESSION_INTERRUPTED"}'],
  ] as const)(
    "is for onInterrupted: '%s' to answer where nobody has asked: %i",
    async (onInterrupted, status, body) => {
      const { world, browser } = await startWith(platform, { onInterrupted }, 'ada');
      const late: unknown[] = [];
      const slow = await world.begin(browser.clone(), ({ session, response }) => {
        session['a'] = 2;
        const raw = ('raw' in response ? response.raw : response) as { on(event: 'close', listener: () => void): void };
        raw.on('close', () => late.push(session.userId, { ...session }));
      });
      await world.visit(browser, logout);
      expect(await slow.end()).toMatchObject({ status, body, cookies: [] });
      await expect.poll(() => late).toEqual([undefined, {}]);
    },
  );

  test('can still be ended, also when it has got another token', async () => {
    const { world, browser } = await startWith(platform, {}, 'ada');
    const slow = await world.begin(browser.clone(), async ({ session }) => {
      await session.touch().catch(() => {});
      await session.logout();
    });
    await world.visit(browser, ({ session }) => session.login('ada'));
    expect((await slow.end()).status).toBe(200);
    expect(await world.isAlive(browser)).toBe(false);
  });

  test.each<[string, Handle]>([
    ['a logout', logout],
    ['another login', ({ session }) => session.login('ada')],
  ])('can be followed by a session of its own after %s', async (_, end) => {
    const { world, browser } = await startWith(platform, inMongo, 'ada');
    const [old, twin] = [tokenOf(browser), browser.clone()];
    const slow = await world.begin(twin, async ({ session }) => {
      await session.touch().catch(() => {});
      await session.login('eve');
    });
    await world.visit(browser, end);
    await slow.end();
    expect(await world.userOf(twin)).toBe('eve');
    expect(handleOf(tokenOf(twin))).not.toBe(handleOf(old));
  });
});
