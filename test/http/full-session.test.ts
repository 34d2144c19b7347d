// A session that is full, or has more in it than its limits allow: whatever comes in parallel, it gets no larger.
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../lib/index.js';
import { PLATFORMS, testDatabase } from '../support/http.js';
import { type AnySession, startWith, startWorld } from '../support/world.js';

const { db } = testDatabase();
const sessions = db.collection('sessions');
const inMongo = { db, collection: 'sessions' };

afterEach(() => sessions.deleteMany({}));

const LARGE = 'SESSION_TOO_LARGE';
const MANY = 'SESSION_TOO_MANY_KEYS';
const FULL = { maxSize: 20_000, maxKeys: 30 };
const REQUESTS = 40;
const encryption = { keys: [randomBytes(32)] };
type Act = (session: AnySession, n: number) => unknown;

/** What one of many requests adds to the session that all of them have read. */
const ADDITIONS: Readonly<Record<string, Act>> = {
  'a key of its own': (session, n) => void (session[`key ${n}`] = 1),
  'a large key of its own': (session, n) => void (session[`key ${n}`] = 'x'.repeat(3000)),
  'a large value of a key that was there': (session, n) => void (session[`old ${n % 10}`] = 'x'.repeat(3000 + n)),
  'a key by increment()': (session, n) => session.increment(`key ${n}`),
  'a key by push()': (session, n) => session.push(`key ${n}`, ['x'.repeat(3000)]),
  'items of one list by push()': (session) => session.push('old 0 list', ['x'.repeat(3000)]),
  'a key by compareAndSet()': (session, n) => session.compareAndSet(`key ${n}`, undefined, 'x'.repeat(3000)),
  'a key by update()': (session, n) => session.update(`key ${n}`, () => 'x'.repeat(3000)),
  'two keys at the end of a stream': async (session, n) => {
    await session.save();
    session[`key ${n}`] = session[`other ${n}`] = 'x'.repeat(1000);
  },
};
const old = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`old ${n}`, n]));

/** A session with more in it than the limits allow, since they were lowered. */
const large = {
  ...Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`key ${n}`, n])),
  text: 'x'.repeat(60_000),
};
const SMALLER: Readonly<Record<string, Act>> = {
  'removing a key': (session) => void delete session['key 1'],
  'replacing a value by a shorter one': (session) => void (session['text'] = 'x'.repeat(50_000)),
  'replacing a value by one of the same size': (session) => void (session['key 1'] = 7),
  'take()': (session) => session.take('text'),
  'update() to a shorter value': (session) => session.update('text', () => 'x'.repeat(40_000)),
  'increment() of a key that is there': (session) => session.increment('key 3'),
  'login() that keeps all': (session) => session.login('ada', { keep: true }),
  'regenerate() that keeps a key': (session) => session.regenerate({ keep: ['key 1'] }),
  'destroy()': (session) => session.destroy(),
  'emptying it': (session) => Object.keys(session).forEach((key) => delete session[key]),
};
const GROWING: Readonly<Record<string, Act>> = {
  'one more key': (session) => void (session['new'] = 1),
  'a longer value': (session) => void (session['text'] = 'x'.repeat(60_001)),
  'push()': (session) => session.push('list', [1]),
};

describe.each(PLATFORMS)('A10: a full session on %s', (platform) => {
  describe.each<[string, SessionOptions]>([
    ['plain', inMongo],
    ['encrypted', { ...inMongo, encryption }],
  ])('%s', (_, store) => {
    test.each(Object.entries(ADDITIONS))(
      'never passes its limits by parallel requests that add %s',
      async (_what, add) => {
        const { world, browser } = await startWith(platform, { ...store, ...FULL }, old);
        const act = (n: number) => world.begin(browser.clone(), async ({ session }) => void (await add(session, n)));
        const visits = await Promise.all(Array.from({ length: REQUESTS }, (__, n) => act(n)));
        const replies = await Promise.all(visits.map((visit) => visit.end()));
        expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 413]));
        const data = (await world.dataOf(browser)) as object;
        expect(Object.keys(data).length).toBeLessThanOrEqual(FULL.maxKeys);
        expect(JSON.stringify(data).length).toBeLessThanOrEqual(FULL.maxSize);
      },
    );

    test('is full for the process that knows less, too', async () => {
      const { world: one, browser } = await startWith(platform, { ...store, ...FULL }, old);
      const other = await startWorld(platform, { ...store, ...FULL });
      const act = (n: number) => {
        const world = n % 2 ? one : other;
        return world.begin(world.client(browser), ({ session }) => void (session[`key ${n}`] = 1));
      };
      const visits = await Promise.all(Array.from({ length: REQUESTS }, (__, n) => act(n)));
      await Promise.all(visits.map((visit) => visit.end()));
      expect(Object.keys((await one.dataOf(browser)) as object)).toHaveLength(FULL.maxKeys);
    });
  });

  test('is full after login() in the same request, too', async () => {
    const { world, browser } = await startWith(platform, { ...inMongo, ...FULL }, old);
    const codes = new Set<unknown>();
    await world.visit(browser, async ({ session }) => {
      await session.login('ada');
      for (let n = 0; n < REQUESTS; n++)
        await session.increment(`key ${n}`).catch(({ code }: { code: unknown }) => codes.add(code));
      const { 'key 0': first } = session;
      session['key 0'] = 'x'.repeat(FULL.maxSize);
      await session.save().catch(({ code }: { code: unknown }) => codes.add(code));
      session['key 0'] = first;
    });
    expect(codes).toEqual(new Set([MANY, LARGE]));
    expect(Object.keys((await world.dataOf(browser)) as object)).toHaveLength(FULL.maxKeys);
  });

  test('is full after login() that keeps what others have put in since', async () => {
    const { world, browser } = await startWith(platform, { ...inMongo, ...FULL }, old);
    const login = await world.begin(browser, async ({ session }) => {
      expect({ ...session }).toEqual(old);
      await session.login('ada', { keep: true });
      for (let n = 0; n < 15; n++) session[`mine ${n}`] = 1;
    });
    const others = await world.visit(browser.clone(), ({ session }) => {
      for (let n = 0; n < 15; n++) session[`key ${n}`] = 1;
    });
    expect([others.status, (await login.end()).status]).toEqual([200, 413]);
    expect(Object.keys((await world.dataOf(browser)) as object)).toHaveLength(25);
  });

  async function actOnLarge(act: Act) {
    const { browser: origin } = await startWith(platform, inMongo, large);
    const world = await startWorld(platform, { ...inMongo, ...FULL });
    const browser = world.client(origin);
    const { status } = await world.visit(browser, async ({ session }) => void (await act(session, 0)));
    return { world, browser, status };
  }

  test.each(Object.entries(SMALLER))('whose limits were lowered allows %s', async (_, act) => {
    expect((await actOnLarge(act)).status).toBe(200);
  });

  test.each(Object.entries(GROWING))('whose limits were lowered refuses %s with 413', async (_, act) => {
    const { world, browser, status } = await actOnLarge(act);
    expect([status, await world.dataOf(browser)]).toEqual([413, large]);
  });
});
