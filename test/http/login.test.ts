// login(): whose the session is, under a new token, what of the old one stays, and who a user can be.
import mongoose from 'mongoose';
import { afterEach, describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../support/http.js';
import { type AnySession, type Handle, handleOf, HOUR, MINUTE, startWith, startWorld } from '../support/world.js';
import { tokenIn, tokenOf } from '../support/world.js';

const { ObjectId, UUID, Long, Decimal128, Binary } = mongoose.mongo.BSON;
const { db } = testDatabase();
const sessions = db.collection('sessions');
const inMongo = { db, collection: 'sessions' };

afterEach(() => sessions.deleteMany({}));

const IDS: [name: string, userId: string | number | object][] = [
  ['a text', 'ada'],
  ['a text that looks like an operator', '$ne'],
  ['a text that looks like a field', '$userId'],
  ['a number', 42],
  ['zero', 0],
  ['an ObjectId', new ObjectId('65f0c0ffee65f0c0ffee65f0')],
  ['a UUID', new UUID('b4b0a3c1-3d5f-4d7a-9d0e-3a6d2a4f0c11')],
  ['a Long', Long.fromString('9007199254740993')],
  ['a Decimal128', Decimal128.fromString('12345678901234567890')],
  ['a Binary', new Binary(new Uint8Array([1, 2, 3]))],
];

/** What a body can put in the place of an id. All others are in test/unit/core/session/operation-arguments.test.ts. */
const REFUSED: [name: string, userId: unknown][] = [
  ['nothing', undefined],
  ['an empty text', ''],
  ['a list', ['ada']],
  ['an operator', { $ne: null }],
  ['a forged BSON type of a body', JSON.parse('{"_bsontype":"ObjectId","id":"ada"}')],
];

describe.each(PLATFORMS)('login() on %s', (platform) => {
  test('gives a new token and the next epoch under the same handle, and the old token is dead at once', async () => {
    const { world, browser } = await startWith(platform, inMongo);
    const old = browser.clone();
    const reply = await world.visit(browser, async ({ session }) => {
      const before = session.id;
      await session.login('ada');
      return { before, after: session.id, handle: session.handle, userId: session.userId };
    });

    const { before, after, handle, userId } = JSON.parse(reply.body) as Record<string, string>;
    const token = tokenIn(reply)!;
    expect(token).not.toBe(tokenOf(old));
    expect([handleOf(token), handleOf(tokenOf(old))]).toEqual([handle, handle]);
    expect([before, after, userId]).toEqual([`${handle}.0`, `${handle}.1`, 'ada']);
    expect([await world.isAlive(browser), await world.isAlive(old)]).toEqual([true, false]);
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'rejected', reason: 'secret', handle }));
  });

  test('again, as the same user or another, gives a new token again', async () => {
    const { world, browser } = await startWith(platform, inMongo, 'ada');
    for (const user of ['ada', 'grace']) {
      const old = browser.clone();
      await world.visit(browser, ({ session }) => session.login(user, { keep: true }));
      expect(tokenOf(browser)).not.toBe(tokenOf(old));
      expect([await world.isAlive(old), await world.userOf(browser)]).toEqual([false, user]);
    }
  });

  test.each([
    ['nothing by default', undefined, {}],
    ['nothing with false', false, {}],
    ['everything with true', true, { cart: ['book'], 'dotted.$key': 1, draft: 'x' }],
    ['the keys named', ['cart', 'dotted.$key', 'absent'], { cart: ['book'], 'dotted.$key': 1 }],
    ['nothing with an empty list', [], {}],
  ])('keeps of the data %s', async (_, keep, kept) => {
    const { world, browser } = await startWith(platform, inMongo, { cart: ['book'], 'dotted.$key': 1, draft: 'x' });
    await world.visit(browser, async ({ session }) => {
      session['draft'] = 'changed, and not saved';
      await session.login('ada', keep === undefined ? undefined : { keep });
      if (keep === true) session['draft'] = 'x';
      session['after'] = 'login';
    });
    expect(await world.dataOf(browser)).toEqual({ ...kept, after: 'login' });
  });

  test('restarts both clocks, also where everything is kept', async () => {
    const { world, browser } = await startWith(platform, { ...inMongo, idleTimeout: '1h', absoluteTimeout: '2h' });
    world.clock.advance(HOUR - 1);
    await world.visit(browser);
    world.clock.advance(HOUR - 1);
    const loggedInAt = world.clock.now();
    const seen = await world.ask(browser, async ({ session }) => {
      const before = session.expiresAt;
      await session.login('ada', { keep: true });
      return { before, after: session.expiresAt, createdAt: session.createdAt, at: session.authenticatedAt };
    });

    expect(seen).toEqual({
      before: new Date(loggedInAt + 1).toISOString(),
      after: new Date(loggedInAt + HOUR).toISOString(),
      createdAt: new Date(loggedInAt).toISOString(),
      at: new Date(loggedInAt).toISOString(),
    });
    world.clock.advance(HOUR - 1);
    await world.visit(browser);
    world.clock.advance(HOUR - 1);
    expect(await world.isAlive(browser)).toBe(true);
    world.clock.advance(2);
    expect(await world.isAlive(browser)).toBe(false);
  });

  test.each([
    [false, undefined],
    [true, 1_209_600],
    [['a'], 1_209_600],
  ])('with keep: %j sends a cookie with Max-Age=%s in a permanent session', async (keep, maxAge) => {
    const { world, browser } = await startWith(platform, {}, { a: 1, permanent: true });
    const reply = await world.visit(browser, ({ session }) => session.login('ada', { keep }));
    expect(/Max-Age=(\d+);/.exec(reply.cookies[0]!)?.[1]).toBe(maxAge && String(maxAge));
    const longer = await world.visit(browser, async ({ session }) => {
      await session.login('ada');
      session.permanent = 5 * MINUTE;
    });
    expect(longer.cookies).toEqual([expect.stringContaining('; Max-Age=300;')]);
  });

  test.each(IDS)('takes %s, stores it as it is, and finds the session by it', async (_, userId) => {
    const { world, browser } = await startWith(platform, inMongo, { kept: 1 });
    for (const keep of [false, ['kept'], true] as const) {
      await world.visit(browser, ({ session }) => session.login(userId, { keep, amr: ['pwd'] }));
      let seen: unknown;
      const reply = await world.visit(browser, ({ session }) => void (seen = [session.userId, session.amr]));
      expect([reply.status, seen]).toEqual([200, [userId, ['pwd']]]);
      expect(await sessions.countDocuments({ userId: { $eq: userId } })).toBe(1);
    }
  });

  test.each(REFUSED)('refuses %s, and changes nothing', async (_, userId) => {
    const { world, browser } = await startWith(platform);
    const token = tokenOf(browser);
    world.store.takeCalls();
    let error: unknown;
    const seen = await world.ask(browser, async ({ session }) => {
      await session.login(userId as string).catch((reason: unknown) => (error = reason));
      return { ...session, user: session.userId ?? null };
    });
    expect(error).toMatchObject({ code: 'SESSION_VALUE_REFUSED', message: expect.stringMatching(/no id of a user/) });
    expect([seen, tokenOf(browser)]).toEqual([{ a: 1, user: null }, token]);
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('refuses an operator that came in a body with 500, because the program has not checked its input', async () => {
    const world = await startWorld(platform);
    const path = world.route(({ session, request }) => session.login((request as never)['body']['user']));
    const reply = await world.client().post(path, { user: { $ne: null } });
    expect([reply.status, reply.cookies, world.store.memory.size]).toEqual([500, [], 0]);
    expect(reply.body).not.toContain('$ne');
  });
});

