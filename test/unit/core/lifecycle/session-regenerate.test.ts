// A new token for a session: the old one is dead at once, and what began with it can't be saved any more.
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, visitWith, World } from '../../../support/core/world.js';

const data = { cart: [1], user: 7, 'a.b': 3 };

describe('regenerate', () => {
  test('keeps the object, and leaves it empty', async () => {
    const { world, browser } = await visitWith(data);
    await browser.visit(async (session) => {
      const before = session;
      await session.regenerate();
      expect(session).toBe(before);
      expect({ ...session }).toEqual({});
      session['user'] = 8;
    });
    expect(await world.stored(browser.handle)).toEqual({ user: 8 });
  });

  test.each<[string, { keep?: boolean | string[] } | undefined, object]>([
    ['nothing by default', undefined, {}],
    ['nothing with keep: false', { keep: false }, {}],
    ['nothing with an empty list', { keep: [] }, {}],
    ['everything with keep: true', { keep: true }, data],
    ['the keys that are named', { keep: ['cart', 'a.b', 'missing'] }, { cart: [1], 'a.b': 3 }],
  ])('keeps %s, in the object and in the store', async (_, options, kept) => {
    const { world, browser } = await visitWith(data);
    await browser.visit(async (session) => {
      await session.regenerate(options);
      expect({ ...session }).toEqual(kept);
      expect(await world.stored(session.handle)).toEqual(kept);
      session['z'] = 1;
    });
    expect(await world.stored(browser.handle)).toEqual({ ...kept, z: 1 });
  });

  test('hands out another token at once, under the same handle and one epoch higher', async () => {
    const { world, browser } = await visitWith(data);
    const { cookie, handle } = browser;
    const answer = await browser.visit((session) => session.regenerate({ keep: true }));
    expect(answer.cookies).toHaveLength(1);
    expect(answer.isCacheable).toBe(false);
    expect(browser.cookie).not.toBe(cookie);
    expect(browser.handle).toBe(handle);
    expect((await world.store.stored(handle))?.epoch).toBe(1);
    expect(world.eventTypes).toEqual(['regenerated']);
  });

  test('kills the old token before the answer leaves', async () => {
    const { world, browser } = await visitWith(data);
    const thief = world.browser(browser.cookie);
    const visit = await browser.begin();
    await visit.session.regenerate({ keep: true });
    await thief.visit((session) => expect({ ...session }).toEqual({}));
    await visit.end();
    await browser.visit((session) => expect({ ...session }).toEqual(data));
  });

  test('keeps what a parallel request has saved just before, as the store has it', async () => {
    const { world, browser } = await visitWith(data);
    const visit = await browser.begin();
    await browser.visit((session) => Object.assign(session, { cart: [1, 2], late: true }));
    await visit.session.regenerate({ keep: ['cart', 'late'] });
    expect(await world.stored(browser.handle)).toEqual({ cart: [1, 2], late: true });
  });

  test('drops what a parallel request saves after it: what began before a login can not write into the session after it', async () => {
    const { world, browser } = await visitWith(data);
    const slow = await browser.begin();
    slow.session['user'] = 'attacker';
    await browser.visit(async (session) => {
      await session.regenerate();
      session['user'] = 'victim';
    });
    const answer = await slow.end();
    expect(await world.stored(browser.handle)).toEqual({ user: 'victim' });
    expect(answer.cookies).toEqual([]);
    expect(world.eventTypes).toEqual(['regenerated', 'interrupted']);
  });

  test('keeps changes that are not saved yet, of the keys that it keeps', async () => {
    const { world, browser } = await visitWith(data);
    await browser.visit(async (session) => {
      Object.assign(session, { user: 8, cart: [9] });
      await session.regenerate({ keep: ['user'] });
    });
    expect(await world.stored(browser.handle)).toEqual({ user: 8 });
  });

  test('of a session that is not stored yet begins another one, without asking the store', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit(async (session) => {
      session['a'] = 1;
      const { id } = session;
      await session.regenerate({ keep: ['a'] });
      expect(session.id).not.toBe(id);
      expect(world.store.takeCalls()).toEqual([]);
    });
    expect(await world.stored(browser.handle)).toEqual({ a: 1 });
  });

  test('of nothing kept restarts the absolute limit and ends persistence; of something kept it does not', async () => {
    for (const [keep, restarts] of [
      [false, true],
      [true, false],
      [['a'], false],
    ] as [boolean | string[], boolean][]) {
      const { world, browser } = await visitWith({ a: 1 }, { absoluteTimeout: '2h', idleTimeout: '2h' });
      await browser.visit((session) => (session.permanent = 5 * HOUR));
      const began = (await world.store.stored(browser.handle))!.createdAt;
      world.clock.advance(HOUR);
      await browser.visit(async (session) => {
        await session.regenerate({ keep });
        session['b'] = 1;
      });
      const stored = (await world.store.stored(browser.handle))!;
      expect(stored.createdAt).toBe(restarts ? began + HOUR : began);
      expect(stored.permanent).toBe(restarts ? undefined : 5 * HOUR);
    }
  });

  test('that leaves nothing behind ends the session with the request', async () => {
    const { world, browser } = await visitWith(data);
    const answer = await browser.visit((session) => session.regenerate());
    expect(world.store.memory.size).toBe(0);
    expect(answer.cookies).toEqual([expect.stringMatching(/Max-Age=0/)]);
  });
});

