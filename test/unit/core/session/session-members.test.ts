// What a session says of itself: its names, its times, and how long its cookie lasts.
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, visitWith, World } from '../../../support/core/world.js';

const DAY = 24 * HOUR;

describe('names of a session', () => {
  test('are its handle, the _id of its document, and its id, the handle with its epoch', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const { session } = await browser.begin();
    expect(session.handle).toBe(browser.handle);
    expect(session.handle).toMatch(/^[0-9a-f]{24}$/);
    expect(session.id).toBe(`${session.handle}.0`);
    expect((await world.store.stored(session.handle))?.handle).toBe(session.handle);
  });

  test('are there before anything is stored, and stay when it is', async () => {
    const world = new World();
    const browser = world.browser();
    const visit = await browser.begin();
    const { id, handle } = visit.session;
    visit.session['a'] = 1;
    await visit.end();
    const later = await browser.begin();
    expect([later.session.id, later.session.handle]).toEqual([id, handle]);
  });

  test('change with every regenerate, all but the handle', async () => {
    const { browser } = await visitWith({ a: 1 });
    const { session } = await browser.begin();
    const { handle } = session;
    await session.regenerate({ keep: true });
    expect([session.id, session.handle]).toEqual([`${handle}.1`, handle]);
    await session.regenerate({ keep: true });
    expect(session.id).toBe(`${handle}.2`);
  });

  test('hold nothing of the secret', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const secret = Buffer.from(browser.cookie!.split('=')[1]!, 'base64url').subarray(12);
    const { session } = await browser.begin();
    const told = JSON.stringify([
      session.id,
      session.handle,
      session,
      world.events,
      await world.store.stored(session.handle),
    ]);
    for (const encoding of ['hex', 'base64url', 'base64'] as const)
      expect(told).not.toContain(secret.toString(encoding));
    const holders = [session, ...Object.values(Object.getOwnPropertyDescriptors(session))];
    expect(JSON.stringify(holders)).not.toContain(secret.toString('hex'));
  });
});

describe('a session', () => {
  test('is new until it is stored, and never again', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit(async (session) => {
      expect(session.isNew).toBe(true);
      session['a'] = 1;
      expect(session.isNew).toBe(true);
      await session.save();
      expect(session.isNew).toBe(false);
    });
    await browser.visit((session) => expect(session.isNew).toBe(false));
  });

  test('knows when it began and when it ends if it is not used again', async () => {
    const world = new World({ idleTimeout: '30m', absoluteTimeout: '2h' });
    const began = world.clock.now();
    const browser = await world.browserWith({ a: 1 });
    world.clock.advance(10 * MINUTE);
    await browser.visit((session) => {
      expect(session.createdAt).toEqual(new Date(began));
      expect(session.expiresAt).toEqual(new Date(began + 30 * MINUTE));
    });
    await browser.visit((session) => {
      expect(session.createdAt).toEqual(new Date(began));
      expect(session.expiresAt).toEqual(new Date(began + 40 * MINUTE));
    });
  });

  test('knows of no user before a login', async () => {
    const browser = await new World().browserWith({ a: 1 });
    await browser.visit(({ userId, authenticatedAt, amr }) =>
      expect([userId, authenticatedAt, amr]).toEqual([undefined, undefined, undefined]),
    );
  });

  test('gives out dates of its own: who moves one moves no session', async () => {
    const { session } = await new World().browser().begin();
    session.createdAt.setTime(0);
    session.expiresAt.setTime(0);
    expect(session.createdAt.getTime()).toBeGreaterThan(0);
    expect(session.expiresAt.getTime()).toBeGreaterThan(0);
  });
});

