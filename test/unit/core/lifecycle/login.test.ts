// login() and logout(): whose the session is, what is written for it, and what of the session before it stays.
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, visitWith, World } from '../../../support/core/world.js';

const errorOf = (promise: Promise<unknown>) => promise.catch((error: { cause: unknown }) => error.cause);

describe('login', () => {
  test('of a stored session writes who, when and how, one epoch higher, with both clocks restarted', async () => {
    const { world, browser } = await visitWith({ cart: [1], draft: 2 });
    const { cookie } = browser;
    const created = world.clock.now();
    world.clock.advance(MINUTE);
    const now = world.clock.now();
    await browser.visit(async (session) => {
      await session.login('ada', { keep: ['cart'], amr: ['pwd', 'otp'] });
      expect([session.userId, session.authenticatedAt, session.amr]).toEqual(['ada', new Date(now), ['pwd', 'otp']]);
      expect([session.createdAt, session.isNew]).toEqual([new Date(now), false]);
      expect({ ...session }).toEqual({ cart: [1] });
    });
    expect(await world.store.stored(browser.handle)).toMatchObject({
      epoch: 1,
      userId: 'ada',
      authenticatedAt: now,
      amr: ['pwd', 'otp'],
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + 30 * MINUTE,
    });
    expect(now).toBeGreaterThan(created);
    expect(browser.cookie).not.toBe(cookie);
    expect(world.eventTypes).toEqual(['regenerated', 'loggedIn']);
    expect(world.events[0]).toEqual({ type: 'regenerated', handle: browser.handle, name: 'default', at: now });
  });

  test('by a callback is the same', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit(
      (session) => new Promise<void>((resolve) => session.login('ada', { keep: true }, () => resolve())),
    );
    expect(await world.store.stored(browser.handle)).toMatchObject({ userId: 'ada', epoch: 1 });
    await browser.visit((session) => new Promise<void>((resolve) => session.login('eve', () => resolve())));
    expect(await world.store.stored(browser.handle)).toMatchObject({ userId: 'eve', epoch: 2 });
    await browser.visit((session) => new Promise<void>((resolve) => session.logout(() => resolve())));
    expect(world.store.memory.size).toBe(0);
  });

  test('without a session stores one at once, also without data', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit(async (session) => {
      await session.login('ada');
      expect([session.userId, session.amr, session.isNew]).toEqual(['ada', undefined, false]);
      expect(await world.store.stored(session.handle)).toMatchObject({ userId: 'ada' });
    });
    const stored = await world.store.stored(browser.handle);
    expect(stored).toMatchObject({ epoch: 0, userId: 'ada', authenticatedAt: world.clock.now() });
    expect(Object.keys(stored!)).not.toContain('amr');
    expect(Object.keys(stored!)).not.toContain('permanent');
    expect(world.eventTypes).toEqual(['created', 'loggedIn']);
    await browser.visit((session) =>
      expect([session.userId, session.authenticatedAt]).toEqual(['ada', new Date(world.clock.now())]),
    );
  });

  test('with amr and without a session stores it too; and without a user none of it is there', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit((session) => session.login('ada', { amr: ['hwk'] }));
    expect(await world.store.stored(browser.handle)).toMatchObject({ amr: ['hwk'] });
    const anonymous = await world.browserWith({ a: 1 });
    const stored = Object.keys((await world.store.stored(anonymous.handle))!);
    for (const field of ['userId', 'authenticatedAt', 'amr', 'permanent']) expect(stored).not.toContain(field);
  });

  test('again without amr forgets how it was done before', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit((session) => session.login('ada', { amr: ['pwd'] }));
    await browser.visit((session) => session.login('ada', { keep: true }));
    await browser.visit((session) => expect([session.userId, session.amr]).toEqual(['ada', undefined]));
    expect(await world.store.stored(browser.handle)).not.toHaveProperty('amr');
  });

  test.each([
    ['nothing is kept', undefined, undefined, undefined],
    ['something is kept', { keep: ['a'] }, 'ada', 14 * 24 * HOUR],
    ['everything is kept', { keep: true }, 'ada', 14 * 24 * HOUR],
  ])('is undone by a regenerate() where %s, and by no other', async (_, options, userId, permanent) => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit(async (session) => {
      await session.login('ada', { keep: true });
      session.permanent = true;
    });
    const before = (await world.store.stored(browser.handle))!;
    world.clock.advance(MINUTE);
    await browser.visit(async (session) => {
      await session.regenerate(options);
      session['b'] = 1;
    });
    const after = (await world.store.stored(browser.handle))!;
    expect([after.userId, after.permanent]).toEqual([userId, permanent]);
    expect(after.createdAt).toBe(userId ? before.createdAt : world.clock.now());
    await browser.visit((session) => expect(session.userId).toBe(userId));
  });

  test('after the headers have left is refused, and names the verb', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    visit.exchange.headersSent = true;
    for (const [verb, attempt] of [
      ['login()', () => visit.session.login('ada')],
      ['regenerate()', () => visit.session.regenerate()],
    ] as const)
      expect(await errorOf(attempt())).toMatchObject({
        code: 'SESSION_HEADERS_SENT',
        message: `The new token can not be handed out after the headers have left. Call ${verb} before the first byte.`,
      });
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('with an id that is none changes nothing, and is logged nowhere, for it is the caller that has to see it', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit(async (session) => {
      expect(await errorOf(session.login({ $ne: null }))).toMatchObject({ code: 'SESSION_VALUE_REFUSED' });
    });
    expect(world.errors).toEqual([]);
    expect(await world.store.stored(browser.handle)).toMatchObject({ epoch: 0 });
  });
});

describe('logout', () => {
  test('ends the session, and asks the browser to forget no more than it is told', async () => {
    const world = new World();
    for (const [options, header] of [
      [undefined, undefined],
      [{ clearSiteData: false }, undefined],
      [{ clearSiteData: true }, '"cache", "cookies", "storage"'],
      [{ clearSiteData: ['cookies'] }, '"cookies"'],
    ] as const) {
      const browser = await world.browserWith({ a: 1 });
      const answer = await browser.visit(async (session) => {
        await session.logout(options as undefined);
        expect({ ...session }).toEqual({});
      });
      expect(answer.headers.get('clear-site-data')).toBe(header);
      expect(world.eventTypes).toEqual(['destroyed']);
    }
    expect(world.store.memory.size).toBe(0);
  });

  test('after the headers have left ends the session all the same', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    visit.exchange.headersSent = true;
    await visit.session.logout({ clearSiteData: true });
    expect(visit.exchange.headers.size).toBe(0);
    expect(world.store.memory.size).toBe(0);
  });

  test('with a wrong `clearSiteData` has ended the session, which cannot fail for such a thing', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit(async (session) => {
      const error = await errorOf(session.logout({ clearSiteData: ['all' as 'cache'] }));
      expect(error).toMatchObject({ code: 'SESSION_VALUE_REFUSED' });
    });
    expect(world.store.memory.size).toBe(0);
  });
});
