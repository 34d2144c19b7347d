// The renewal of a token, from the day that it is due to the end of the old one.
import { describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { HOUR, MINUTE, handleOf, startWorld, tokenIn, withCookie } from './support/world.js';

const RENEWAL = { renewAfter: '1h', renewGrace: '1m', idleTimeout: '2h' } as const;
const database = testDatabase();
const STORES = [
  ['memory', {}],
  ['MongoDB', { db: database.db, collection: 'sessions' }],
] as const;

describe.each(PLATFORMS)('%s', (platform) => {
  describe.each(STORES)('a token on %s', (_, store) => {
    const start = () => startWorld(platform, { ...store, ...RENEWAL });

    test('is left alone until it is old enough, and then replaced by the next answer', async () => {
      const world = await start();
      const browser = await world.browserWith();
      const old = browser.jar.get('id')!;
      world.clock.advance(HOUR - 1);
      expect((await world.visit(browser)).cookies).toEqual([]);
      world.clock.advance(1);

      const reply = await world.visit(browser);

      const next = tokenIn(reply)!;
      expect(reply.cookies).toEqual([`id=${next}; Path=/; HttpOnly; SameSite=Lax`]);
      expect(next).not.toBe(old);
      expect(handleOf(next)).toBe(handleOf(old));
      expect(await world.dataOf(browser)).toEqual({ a: 1 });
      expect(world.events.filter(({ type }) => type === 'renewed')).toEqual([
        { type: 'renewed', handle: handleOf(old), name: 'default', at: world.clock.now() },
      ]);
    });

    test('has its full time again from the first use of the new one', async () => {
      const world = await start();
      const browser = await world.browserWith();
      world.clock.advance(HOUR);
      await world.visit(browser);
      world.clock.advance(30 * MINUTE);
      expect((await world.visit(browser)).cookies).toEqual([]);
      world.clock.advance(HOUR - 1);
      expect((await world.visit(browser)).cookies).toEqual([]);
      world.clock.advance(1);
      expect((await world.visit(browser)).cookies).toHaveLength(1);
    });

    test('that is replaced works until the new one is first used, and for the grace after it', async () => {
      const world = await start();
      const browser = await world.browserWith({ a: 1 });
      const old = browser.clone();
      world.clock.advance(HOUR);
      await world.visit(browser);
      for (const step of ['at once', 'and later']) {
        expect(await world.isAlive(old), step).toBe(true);
        world.clock.advance(30 * 1000 - 1);
      }

      await world.visit(browser);
      expect(await world.isAlive(old)).toBe(true);
      world.clock.advance(MINUTE - 1);
      const late = await world.visit(old.clone(), ({ session }) => void (session['late'] = 1));
      expect([late.status, late.cookies]).toEqual([200, []]);
      world.clock.advance(1);
      expect(await world.isAlive(old)).toBe(false);
      world.clock.advance(1);
      expect(await world.isAlive(old)).toBe(false);
      expect(await world.dataOf(browser)).toEqual({ a: 1, late: 1 });
      expect(world.eventTypes()).toEqual(['created', 'renewed', 'reused', 'reused']);
    });

    test('that was replaced never works again, however often the session is renewed after it', async () => {
      const world = await start();
      const browser = await world.browserWith();
      const replaced = [];
      for (let round = 0; round < 4; round += 1) {
        replaced.push(browser.clone());
        world.clock.advance(HOUR);
        await world.visit(browser);
        await world.visit(browser);
        // The grace is that of the last one only.
        const alive = await Promise.all(replaced.map((client) => world.isAlive(client)));
        expect(alive).toEqual([...Array(round).fill(false), true]);
      }
      expect(new Set([browser, ...replaced].map(({ jar }) => jar.get('id'))).size).toBe(5);
      expect(await world.isAlive(browser)).toBe(true);
    });

    test.each<[verb: string, by: 'old' | 'new']>([
      ['login', 'old'],
      ['login', 'new'],
      ['regenerate', 'old'],
      ['regenerate', 'new'],
    ])('is as dead as the one that was to replace it after a %s by the %s one', async (verb, by) => {
      const world = await start();
      const old = await world.browserWith();
      const renewed = old.clone();
      world.clock.advance(HOUR);
      await world.visit(renewed);
      const clients = { old, new: renewed };
      const browser = clients[by].clone();
      await world.visit(browser, ({ session }) =>
        verb === 'login' ? session.login('ada', { keep: true }) : session.regenerate({ keep: true }),
      );
      expect(await world.isAlive(browser)).toBe(true);
      expect([await world.isAlive(old), await world.isAlive(renewed)]).toEqual([false, false]);
      expect(new Set([old, renewed, browser].map(({ jar }) => jar.get('id'))).size).toBe(3);
    });

    test.each(['old', 'new'] as const)('ends with its session on a logout by the %s one', async (by) => {
      const world = await start();
      const old = await world.browserWith();
      const renewed = old.clone();
      world.clock.advance(HOUR);
      await world.visit(renewed);
      const clients = { old, new: renewed };
      await world.visit(clients[by].clone(), ({ session }) => session.logout());
      expect([await world.isAlive(old), await world.isAlive(renewed)]).toEqual([false, false]);
    });

    test('and its renewal leave the session what it is: the id, the data, and what is under way', async () => {
      const world = await start();
      const browser = await world.browserWith();
      const idOf = async () => (await world.visit(browser, ({ session }) => session.id)).body;
      const before = await idOf();
      const writer = await world.begin(browser.clone(), ({ session }) => void (session['b'] = 2));
      world.clock.advance(HOUR);
      await world.visit(browser);
      expect(await idOf()).toBe(before);
      await writer.end();
      expect(await world.dataOf(browser)).toEqual({ a: 1, b: 2 });
      expect(world.eventTypes()).toEqual(['created', 'renewed']);
    });

    test('of a permanent session is renewed with the lifetime that is left', async () => {
      const world = await startWorld(platform, {
        ...store,
        ...RENEWAL,
        permanent: { idleTimeout: '24h', absoluteTimeout: '25h' },
      });
      const browser = await world.browserWith({ a: 1, permanent: true });
      world.clock.advance(2 * HOUR);
      const reply = await world.visit(browser);
      expect(reply.cookies).toEqual([expect.stringMatching(/^id=[\w-]{59}; Max-Age=79200;/)]);
      expect(await world.isAlive(browser)).toBe(true);
    });

    test('that somebody has stolen is worth nothing after the grace, and is no way to the new one within it', async () => {
      const world = await start();
      const browser = await world.browserOf('ada');
      const thief = withCookie(world.client(), browser.jar.get('id')!);
      world.clock.advance(HOUR);
      await world.visit(browser);
      await world.visit(browser);

      world.clock.advance(MINUTE - 1);
      expect((await world.visit(thief, ({ session }) => void (session.permanent = true))).cookies).toEqual([]);
      world.clock.advance(1);
      expect(await world.isAlive(thief)).toBe(false);
      world.clock.advance(HOUR);
      expect((await world.visit(thief)).cookies).toEqual([]);
      expect(await world.isAlive(thief)).toBe(false);
    });
  });
});