describe.each(PLATFORMS)('A11: an acknowledged token on %s', (platform) => {
  const CHANGES: [string, Handle][] = [
    ['login()', ({ session }) => session.login('ada', { keep: ['cart'] })],
    ['regenerate()', ({ session }) => session.regenerate({ keep: true })],
    [
      'login() and save()',
      async ({ session }) => {
        await session.login('ada', { keep: ['cart'] });
        await session.save();
      },
    ],
  ];

  describe.each(CHANGES)('of %s', (_, change) => {
    test.each(['act', 'raw'] as const)('leaves with the 413 of the rest (%s)', async (kind) => {
      const { world, browser } = await startWith(platform, { ...inMongo, maxSize: 1000 }, { cart: [1] });
      const old = browser.clone();
      const path = world.route(async (visit) => {
        await change(visit);
        visit.session['large'] = 'x'.repeat(2000);
        if (kind === 'raw') visit.response.send('answered');
        return 'answered';
      }, kind);
      const reply = await browser.get(path);
      expect([reply.status, reply.cookies.length]).toEqual([413, 1]);
      expect(reply.headers['cache-control']).toMatch(/private, no-store/);
      expect(await world.dataOf(browser)).toEqual({ cart: [1] });
      expect(await world.isAlive(old)).toBe(false);
    });

    test('leaves with the 503 of the rest', async () => {
      const { world, browser } = await startWith(platform, {}, { cart: [1] });
      const reply = await world.visit(browser, async (visit) => {
        await change(visit);
        visit.session['b'] = 2;
        world.store.fail('update', 'insert');
      });
      world.store.fail();
      expect([reply.status, reply.cookies.length]).toEqual([503, 1]);
      expect(await world.dataOf(browser)).toEqual({ cart: [1] });
    });
  });

  test('does not leave if the login itself was not acknowledged: 503, and the session stays as it was', async () => {
    const { world, browser } = await startWith(platform, {}, { cart: [1] });
    world.store.fail('replaceSecret');
    const reply = await world.visit(browser, ({ session }) => session.login('ada'));
    world.store.fail();
    expect([reply.status, reply.cookies]).toEqual([503, []]);
    expect([await world.dataOf(browser), await world.userOf(browser)]).toEqual([{ cart: [1] }, null]);
  });
});

test.each(PLATFORMS)('B18: regenerate() on %s keeps the keys of a list, with a callback too', async (platform) => {
  const world = await startWorld(platform);
  for (const regenerate of [
    (session: AnySession) => session.regenerate(['cart']),
    (session: AnySession) => new Promise<void>((resolve) => session.regenerate(['cart'], () => resolve())),
  ]) {
    const browser = await world.browserWith({ cart: 1, other: 2 });
    await world.visit(browser, ({ session }) => regenerate(session));
    expect(await world.dataOf(browser)).toEqual({ cart: 1 });
  }
});