describe('a session that outlives the browser', () => {
  const options = { permanent: { idleTimeout: '14d', absoluteTimeout: '90d' } } as const;

  test.each<[true | number, number]>([
    [true, 14 * DAY],
    [3 * DAY, 3 * DAY],
    [1000.4, 1000],
    [1, 1],
    [14 * DAY, 14 * DAY],
  ])('is one with permanent = %s: cookie, document and session agree on its end', async (permanent, lasts) => {
    const world = new World(options);
    const browser = world.browser();
    const answer = await browser.visit((session) => {
      session['a'] = 1;
      session.permanent = permanent;
      expect(session.permanent).toBe(lasts);
    });
    expect(answer.cookies).toEqual([expect.stringContaining(`; Max-Age=${Math.ceil(lasts / 1000)};`)]);
    expect((await world.store.stored(browser.handle))?.expiresAt).toBe(world.clock.now() + lasts);
    const { session } = await browser.begin();
    expect(session.permanent).toBe(lasts);
    expect(session.expiresAt.getTime()).toBe(world.clock.now() + lasts);
  });

  test('becomes one later, and a browser session again, with the cookie to match', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    const longer = await browser.visit((session) => (session.permanent = true));
    expect(longer.cookies[0]).toMatch(/; Max-Age=1209600;/);
    const shorter = await browser.visit((session) => (session.permanent = false));
    expect(shorter.cookies).toHaveLength(1);
    expect(shorter.cookies[0]).not.toMatch(/Max-Age/);
    const stored = (await world.store.stored(browser.handle))!;
    expect(stored.permanent).toBeUndefined();
    expect(stored.expiresAt).toBe(world.clock.now() + 30 * MINUTE);
  });

  test('that is set to what it is already costs no write', async () => {
    const world = new World(options);
    const browser = world.browser();
    await browser.visit((session) => {
      session['a'] = 1;
      session.permanent = true;
    });
    world.store.takeCalls();
    const answer = await browser.visit((session) => (session.permanent = true));
    expect([world.store.takeCalls(), answer.cookies]).toEqual([['find'], []]);
  });

  test.each([0, -1, 0.5, NaN, Infinity, 14 * DAY + 1, 90 * DAY, 'forever', null, {}])(
    'is none with permanent = %s, which throws and changes nothing',
    async (wrong) => {
      const { session } = await new World(options).browser().begin();
      expect(() => (session.permanent = wrong as number)).toThrow(
        expect.objectContaining({ code: 'SESSION_OPTION_INVALID' }),
      );
      expect(session.permanent).toBe(false);
    },
  );

  test('alone stores nothing: a session without data begins not', async () => {
    const world = new World(options);
    const answer = await world.browser().visit((session) => (session.permanent = true));
    expect([world.store.takeCalls(), answer.cookies]).toEqual([[], []]);
  });
});

describe('session.cookie, for libraries that know express-session', () => {
  test('says and sets the same as session.permanent', async () => {
    const world = new World();
    const { session } = await world.browser().begin();
    expect([session.cookie.maxAge, session.cookie.originalMaxAge, session.cookie.expires]).toEqual([null, null, null]);
    session.cookie.maxAge = HOUR;
    expect(session.permanent).toBe(HOUR);
    expect(session.cookie.originalMaxAge).toBe(HOUR);
    expect(session.cookie.expires).toEqual(new Date(world.clock.now() + HOUR));
    session.cookie.maxAge = null;
    expect(session.permanent).toBe(false);
  });

  test('takes a date of its end, and null or undefined for the end of the browser', async () => {
    const world = new World();
    const { session } = await world.browser().begin();
    session.cookie.expires = new Date(world.clock.now() + 2 * HOUR);
    expect(session.permanent).toBe(2 * HOUR);
    session.cookie.expires = null;
    expect(session.permanent).toBe(false);
    session.permanent = HOUR;
    session.cookie.maxAge = undefined;
    expect(session.permanent).toBe(false);
  });

  test('is the same object every time, and no data', async () => {
    const { session } = await new World().browser().begin();
    expect(session.cookie).toBe(session.cookie);
    session.cookie.maxAge = HOUR;
    expect(Object.keys(session)).toEqual([]);
  });
});