describe('regenerate of a session that has ended meanwhile', () => {
  test('begins another one where nothing is kept', async () => {
    const { world, browser } = await visitWith(data);
    const slow = await browser.begin();
    await browser.visit((session) => session.destroy());
    await slow.session.regenerate();
    slow.session['user'] = 8;
    expect((await slow.end()).cookies).toHaveLength(1);
    expect(await world.stored(browser.handle)).toEqual({ user: 8 });
  });

  test('hands out no token of a session that never comes into being', async () => {
    const world = new World();
    const browser = world.browser();
    const visit = await browser.begin();
    visit.session['a'] = 1;
    await visit.session.save();
    await world.store.memory.remove(visit.session.handle);
    await visit.session.regenerate();
    expect((await visit.end()).cookies).toEqual([]);
  });

  test.each([true, ['user']])('is refused with a 409 where it should keep %s: that is gone', async (keep) => {
    const { world, browser } = await visitWith(data);
    const slow = await browser.begin();
    await browser.visit((session) => session.destroy());
    await expect(slow.session.regenerate({ keep })).rejects.toMatchObject({ status: 409 });
    slow.session['user'] = 9;
    await slow.end();
    expect(world.store.memory.size).toBe(0);
  });
});

describe('regenerate that fails', () => {
  test('and that nobody waited for fails the request: data for the new session never go into the old one', async () => {
    const { world, browser } = await visitWith(data);
    world.store.fail('replaceSecret');
    const visit = await browser.begin();
    void visit.session.regenerate({ keep: true });
    visit.session['user'] = 'just logged in';
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 503 });
    expect(visit.exchange.cookies).toEqual([]);
    expect(await world.stored(browser.handle)).toEqual(data);
  });

  test('leaves the session as it was: data, times, persistence and token', async () => {
    const { world, browser } = await visitWith(data);
    await browser.visit((session) => (session.permanent = HOUR));
    const before = await world.store.stored(browser.handle);
    world.clock.advance(MINUTE);
    world.store.fail('replaceSecret');
    const visit = await browser.begin();
    const { id, permanent, createdAt } = visit.session;
    await expect(visit.session.regenerate()).rejects.toMatchObject({ status: 503 });
    expect([visit.session.id, visit.session.permanent, visit.session.createdAt]).toEqual([id, permanent, createdAt]);
    expect({ ...visit.session }).toEqual(data);
    expect(await world.store.stored(browser.handle)).toEqual(before);
  });

  test('can be tried again', async () => {
    const { world, browser } = await visitWith(data);
    const visit = await browser.begin();
    world.store.fail('replaceSecret');
    await expect(visit.session.regenerate()).rejects.toMatchObject({ status: 503 });
    world.store.fail();
    await visit.session.regenerate();
    visit.session['user'] = 8;
    await visit.end();
    expect(await world.stored(browser.handle)).toEqual({ user: 8 });
  });

  test('after the headers have left says so once in the log, and saves nothing into the old session', async () => {
    const { world, browser } = await visitWith(data);
    for (let round = 0; round < 2; round++) {
      const visit = await browser.begin();
      visit.exchange.headersSent = true;
      void visit.session.regenerate({ keep: true });
      visit.session['user'] = 'just logged in';
      await visit.end();
    }
    expect(world.warnings).toEqual([expect.stringMatching(/Call regenerate\(\) before the first byte/)]);
    expect(await world.stored(browser.handle)).toEqual(data);
  });
});
