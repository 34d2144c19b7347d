// The renewal of a token over HTTP, from the day that it is due to the end of the old one. Its steps by themselves, and all their
// orders, are in test/unit/core/token/renewal.test.ts.
import { afterEach, describe, expect, test } from 'vitest';
import { PLATFORMS, takeRaw, testDatabase } from '../support/http.js';
import { type Handle, handleOf, HOUR, MINUTE, startWith, tokenIn, tokenOf, withCookie } from '../support/world.js';

const RENEWAL = { renewAfter: '1h', renewGrace: '1m', idleTimeout: '2h' } as const;
const { db } = testDatabase();
const collection = db.collection('sessions');
const inMongo = { db, collection: 'sessions', ...RENEWAL } as const;

afterEach(() => collection.deleteMany({}));

describe.each(PLATFORMS)('a token on %s', (platform) => {
  /** Two browsers with a token that is due. */
  async function due() {
    const { world, browser } = await startWith(platform, inMongo);
    world.clock.advance(HOUR);
    return { world, browser, old: browser.clone() };
  }

  test('is left alone until it is old enough, and then replaced by the next answer', async () => {
    const { world, browser } = await startWith(platform, inMongo);
    const old = tokenOf(browser);
    world.clock.advance(HOUR - 1);
    expect((await world.visit(browser)).cookies).toEqual([]);
    world.clock.advance(1);

    const reply = await world.visit(browser);

    const next = tokenIn(reply)!;
    expect(reply.cookies).toEqual([`id=${next}; Path=/; HttpOnly; SameSite=Lax`]);
    expect([next === old, handleOf(next)]).toEqual([false, handleOf(old)]);
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
    expect(world.events.slice(1)).toEqual([
      { type: 'renewed', handle: handleOf(old), name: 'default', at: world.clock.now() },
    ]);
    // The new one is as old as its first use.
    world.clock.advance(HOUR - 1);
    expect((await world.visit(browser)).cookies).toEqual([]);
    world.clock.advance(1);
    expect((await world.visit(browser)).cookies).toHaveLength(1);
  });

  test('that is replaced works until the new one is first used, and for the grace after it', async () => {
    const { world, browser, old } = await due();
    await world.visit(browser);
    for (const step of ['at once', 'and later']) {
      expect(await world.isAlive(old), step).toBe(true);
      world.clock.advance(30 * 1000 - 1);
    }
    await world.visit(browser);
    world.clock.advance(MINUTE - 1);
    const late = await world.visit(old.clone(), ({ session }) => void (session['late'] = 1));
    expect([late.status, late.cookies]).toEqual([200, []]);
    for (const wait of [1, 1, HOUR]) {
      world.clock.advance(wait);
      const reply = await world.visit(old, ({ session }) => ({ ...session }));
      expect([reply.body, reply.cookies]).toEqual(['{}', []]);
    }
    expect(await world.dataOf(browser)).toEqual({ a: 1, late: 1 });
    expect(world.eventTypes().slice(0, 4)).toEqual(['created', 'renewed', 'reused', 'reused']);
  });

  test('that was replaced never works again, however often the session is renewed after it', async () => {
    const { world, browser } = await startWith(platform, inMongo);
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
    expect(new Set([browser, ...replaced].map(tokenOf)).size).toBe(5);
    expect(await world.isAlive(browser)).toBe(true);
  });

  test.each<[what: string, by: 'old' | 'new', change: Handle]>([
    ['a login', 'old', ({ session }) => session.login('ada', { keep: true })],
    ['a login', 'new', ({ session }) => session.login('ada', { keep: true })],
    ['a regenerate', 'old', ({ session }) => session.regenerate({ keep: true })],
    ['a logout', 'old', ({ session }) => session.logout()],
    ['a logout', 'new', ({ session }) => session.logout()],
  ])('is as dead as the one that was to replace it after %s by the %s one', async (what, by, change) => {
    const { world, browser: renewed, old } = await due();
    await world.visit(renewed);
    const browser = { old, new: renewed }[by].clone();
    await world.visit(browser, change);
    expect(await world.isAlive(browser)).toBe(what !== 'a logout');
    expect([await world.isAlive(old), await world.isAlive(renewed)]).toEqual([false, false]);
  });

  test('and its renewal leave the session what it is: the id, the data, and what is in flight', async () => {
    const { world, browser } = await startWith(platform, inMongo);
    const idOf = () => world.ask(browser, ({ session }) => session.id);
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
    const permanent = { idleTimeout: '24h', absoluteTimeout: '25h' } as const;
    const { world, browser } = await startWith(platform, { ...inMongo, permanent }, { a: 1, permanent: true });
    world.clock.advance(2 * HOUR);
    const reply = await world.visit(browser);
    expect(reply.cookies).toEqual([expect.stringMatching(/^id=[\w-]{59}; Max-Age=79200;/)]);
  });

  test('is renewed by one of parallel requests, and only its response carries a cookie', async () => {
    const { world, browser } = await due();
    const held = await Promise.all(Array.from({ length: 6 }, () => world.begin(browser.clone())));
    const replies = await Promise.all(held.map((visit) => visit.end()));
    expect(replies.map(({ status }) => status)).toEqual(Array(6).fill(200));
    const [token, ...others] = replies.flatMap((reply) => tokenIn(reply) ?? []);
    expect([others, world.eventTypes()]).toEqual([[], ['created', 'renewed']]);
    expect(await world.dataOf(withCookie(browser, token!))).toEqual({ a: 1 });
  });

  test('of an old signing key is signed again, but never in place of the renewed one', async () => {
    const [older, newest] = ['o'.repeat(32), 'n'.repeat(32)];
    const { browser } = await startWith(platform, { ...inMongo, secrets: [older] });
    const { world } = await startWith(platform, { ...inMongo, secrets: [newest, older] });
    world.clock.advance(HOUR);
    const [first, second] = [await world.begin(world.client(browser)), await world.begin(world.client(browser))];
    const replies = [await first.end(), await second.end(), await world.visit(world.client(browser))];
    expect(replies.map(({ cookies }) => cookies.length)).toEqual([1, 0, 0]);
  });

  test('is renewed by the response that begins a stream, and not by its end', async () => {
    const { world, browser } = await startWith(platform, RENEWAL);
    const stream = world.route(async ({ response }) => {
      const raw = takeRaw(response);
      raw.write('begun ');
      await new Promise(setImmediate);
      world.clock.advance(HOUR - 1);
      raw.end('and ended');
    }, 'raw');
    world.clock.advance(1);
    for (const cookies of [0, 1]) {
      const reply = await browser.get(stream);
      expect([reply.body, reply.cookies.length]).toEqual(['begun and ended', cookies]);
    }
    expect(await world.isAlive(browser)).toBe(true);
    expect(world.app.log.lines).toEqual([]);
  });
});

