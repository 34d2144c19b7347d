// What has expired stays so, whatever a request that began before does.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type Handle, MINUTE, type World, startWorld } from '../security/support/world.js';

const database = testDatabase();
const LIMITS: SessionOptions = { idleTimeout: '30m', absoluteTimeout: '12h' };

let tests = 0;

const PLACES: Readonly<Record<string, () => SessionOptions>> = {
  // Without an index nothing is removed by its age.
  'in MongoDB': () => ({ ...LIMITS, db: database.db, collection: `sessions_${tests++}`, indexes: 'off' }),
  'in memory': () => LIMITS,
};

/** What a slow request does at its end. */
const ACTS: Readonly<Record<string, Handle>> = {
  'reads only': ({ session }) => void session['a'],
  'sets a key': ({ session }) => void (session['a'] = 2),
  'removes a key': ({ session }) => void delete session['b'],
  'empties it': ({ session }) => {
    for (const key of Object.keys(session)) delete session[key];
  },
  'save()': async ({ session }) => {
    session['a'] = 2;
    await session.save();
  },
  'touch()': ({ session }) => session.touch(),
  'makes it permanent': ({ session }) => void (session.permanent = true),
  'increment()': ({ session }) => session.increment('n'),
  'push()': ({ session }) => session.push('list', [1]).then(() => 'pushed'),
  'take()': ({ session }) => session.take('a').then(() => 'taken'),
  'compareAndSet()': ({ session }) => session.compareAndSet('a', 1, 2).then(String),
  'update()': ({ session }) => session.update('a', () => 2).then(String),
  'regenerate() that keeps': ({ session }) => session.regenerate({ keep: true }),
  'login() that keeps': ({ session }) => session.login('ada', { keep: ['a'] }),
  'reload()': ({ session }) => session.reload(),
};
const VERBS = Object.keys(ACTS).filter((name) => name.includes('()'));

/** Documents that a reader of this moment would take for living. */
async function living(world: World, { collection }: SessionOptions): Promise<number> {
  if (typeof collection !== 'string') return 0;
  return database.db.collection(collection).countDocuments({ expiresAt: { $gt: new Date(world.clock.now()) } });
}

describe.each(PLATFORMS)('A9: a slow request on %s', (platform) => {
  describe.each(Object.entries(PLACES))('with its session %s', (_, place) => {
    test.each(Object.entries(ACTS))('that %s brings no expired session back', async (name, act) => {
      const options = place();
      const world = await startWorld(platform, options);
      const browser = await world.browserWith({ a: 1, b: 1, n: 1 });
      world.clock.advance(29 * MINUTE);
      const slow = await world.begin(browser.clone(), act);
      world.clock.advance(MINUTE);
      // Others are told so.
      expect(await world.isAlive(browser)).toBe(false);
      world.events.length = 0;

      const reply = await slow.end();

      expect(reply.cookies).toEqual([]);
      expect(reply.status).toBe(VERBS.includes(name) ? 409 : 200);
      const isWrite = name !== 'reads only' && name !== 'reload()';
      expect(world.eventTypes()).toEqual(isWrite ? ['interrupted'] : []);
      expect(await world.isAlive(browser)).toBe(false);
      expect(await living(world, options)).toBe(0);
    });

    test.each([-1, 0, 1])('that sets a key %i ms from the end is told by that millisecond', async (milliseconds) => {
      const world = await startWorld(platform, { ...place(), onInterrupted: 'throw' });
      const browser = await world.browserWith({ a: 1 });
      const slow = await world.begin(browser.clone(), ({ session }) => void (session['a'] = 2));
      world.clock.advance(30 * MINUTE + milliseconds);
      expect((await slow.end()).status).toBe(milliseconds < 0 ? 200 : 409);
      // Its use was its arrival: the write has not prolonged it.
      world.clock.advance(1);
      expect(await world.isAlive(browser)).toBe(false);
    });

    test('that a parallel request has kept alive saves what it has', async () => {
      const options = place();
      const world = await startWorld(platform, options);
      const browser = await world.browserWith({ a: 1 });
      const slow = await world.begin(browser.clone(), ({ session }) => void (session['a'] = 2));
      world.clock.advance(20 * MINUTE);
      await world.visit(browser);
      world.clock.advance(20 * MINUTE);
      expect((await slow.end()).status).toBe(200);
      expect(await world.dataOf(browser)).toEqual({ a: 2 });
    });

    test('is one use, at the time of its arrival', async () => {
      const options = place();
      const world = await startWorld(platform, options);
      const browser = await world.browserWith({ a: 1 });
      world.clock.advance(20 * MINUTE);
      const slow = await world.begin(browser.clone(), ({ session }) => void (session['a'] = 2));
      world.clock.advance(9 * MINUTE);
      await slow.end();
      world.clock.advance(21 * MINUTE - 1);
      expect(await world.isAlive(browser.clone())).toBe(true);
    });

    test('can say by touch() that the session is in use now', async () => {
      const options = place();
      const world = await startWorld(platform, options);
      const browser = await world.browserWith({ a: 1 });
      const slow = await world.begin(browser.clone(), ({ session }) => session.touch());
      world.clock.advance(29 * MINUTE);
      await slow.end();
      world.clock.advance(29 * MINUTE);
      expect(await world.isAlive(browser)).toBe(true);
    });

    test.each([
      ['idle', { idleTimeout: '10m' }],
      ['absolute', { idleTimeout: '10m', absoluteTimeout: '15m' }],
    ] as const)('heeds an %s limit that has shrunk', async (limit, shrunk) => {
      const options = place();
      const before = await startWorld(platform, { ...options, idleTimeout: '10h' });
      const origin = await before.browserWith({ a: 1 });
      const { clock } = before;
      const sameStore = 'db' in options ? {} : { store: before.store };
      const world = await startWorld(platform, { ...options, ...sameStore, ...shrunk, clock, onInterrupted: 'throw' });
      const browser = world.client();
      for (const [name, value] of origin.jar) browser.jar.set(name, value);
      if (limit === 'absolute') {
        clock.advance(9 * MINUTE);
        await before.visit(origin, ({ session }) => session.touch());
      }
      const early = await world.begin(browser.clone(), ({ session }) => void (session['a'] = 2));
      const late = await world.begin(browser.clone(), ({ session }) => void (session['a'] = 3));
      clock.advance((limit === 'idle' ? 10 : 6) * MINUTE - 1);
      expect((await early.end()).status).toBe(200);
      clock.advance(1);
      expect((await late.end()).status).toBe(409);
      expect(await world.isAlive(browser)).toBe(false);
    });
  });

  test('that streams does not prolong the session at its end', async () => {
    const options = PLACES['in MongoDB']!();
    const world = await startWorld(platform, options);
    const browser = await world.browserWith({ a: 1 });
    const path = world.route(({ session, response }) => {
      const raw = ('raw' in response ? response.raw : response) as { write(text: string): void; end(): void };
      if ('hijack' in response) (response as unknown as { hijack(): void }).hijack();
      raw.write('begun');
      world.clock.advance(31 * MINUTE);
      session['a'] = 2;
      raw.end();
    }, 'raw');
    await browser.clone().get(path);
    expect(await world.isAlive(browser)).toBe(false);
    expect(await living(world, options)).toBe(0);
  });
});
