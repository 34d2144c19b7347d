// The ends of a session, to the millisecond, on documents that nobody collects: what has expired is refused by its reader.
import { afterEach, describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { type HttpClient, PLATFORMS, testDatabase } from '../../support/http.js';
import { HOUR, MINUTE, type World, startWorld } from './support/world.js';

const database = testDatabase();
const sessions = database.db.collection('sessions');
// Without a TTL index there is nothing for the TTL monitor of the server to do.
const uncollected = { db: database.db, collection: 'sessions', indexes: 'off' } as const;

afterEach(async () => {
  await sessions.deleteMany({});
});

/** What is put into a new session, its options, and the time from its last use to its end. */
const ENDS: [name: string, options: SessionOptions, data: object, limit: number][] = [
  ['the idle time', {}, {}, 30 * MINUTE],
  ['an idle time of its own', { idleTimeout: '5s' }, {}, 5000],
  ['an absolute time as short as the idle time', { idleTimeout: '1h', absoluteTimeout: '1h' }, {}, HOUR],
  ['the idle time of permanent ones', {}, { permanent: true }, 14 * 24 * HOUR],
  [
    'an idle time of permanent ones of its own',
    { permanent: { idleTimeout: '2h', absoluteTimeout: '3h' } },
    { permanent: true },
    2 * HOUR,
  ],
  ["the session's own idle time", {}, { permanent: 90 * MINUTE }, 90 * MINUTE],
  ["the session's own idle time, shorter than that of others", {}, { permanent: MINUTE }, MINUTE],
  [
    'the longest own idle time, which is that of permanent ones',
    { permanent: { idleTimeout: '1h', absoluteTimeout: '3h' } },
    { permanent: HOUR },
    HOUR,
  ],
];

describe.each(PLATFORMS)('on %s a session ends at', (platform) => {
  test.each(ENDS)('%s: not a millisecond before, and at it', async (_, options, data, limit) => {
    for (const [after, isAlive] of [
      [limit - 1, true],
      [limit, false],
      [limit + 1, false],
    ] as const) {
      const world = await startWorld(platform, { ...uncollected, ...options });
      const browser = await world.browserWith({ a: 1, ...data });
      world.clock.advance(after);
      expect(await world.isAlive(browser)).toBe(isAlive);
      expect(world.eventTypes()).toEqual(isAlive ? ['created'] : ['created', 'rejected: expired']);
      await expectOneUncollected();
      await sessions.deleteMany({});
    }
  });

  test.each([
    ['absolute', {}, {}, 30 * MINUTE, 12 * HOUR],
    [
      'permanent absolute',
      { permanent: { idleTimeout: '2h', absoluteTimeout: '9h' } },
      { permanent: true },
      2 * HOUR,
      9 * HOUR,
    ],
    [
      'own permanent absolute',
      { permanent: { idleTimeout: '2h', absoluteTimeout: '9h' } },
      { permanent: HOUR },
      HOUR,
      9 * HOUR,
    ],
  ] satisfies [string, SessionOptions, object, number, number][])(
    'the %s limit, whatever is done with it',
    async (_, options, data, idle, absolute) => {
      const world = await startWorld(platform, { ...uncollected, ...options });
      const browser = await world.browserWith({ a: 1, ...data });
      await keepBusy(world, browser, idle, absolute - 1);
      expect(await world.isAlive(browser)).toBe(true);
      const reply = await world.visit(browser, ({ session }) => ({ at: session.expiresAt }));
      expect(JSON.parse(reply.body)).toEqual({ at: new Date(world.clock.now() + 1).toISOString() });
      world.clock.advance(1);
      expect(await world.isAlive(browser)).toBe(false);
      await expectOneUncollected();
    },
  );

  test('the cookie of a permanent one and its document end together, and the end moves with its use', async () => {
    const world = await startWorld(platform, {
      ...uncollected,
      permanent: { idleTimeout: '2h', absoluteTimeout: '3h' },
    });
    const browser = world.client();
    const first = await world.visit(browser, ({ session }) => void Object.assign(session, { a: 1, permanent: true }));
    expect(first.cookies).toEqual([expect.stringContaining('; Max-Age=7200;')]);
    expect(await endOf()).toBe(world.clock.now() + 2 * HOUR);

    world.clock.advance(12 * MINUTE - 1);
    expect((await world.visit(browser)).cookies).toEqual([]);
    world.clock.advance(1);
    expect((await world.visit(browser)).cookies).toEqual([expect.stringContaining('; Max-Age=7200;')]);
    expect(await endOf()).toBe(world.clock.now() + 2 * HOUR);

    world.clock.advance(108 * MINUTE);
    expect((await world.visit(browser)).cookies).toEqual([expect.stringContaining('; Max-Age=3600;')]);
    expect(await endOf()).toBe(world.clock.now() + HOUR);
  });

  test('persistence that is taken away leaves the shorter end, and a cookie that ends with the browser', async () => {
    const world = await startWorld(platform, uncollected);
    const browser = await world.browserWith({ a: 1, permanent: true });
    const reply = await world.visit(browser, ({ session }) => void (session.permanent = false));
    expect(reply.cookies).toEqual([expect.not.stringMatching(/Max-Age|Expires/)]);
    expect(await endOf()).toBe(world.clock.now() + 30 * MINUTE);
    world.clock.advance(30 * MINUTE);
    expect(await world.isAlive(browser)).toBe(false);
  });

  test.each([0, -1, NaN, Infinity, 90 * 24 * HOUR + 1, '1h', null])(
    'session.permanent = %s is refused, and changes nothing',
    async (value) => {
      const world = await startWorld(platform);
      const browser = await world.browserWith({ a: 1 });
      const reply = await world.visit(browser, ({ session }) => void (session.permanent = value as number));
      expect([reply.status, reply.cookies]).toEqual([500, []]);
      const state = await world.visit(browser, ({ session }) => ({ permanent: session.permanent }));
      expect(JSON.parse(state.body)).toEqual({ permanent: false });
    },
  );

  test('limits that shrink hold for sessions that were there before, and limits that grow do not', async () => {
    const world = await startWorld(platform, uncollected);
    const browsers = [await world.browserWith(), await world.browserWith()] as const;
    const shorter = await startWorld(platform, { ...uncollected, idleTimeout: '10m' });
    const longer = await startWorld(platform, { ...uncollected, idleTimeout: '2h' });
    shorter.clock.advance(10 * MINUTE);
    expect(await shorter.isAlive(moved(browsers[0], shorter))).toBe(false);
    longer.clock.advance(30 * MINUTE);
    expect(await longer.isAlive(moved(browsers[1], longer))).toBe(false);
  });
});

/** Visits so often that the idle time never ends, until so much time has passed since the beginning. */
async function keepBusy(world: World, browser: HttpClient, idle: number, total: number): Promise<void> {
  for (let passed = 0; passed < total;) {
    const step = Math.min(idle - 1, total - passed);
    world.clock.advance(step);
    passed += step;
    await world.visit(browser, ({ session }) => session.touch());
  }
}

function moved({ jar }: HttpClient, world: World): HttpClient {
  const client = world.client();
  for (const [name, value] of jar) client.jar.set(name, value);
  return client;
}

async function endOf(): Promise<number> {
  const [document] = await sessions.find().toArray();
  return (document!['expiresAt'] as Date).getTime();
}

async function expectOneUncollected(): Promise<void> {
  expect(await sessions.countDocuments()).toBe(1);
  expect((await sessions.indexes()).map(({ name }) => name)).toEqual(['_id_']);
}
