// The ends of a session, to the millisecond, on documents that nobody collects: what has expired is refused by its reader.
import { afterEach, describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../lib/index.js';
import { type HttpClient, PLATFORMS, recordCommands, testDatabase } from '../support/http.js';
import { type AnySession, HOUR, MINUTE, startWith, type World } from '../support/world.js';

const { client, db } = testDatabase({ monitorCommands: true });
const commands = recordCommands(client);
const sessions = db.collection('sessions');
// Without a TTL index there is nothing for the TTL monitor of the server to do.
const uncollected = { db, collection: 'sessions', indexes: 'off' } as const;

afterEach(() => sessions.deleteMany({}));

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
  ['the idle time of a profile', { profile: 'banking' }, { permanent: true }, 5 * MINUTE],
];

const PERMANENT = { permanent: { idleTimeout: '2h', absoluteTimeout: '9h' } } as const;

describe.each(PLATFORMS)('on %s a session ends at', (platform) => {
  test.each(ENDS)('%s: not a millisecond before, and at it', async (_, options, data, limit) => {
    const { world, browser: before } = await startWith(platform, { ...uncollected, ...options }, { a: 1, ...data });
    const [at, after] = [await world.browserWith({ a: 1, ...data }), await world.browserWith({ a: 1, ...data })];
    world.clock.advance(limit - 1);
    expect(await world.isAlive(before)).toBe(true);
    for (const browser of [at, after]) {
      world.clock.advance(1);
      expect(await world.isAlive(browser)).toBe(false);
    }
    expect(world.eventTypes().slice(3)).toEqual(['rejected: expired', 'rejected: expired']);
    expect(await sessions.countDocuments()).toBe(3);
  });

  test.each<[string, SessionOptions, object, number, number]>([
    ['absolute', {}, {}, 30 * MINUTE, 12 * HOUR],
    ['permanent absolute', PERMANENT, { permanent: true }, 2 * HOUR, 9 * HOUR],
    ['own permanent absolute', PERMANENT, { permanent: HOUR }, HOUR, 9 * HOUR],
  ])('the %s limit, whatever is done with it', async (_, options, data, idle, absolute) => {
    const { world, browser } = await startWith(platform, { ...uncollected, ...options }, { a: 1, ...data });
    await keepBusy(world, browser, idle, absolute - 1);
    expect(await world.isAlive(browser)).toBe(true);
    const end = await world.ask(browser, ({ session }) => session.expiresAt);
    expect(end).toBe(new Date(world.clock.now() + 1).toISOString());
    world.clock.advance(1);
    expect(await world.isAlive(browser)).toBe(false);
    expect(await sessions.countDocuments()).toBe(1);
  });

  test.each([
    ['before touch()', (session: AnySession) => session.touch()],
    ['while save() is in flight', (session: AnySession) => session.save()],
  ])('the idle time of permanent ones, also if that was set %s', async (when, write) => {
    const { world } = await startWith(platform, uncollected);
    for (const [permanent, limit] of [
      [true, 14 * 24 * HOUR],
      [false, 30 * MINUTE],
    ] as const) {
      const browser = await world.browserWith({ a: 1, permanent: !permanent });
      const { cookies } = await world.visit(browser, async ({ session }) => {
        session['b'] = permanent;
        if (when.startsWith('before')) session.permanent = permanent;
        const running = write(session);
        session.permanent = permanent;
        await running;
      });
      expect(cookies[0]?.includes('Max-Age')).toBe(permanent);
      const other = browser.clone();
      world.clock.advance(limit - 1);
      expect(await world.isAlive(browser)).toBe(true);
      world.clock.advance(limit);
      expect(await world.isAlive(other)).toBe(false);
    }
  });

  test('the same time as its permanent cookie, and the end moves with its use', async () => {
    const permanent = { idleTimeout: '2h', absoluteTimeout: '3h' } as const;
    const { world, browser } = await startWith(platform, { ...uncollected, permanent });
    const agree = async (cookies: readonly string[], seconds: number) => {
      expect(cookies).toEqual([expect.stringContaining(`; Max-Age=${seconds};`)]);
      const [document] = await sessions.find().toArray();
      expect(document!['expiresAt']).toEqual(new Date(world.clock.now() + seconds * 1000));
    };
    const first = await world.visit(browser, ({ session }) => void (session.permanent = true));
    await agree(first.cookies, 7200);
    world.clock.advance(12 * MINUTE - 1);
    expect((await world.visit(browser)).cookies).toEqual([]);
    world.clock.advance(1);
    await agree((await world.visit(browser)).cookies, 7200);
    world.clock.advance(108 * MINUTE);
    await agree((await world.visit(browser)).cookies, 3600);
    // What is no time, or too long, is refused, and changes nothing.
    expect((await world.visit(browser, ({ session }) => void (session.permanent = 3 * HOUR))).status).toBe(500);
  });

  test('its idle time after its last use, which is written once per tenth of that time, whoever looks', async () => {
    const { world, browser } = await startWith(platform, uncollected);
    const beginning = world.clock.now();
    commands.on('sessions');
    for (let seconds = 10; seconds <= 1800; seconds += 10) {
      world.clock.advance(10_000);
      await world.visit(browser, seconds % 20 ? ({ session }) => ({ ...session }) : undefined);
    }
    const sent = commands.on('sessions');
    expect(sent.filter((command) => command === 'find')).toHaveLength(180);
    expect(sent.filter((command) => command !== 'find')).toEqual(Array(10).fill('update'));
    expect(await sessions.distinct('lastSeenAt')).toEqual([new Date(beginning + 30 * MINUTE)]);
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

const LONGER = { ...uncollected, idleTimeout: '60m' } as const;
const SHORTER = { ...uncollected, idleTimeout: '30m' } as const;

describe.each(PLATFORMS)(
  'A9: on %s, under limits that were lowered, a request that has used its session',
  (platform) => {
    test.each<[string, (session: AnySession) => unknown]>([
      ['touch()', (session) => session.touch()],
      ['permanent', (session) => void (session.permanent = true)],
      ['increment()', (session) => session.increment('n')],
      ['login() that keeps', (session) => session.login('ada', { keep: true })],
    ])('can not bring it back by %s when others are told that it has expired', async (_, act) => {
      const { world: before, browser } = await startWith(platform, LONGER);
      const { world } = await startWith(platform, { ...SHORTER, clock: before.clock });
      const slowClient = world.client(browser);
      const slow = await world.begin(slowClient, async ({ session }) => {
        await session.touch();
        before.clock.advance(40 * MINUTE);
        expect(await world.isAlive(world.client(browser))).toBe(false);
        await act(session);
      });
      await slow.end();
      expect(await world.isAlive(slowClient)).toBe(false);
      expect(world.eventTypes()).toContain('interrupted');
    });
  },
);
