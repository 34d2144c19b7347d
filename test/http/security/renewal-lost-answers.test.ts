// An answer with a new token may get lost: the client goes on with the old one, and is offered the same new one again.
import { afterEach, describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { takeRaw } from '../response-paths/mark.controller.js';
import { HOUR, MINUTE, startWorld, tokenIn, withCookie } from './support/world.js';

const RENEWAL = { renewAfter: '1h', renewGrace: '1m', idleTimeout: '90m' } as const;
const database = testDatabase();
const collection = database.db.collection('sessions');
const STORES = [
  ['memory', {}],
  ['MongoDB', { db: database.db, collection: 'sessions' }],
] as const;

afterEach(async () => {
  await collection.deleteMany({});
});

describe.each(PLATFORMS)('%s', (platform) => {
  describe.each(STORES)('of a lost answer with a new token, on %s,', (_, store) => {
    /** A client whose old token is all it has, and the new one that it was sent. */
    const startWithLoss = async () => {
      const world = await startWorld(platform, { ...store, ...RENEWAL });
      const browser = await world.browserWith();
      world.clock.advance(HOUR);
      const lost = tokenIn(await world.visit(browser.clone()))!;
      return { world, browser, lost };
    };

    test('the client notices nothing: the old one works, and after the grace the same new one is offered again', async () => {
      const { world, browser, lost } = await startWithLoss();
      world.clock.advance(MINUTE - 1);
      const early = await world.visit(browser, ({ session }) => ({ ...session }));
      expect([early.body, early.cookies]).toEqual(['{"a":1}', []]);
      world.clock.advance(1);
      expect(tokenIn(await world.visit(browser.clone()))).toBe(lost);
      // And lost once more.
      world.clock.advance(MINUTE - 1);
      expect((await world.visit(browser)).cookies).toEqual([]);
      world.clock.advance(1);
      expect(tokenIn(await world.visit(browser))).toBe(lost);
      expect(await world.dataOf(browser)).toEqual({ a: 1 });
      expect(world.eventTypes()).toEqual(['created', 'renewed', 'renewed', 'renewed']);
    });

    test('the first copy is as good as the second, if it comes after all', async () => {
      const { world, browser, lost } = await startWithLoss();
      world.clock.advance(MINUTE);
      await world.visit(browser.clone());
      const late = withCookie(browser, lost);
      world.clock.advance(MINUTE);
      await world.visit(late);
      world.clock.advance(MINUTE - 1);
      expect([await world.isAlive(late), await world.isAlive(browser)]).toEqual([true, true]);
      world.clock.advance(1);
      expect([await world.isAlive(late), await world.isAlive(browser)]).toEqual([true, false]);
    });

    test('the old token ends the idle time after the first offer, however busy the client that takes no new one', async () => {
      const { world, browser, lost } = await startWithLoss();
      for (let minutes = 10; minutes < 90; minutes += 10) {
        world.clock.advance(10 * MINUTE);
        expect(tokenIn(await world.visit(browser.clone()))).toBe(lost);
      }
      world.clock.advance(10 * MINUTE - 1);
      expect(await world.isAlive(browser)).toBe(true);
      world.clock.advance(1);
      expect(await world.isAlive(browser)).toBe(false);
      world.clock.advance(1);
      expect(await world.isAlive(browser)).toBe(false);
      expect(await world.isAlive(withCookie(browser, lost))).toBe(true);
    });

    test('parallel requests are offered the same one again by one answer only', async () => {
      const { world, browser, lost } = await startWithLoss();
      world.clock.advance(MINUTE);
      const held = await Promise.all(Array.from({ length: 4 }, () => world.begin(browser.clone())));
      const replies = await Promise.all(held.map((visit) => visit.end()));
      expect(replies.flatMap((reply) => tokenIn(reply) ?? [])).toEqual([lost]);
    });

    test('a second loss and a late first use meet: who uses the new token is never logged out', async () => {
      const { world, browser, lost } = await startWithLoss();
      world.clock.advance(MINUTE);
      const [again, first] = [await world.begin(browser.clone()), await world.begin(withCookie(browser, lost))];
      await Promise.all([again.end(), first.end()]);
      world.clock.advance(HOUR);
      expect(await world.isAlive(withCookie(browser, lost))).toBe(true);
    });
  });

  test('what the store keeps of the new token can not be used as one, and neither can a dump of it', async () => {
    const world = await startWorld(platform, { ...STORES[1][1], ...RENEWAL });
    const browser = await world.browserWith();
    world.clock.advance(HOUR);
    await world.visit(browser);
    const [document] = await collection.find().toArray();
    const handle = document!._id.id;
    const { secretHash, rotation } = document as unknown as Record<string, Record<string, never>>;
    const bytes = [secretHash, rotation!['next']!['secretHash'], rotation!['next']!['nonce']] as unknown as {
      buffer: Uint8Array;
    }[];
    const secret = Buffer.from(browser.jar.get('id')!, 'base64url').subarray(12);
    for (const { buffer } of bytes) {
      expect(Buffer.compare(buffer, secret)).not.toBe(0);
      const token = Buffer.concat([handle, Buffer.concat([buffer, Buffer.alloc(32)]).subarray(0, 32)]);
      expect(await world.isAlive(withCookie(browser, token.toString('base64url')))).toBe(false);
    }
    expect(bytes.map(({ buffer }) => buffer.length)).toEqual([32, 32, 16]);
  });

  test('an answer that streams carries the new token when it begins, and none when it was due only later', async () => {
    const world = await startWorld(platform, RENEWAL);
    const browser = await world.browserWith();
    const stream = world.route(async ({ response }) => {
      const raw = takeRaw(response);
      raw.write('begun ');
      await new Promise(setImmediate);
      world.clock.advance(HOUR - 1);
      raw.end('and ended');
    }, 'raw');
    world.clock.advance(1);
    const before = await browser.get(stream);
    expect([before.body, before.cookies]).toEqual(['begun and ended', []]);
    const during = await browser.get(stream);
    expect([during.body, during.cookies.length]).toEqual(['begun and ended', 1]);
    expect(await world.isAlive(browser)).toBe(true);
    expect(world.app.log.lines).toEqual([]);
  });

  test('a renewal that the store has done, but could not say so, costs nothing', async () => {
    const world = await startWorld(platform, RENEWAL);
    const browser = await world.browserWith();
    world.clock.advance(HOUR);
    const { renewToken } = world.store;
    const offered: unknown[] = [];
    Object.assign(world.store, {
      renewToken: async (...args: Parameters<typeof renewToken>) => {
        offered.push(args[3].next?.secretHash);
        await renewToken(...args);
        throw new Error('The connection broke.');
      },
    });
    expect((await world.visit(browser)).cookies).toEqual([]);
    Object.assign(world.store, { renewToken });
    world.clock.advance(MINUTE - 1);
    expect((await world.visit(browser)).cookies).toEqual([]);
    world.clock.advance(1);
    expect((await world.visit(browser)).cookies).toHaveLength(1);
    expect(offered).toEqual([expect.any(Uint8Array)]);
    expect(await world.isAlive(browser)).toBe(true);
  });
});
