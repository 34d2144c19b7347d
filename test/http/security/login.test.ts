// login(): whose the session is, under a new token, and what of the old one stays.
import { describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { HOUR, MINUTE, handleOf, startWorld, tokenIn, withCookie } from './support/world.js';

const database = testDatabase();
const inMongo = { db: database.db, collection: 'sessions' };

describe.each(PLATFORMS)('login on %s', (platform) => {
  test('gives a new token and the next epoch under the same handle, and the old token is dead at once', async () => {
    const world = await startWorld(platform, inMongo);
    const browser = await world.browserWith();
    const old = browser.clone();
    const reply = await world.visit(browser, async ({ session }) => {
      const before = session.id;
      await session.login('ada');
      return { before, after: session.id, handle: session.handle, userId: session.userId };
    });

    const { before, after, handle, userId } = JSON.parse(reply.body) as Record<string, string>;
    const token = tokenIn(reply)!;
    expect(token).not.toBe(old.jar.get('id'));
    expect([handleOf(token), handleOf(old.jar.get('id')!)]).toEqual([handle, handle]);
    expect([before, after, userId]).toEqual([`${handle}.0`, `${handle}.1`, 'ada']);
    expect(await world.isAlive(browser)).toBe(true);
    expect(await world.isAlive(old)).toBe(false);
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'rejected', reason: 'secret', handle }));
  });

  test('again, as the same user or another, gives a new token again', async () => {
    const world = await startWorld(platform, inMongo);
    const browser = await world.browserOf('ada');
    for (const user of ['ada', 'grace']) {
      const old = browser.clone();
      await world.visit(browser, ({ session }) => session.login(user, { keep: true }));
      expect(browser.jar.get('id')).not.toBe(old.jar.get('id'));
      expect(await world.isAlive(old)).toBe(false);
      const reply = await world.visit(browser, ({ session }) => ({ user: session.userId }));
      expect(JSON.parse(reply.body)).toEqual({ user });
    }
  });

  test('works without a session before it, and stores no document without a user', async () => {
    const world = await startWorld(platform);
    const browser = world.client();
    expect((await world.visit(browser, ({ session }) => session.login('ada'))).cookies).toHaveLength(1);
    expect(world.store.memory.size).toBe(1);
    expect(world.eventTypes()).toEqual(['created']);
    const reply = await world.visit(browser, ({ session }) => ({ user: session.userId }));
    expect(JSON.parse(reply.body)).toEqual({ user: 'ada' });
  });

  test.each([
    ['nothing by default', undefined, {}],
    ['nothing with false', false, {}],
    ['everything with true', true, { cart: ['book'], 'dotted.$key': 1, draft: 'x' }],
    ['the keys named', ['cart', 'dotted.$key', 'absent'], { cart: ['book'], 'dotted.$key': 1 }],
    ['nothing with an empty list', [], {}],
  ])('keeps of the data %s', async (_, keep, kept) => {
    const world = await startWorld(platform, inMongo);
    const browser = await world.browserWith({ cart: ['book'], 'dotted.$key': 1, draft: 'x' });
    await world.visit(browser, async ({ session }) => {
      session['draft'] = 'changed, and not saved';
      await session.login('ada', keep === undefined ? undefined : { keep });
      if (keep === true) session['draft'] = 'x';
      session['after'] = 'login';
    });
    expect(await world.dataOf(browser)).toEqual({ ...kept, after: 'login' });
  });

  test('restarts both clocks, also where everything is kept', async () => {
    const world = await startWorld(platform, { ...inMongo, idleTimeout: '1h', absoluteTimeout: '2h' });
    const browser = await world.browserWith();
    world.clock.advance(HOUR - 1);
    await world.visit(browser);
    world.clock.advance(HOUR - 1);
    const loggedInAt = world.clock.now();
    const reply = await world.visit(browser, async ({ session }) => {
      const before = session.expiresAt;
      await session.login('ada', { keep: true });
      return { before, after: session.expiresAt, createdAt: session.createdAt, at: session.authenticatedAt };
    });

    expect(JSON.parse(reply.body)).toEqual({
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

  test('takes persistence away unless it is kept, and keeps what is set after it', async () => {
    const world = await startWorld(platform);
    for (const [keep, isKept] of [
      [false, false],
      [true, true],
      [['a'], true],
    ] as const) {
      const browser = await world.browserWith({ a: 1, permanent: true });
      const reply = await world.visit(browser, async ({ session }) => {
        await session.login('ada', { keep });
        return { permanent: session.permanent !== false };
      });
      expect(JSON.parse(reply.body)).toEqual({ permanent: isKept });
      expect(reply.cookies).toEqual([isKept ? expect.stringContaining('Max-Age') : expect.not.stringMatching(/age/i)]);
    }
    const browser = world.client();
    const reply = await world.visit(browser, async ({ session }) => {
      await session.login('ada');
      session.permanent = 5 * MINUTE;
    });
    expect(reply.cookies).toEqual([expect.stringContaining('; Max-Age=300;')]);
  });

  test('remembers how the user proved it, and forgets it with the next login', async () => {
    const world = await startWorld(platform, inMongo);
    const browser = await world.browserWith();
    const amrOf = async () => (await world.visit(browser, ({ session }) => ({ amr: session.amr }))).body;
    await world.visit(browser, ({ session }) => session.login('ada', { amr: ['pwd', 'otp'] }));
    expect(await amrOf()).toBe('{"amr":["pwd","otp"]}');
    await world.visit(browser, ({ session }) => session.login('ada', { keep: true }));
    expect(await amrOf()).toBe('{}');
  });

  test('that fails for want of the store fails the request, without a cookie, and the session stays as it was', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    world.store.fail('replaceSecret');
    const reply = await world.visit(browser, ({ session }) => session.login('ada'));
    expect([reply.status, reply.cookies]).toEqual([503, []]);
    world.store.fail();
    const state = await world.visit(browser, ({ session }) => ({ ...session, user: session.userId ?? null }));
    expect(JSON.parse(state.body)).toEqual({ a: 1, user: null });
  });

  test('can be called by the old token never, by a guessed one neither', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    const old = browser.jar.get('id')!;
    await world.visit(browser, ({ session }) => session.login('ada'));
    const thief = withCookie(world.client(), old);
    await world.visit(thief, ({ session }) => session.login('mallory'));
    expect(handleOf(thief.jar.get('id')!)).not.toBe(handleOf(old));
    const reply = await world.visit(browser, ({ session }) => ({ user: session.userId }));
    expect(JSON.parse(reply.body)).toEqual({ user: 'ada' });
  });
});
