// The limits of the stored session hold whatever comes in parallel, and a session beyond them can still be made smaller.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type AnySession, startWorld } from '../security/support/world.js';

const database = testDatabase();
const LIMITS = { maxSize: 20_000, maxKeys: 30 };
const encryption = { keys: [randomBytes(32)] };
const REQUESTS = 40;

const STORES: Readonly<Record<string, SessionOptions>> = {
  'in MongoDB': { db: database.db, collection: 'sessions' },
  'in memory': {},
  encrypted: { db: database.db, collection: 'sealed', encryption },
};

/** What one of many requests adds to the session that all of them have read. */
const ADDITIONS: Readonly<Record<string, (session: AnySession, n: number) => unknown>> = {
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

describe.each(PLATFORMS)('A10: a full session on %s', (platform) => {
  describe.each(Object.entries(STORES))('%s', (_, store) => {
    test.each(Object.entries(ADDITIONS))(
      'never passes its limits by parallel requests that add %s',
      async (_name, add) => {
        const world = await startWorld(platform, { ...store, ...LIMITS });
        const browser = await world.browserWith(old);
        const visits = await Promise.all(
          Array.from({ length: REQUESTS }, (__, n) =>
            world.begin(browser.clone(), async ({ session }) => void (await add(session, n))),
          ),
        );
        const replies = await Promise.all(visits.map((visit) => visit.end()));

        const statuses = new Set(replies.map(({ status }) => status));
        expect(statuses).toEqual(new Set([200, 413]));
        const data = (await world.dataOf(browser)) as object;
        expect(Object.keys(data).length).toBeLessThanOrEqual(LIMITS.maxKeys);
        expect(JSON.stringify(data).length).toBeLessThanOrEqual(LIMITS.maxSize);
      },
    );

    test('is full for the process that knows less, too', async () => {
      const [one, other] = [
        await startWorld(platform, { ...store, ...LIMITS }),
        await startWorld(platform, { ...store, ...LIMITS }),
      ];
      if (!('db' in store)) return;
      const browser = await one.browserWith(old);
      const twin = other.client();
      for (const [name, value] of browser.jar) twin.jar.set(name, value);
      const visits = await Promise.all(
        Array.from({ length: REQUESTS }, (__, n) =>
          (n % 2 ? one : other).begin(
            (n % 2 ? browser : twin).clone(),
            ({ session }) => void (session[`key ${n}`] = 1),
          ),
        ),
      );
      await Promise.all(visits.map((visit) => visit.end()));
      expect(Object.keys((await one.dataOf(browser)) as object)).toHaveLength(LIMITS.maxKeys);
    });
  });

  describe('whose limits were lowered', () => {
    const large = {
      ...Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`key ${n}`, n])),
      text: 'x'.repeat(60_000),
    };
    const SMALLER: Readonly<Record<string, (session: AnySession) => unknown>> = {
      'removing a key': (session) => void delete session['key 1'],
      'replacing a value by a shorter one': (session) => void (session['text'] = 'x'.repeat(50_000)),
      'replacing a value by one of the same size': (session) => void (session['key 1'] = 7),
      'take()': (session) => session.take('text'),
      'update() to a shorter value': (session) => session.update('text', () => 'x'.repeat(40_000)),
      'increment() of a key that is there': (session) => session.increment('key 3'),
      'login() that keeps all': (session) => session.login('ada', { keep: true }),
      'regenerate() that keeps a key': (session) => session.regenerate({ keep: ['key 1'] }),
      'logout()': (session) => session.logout(),
      'destroy()': (session) => session.destroy(),
      'emptying it': (session) => {
        for (const key of Object.keys(session)) delete session[key];
      },
    };
    const GROWING: Readonly<Record<string, (session: AnySession) => unknown>> = {
      'one more key': (session) => void (session['new'] = 1),
      'a longer value': (session) => void (session['text'] = 'x'.repeat(60_001)),
      'push()': (session) => session.push('list', [1]),
    };

    async function start() {
      const store = { db: database.db, collection: 'lowered' };
      const before = await startWorld(platform, store);
      const origin = await before.browserWith(large);
      const world = await startWorld(platform, { ...store, ...LIMITS });
      const browser = world.client();
      for (const [name, value] of origin.jar) browser.jar.set(name, value);
      return { world, browser };
    }

    test.each(Object.entries(SMALLER))('allows %s', async (_, act) => {
      const { world, browser } = await start();
      const reply = await world.visit(browser, async ({ session }) => void (await act(session)));
      expect(reply.status).toBe(200);
    });

    test.each(Object.entries(GROWING))('refuses %s with 413', async (_, act) => {
      const { world, browser } = await start();
      const reply = await world.visit(browser, async ({ session }) => void (await act(session)));
      expect(reply.status).toBe(413);
      expect(await world.dataOf(browser)).toEqual(large);
    });
  });
});