describe.each(PLATFORMS)('a response with a new token that is lost, on %s', (platform) => {
  /** A client whose old token is all it has, and the new one that it was sent. */
  async function loss() {
    const { world, browser } = await startWith(platform, inMongo);
    world.clock.advance(HOUR);
    return { world, browser, lost: tokenIn(await world.visit(browser.clone()))! };
  }

  test('is made up for: the old one works, and after the grace the same new one is offered again', async () => {
    const { world, browser, lost } = await loss();
    for (let round = 0; round < 2; round++) {
      world.clock.advance(MINUTE - 1);
      expect((await world.visit(browser)).cookies).toEqual([]);
      world.clock.advance(1);
      expect(tokenIn(await world.visit(browser.clone()))).toBe(lost);
    }
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
    expect(world.eventTypes()).toEqual(['created', 'renewed', 'renewed', 'renewed']);
  });

  test('and arrives after all while another is lost logs nobody out', async () => {
    const { world, browser, lost } = await loss();
    world.clock.advance(MINUTE);
    const [again, first] = [await world.begin(browser.clone()), await world.begin(withCookie(browser, lost))];
    await Promise.all([again.end(), first.end()]);
    world.clock.advance(HOUR);
    expect(await world.isAlive(withCookie(browser, lost))).toBe(true);
  });

  test('what the store keeps of the new token can not be used as one, and neither can a dump of it', async () => {
    const { world, lost } = await loss();
    const document = (await collection.findOne({})) as unknown as Record<string, Record<string, never>>;
    const { _id, secretHash, rotation } = document;
    const bytes = [secretHash, rotation!['next']!['secretHash'], rotation!['next']!['nonce']] as unknown as Buffer[];
    const secret = Buffer.from(lost, 'base64url').subarray(12);
    for (const { buffer } of bytes) {
      expect(Buffer.compare(Buffer.from(buffer), secret)).not.toBe(0);
      const padded = Buffer.concat([Buffer.from(buffer), Buffer.alloc(32)]).subarray(0, 32);
      const token = Buffer.concat([_id!['id']!, padded]).toString('base64url');
      expect(await world.isAlive(withCookie(world.client(), token))).toBe(false);
    }
    expect(bytes.map(({ buffer }) => buffer.byteLength)).toEqual([32, 32, 16]);
  });
});
