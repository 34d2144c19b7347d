// The option devices: what is noted of a device, when that is written, and that nothing is where it is off.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../../lib/core/options/session-options.js';
import { decodeDevice } from '../../../../lib/core/session/device.js';
import { codec } from '../../../support/core/codec.js';
import { addPorts } from '../../../support/core/observed-store.js';
import { type Browser, HOUR, MINUTE, World } from '../../../support/core/world.js';

const DAY = 24 * HOUR;
const ALL = { ip: 'full', userAgent: true } as const;
const LONG: SessionOptions = { devices: true, permanent: { idleTimeout: '30d', absoluteTimeout: '90d' } };

const worldWith = (options: SessionOptions = { devices: true }) => new World(options, addPorts);

/** A browser of a user, on a desk. */
async function logIn(world: World, options = {}): Promise<Browser> {
  const browser = world.browser();
  browser.headers['user-agent'] = 'Desk';
  await browser.visit(async (session) => {
    await session.login('ada', options);
    session.permanent = true;
  });
  world.store.takeCalls();
  world.events.length = 0;
  return browser;
}

const storedOf = (world: World, browser: Browser) => world.store.stored(browser.handle);
const deviceOf = async (world: World, browser: Browser) =>
  decodeDevice(codec, ALL, (await storedOf(world, browser))?.device);

describe('login() notes', () => {
  test('address, user agent and label, of a new session and of one that is there', async () => {
    const world = worldWith();
    for (const browser of [world.browser(), await world.browserWith({ a: 1 })]) {
      browser.headers['user-agent'] = 'Desk';
      await browser.visit((session) => session.login('ada', { label: ' Kitchen\u0007 iPad\u202E ' }));
      const device = { ip: '192.0.2.1', userAgent: 'Desk', label: 'Kitchen iPad' };
      expect(await deviceOf(world, browser)).toEqual(device);
      expect(world.events.at(-1)).toMatchObject({ type: 'loggedIn', device });
    }
  });

  test.each([
    ['16 KB of text', 'x'.repeat(16 * 1024), 'x'.repeat(256)],
    ['control characters', 'a\u0000b\u009bc', 'abc'],
    ['nothing', '', undefined],
  ])('a User-Agent of %s, cut and cleaned', async (_, given, userAgent) => {
    const world = worldWith();
    const browser = world.browser();
    browser.headers['user-agent'] = given;
    await browser.visit((session) => session.login('ada'));
    expect(await deviceOf(world, browser)).toEqual({ ip: '192.0.2.1', ...(userAgent && { userAgent }) });
  });

  test.each([
    [{ ip: 'prefix' }, { ip: '192.0.2.0/24', userAgent: 'Desk' }],
    [{ ip: false }, { userAgent: 'Desk' }],
    [{ userAgent: false }, { ip: '192.0.2.1' }],
    [{ ip: false, userAgent: false }, undefined],
  ] as const)('with %j just that', async (devices, noted) => {
    const world = worldWith({ devices });
    const browser = await logIn(world);
    expect(await deviceOf(world, browser)).toEqual(noted);
  });

  test('no address that is none', async () => {
    const world = worldWith();
    for (const address of [undefined, 'unknown', '@/run/app.sock']) {
      const browser = world.browser();
      browser.address = address;
      await browser.visit((session) => session.login('ada'));
      expect(await deviceOf(world, browser)).toBeUndefined();
    }
  });

  test.each([
    ['SESSION_VALUE_REFUSED', 'that is no text', worldWith(), 5 as never],
    ['SESSION_OPTION_INVALID', 'without the option', new World(), 'Desk'],
  ])('%s for a label %s, before anything is written', async (code, _, world, label) => {
    await world.browser().visit(async (session) => {
      const refused = expect.objectContaining({ code }) as unknown;
      await expect(session.login('ada', { label })).rejects.toMatchObject({ cause: refused });
    });
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('the label again where the same user logs in again, and no longer where another one does', async () => {
    const world = worldWith();
    const browser = await logIn(world, { label: 'Kitchen iPad' });
    await browser.visit((session) => session.login('ada'));
    expect(await deviceOf(world, browser)).toMatchObject({ label: 'Kitchen iPad' });
    await browser.visit((session) => session.login('bob'));
    expect(await deviceOf(world, browser)).toEqual({ ip: '192.0.2.1', userAgent: 'Desk' });
  });
});

describe('a session', () => {
  test('of nobody has no device', async () => {
    const world = worldWith();
    const browser = await world.browserWith({ a: 1 });
    world.clock.advance(10 * MINUTE);
    await browser.visit();
    expect((await storedOf(world, browser))?.device).toBeUndefined();
  });

  test("keeps its device with regenerate({ keep: true }), and has none any more once it is nobody's", async () => {
    const world = worldWith();
    const browser = await logIn(world, { label: 'Kitchen iPad' });
    await browser.visit((session) => session.regenerate({ keep: true }));
    expect(await deviceOf(world, browser)).toMatchObject({ userAgent: 'Desk', label: 'Kitchen iPad' });
    await browser.visit(async (session) => {
      await session.regenerate();
      session['a'] = 1;
    });
    expect(await deviceOf(world, browser)).toBeUndefined();
    expect(await storedOf(world, browser)).not.toHaveProperty('device');
  });
});

describe('a use', () => {
  test('from elsewhere shows with the next write of the time of use, and keeps the label', async () => {
    const world = worldWith(LONG);
    const browser = await logIn(world, { label: 'Desk at home' });
    const thief = world.browser(browser.cookie);
    thief.headers['user-agent'] = 'Other';
    thief.address = '203.0.113.9';
    world.clock.advance(5 * MINUTE - 1);
    await thief.visit();
    expect(await deviceOf(world, browser)).toMatchObject({ userAgent: 'Desk' });
    world.clock.advance(1);
    await thief.visit();
    const device = { ip: '203.0.113.9', userAgent: 'Other', label: 'Desk at home' };
    expect(await deviceOf(world, browser)).toEqual(device);
    delete thief.headers['user-agent'];
    world.clock.advance(5 * MINUTE);
    await thief.visit();
    expect(await deviceOf(world, browser)).toEqual({ ip: '203.0.113.9', label: 'Desk at home' });
  });

  test('from where the device was before writes the time alone', async () => {
    const world = worldWith(LONG);
    const browser = await logIn(world);
    world.clock.advance(5 * MINUTE);
    await browser.visit();
    const [, [target, change]] = world.store.arguments as [unknown, [object, object]];
    expect(target).toMatchObject({ handle: browser.handle });
    expect(change).toEqual({ lastSeenAt: world.clock.now() });
  });

  test('is written every 5 minutes without a cookie or a new end, and every tenth of the idle time with both', async () => {
    const world = worldWith(LONG);
    const browser = await logIn(world);
    const { expiresAt, lastSeenAt } = (await storedOf(world, browser))!;
    let now = world.clock.now();
    for (let visit = 1; visit <= (3 * DAY) / (5 * MINUTE); visit++) {
      world.clock.advance(5 * MINUTE);
      now = world.clock.now();
      const { cookies } = await browser.visit();
      const stored = (await storedOf(world, browser))!;
      const isFull = now - lastSeenAt >= 3 * DAY;
      expect(stored.lastSeenAt).toBe(now);
      expect(stored.expiresAt).toBe(isFull ? now + 30 * DAY : expiresAt);
      expect(cookies).toHaveLength(isFull ? 1 : 0);
    }
    expect(now - lastSeenAt).toBe(3 * DAY);
  });

  test('is written at once by touch(), and with changes that are due', async () => {
    const world = worldWith(LONG);
    const browser = await logIn(world);
    browser.address = '203.0.113.9';
    await browser.visit((session) => session.touch());
    expect(await deviceOf(world, browser)).toMatchObject({ ip: '203.0.113.9' });
    browser.address = '203.0.113.10';
    world.clock.advance(5 * MINUTE);
    await browser.visit((session) => void (session['a'] = 1));
    expect(await deviceOf(world, browser)).toMatchObject({ ip: '203.0.113.10' });
    expect(world.store.takeCalls()).toEqual(['find', 'update', 'find', 'update']);
  });

  test('of a connection that is gone leaves the address as it was', async () => {
    const world = worldWith(LONG);
    const browser = await logIn(world);
    browser.address = undefined;
    world.clock.advance(5 * MINUTE);
    await browser.visit();
    expect(await deviceOf(world, browser)).toEqual({ ip: '192.0.2.1', userAgent: 'Desk' });
  });

  test('is written at most once a tenth of a short idle time', async () => {
    const world = worldWith({ devices: true, idleTimeout: '10m' });
    const browser = world.browser();
    await browser.visit((session) => session.login('ada'));
    world.store.takeCalls();
    world.clock.advance(MINUTE - 1);
    await browser.visit();
    world.clock.advance(1);
    await browser.visit();
    expect(world.store.takeCalls()).toEqual(['find', 'find', 'update']);
    expect((await storedOf(world, browser))?.expiresAt).toBe(world.clock.now() + 10 * MINUTE);
  });

  test('goes on being written near the absolute limit, and never prolongs the session beyond it', async () => {
    const world = worldWith({ devices: true, idleTimeout: '2h', absoluteTimeout: '3h' });
    const browser = world.browser();
    await browser.visit((session) => session.login('ada'));
    const end = world.clock.now() + 3 * HOUR;
    for (let minute = 0; minute < 175; minute += 5) {
      world.clock.advance(5 * MINUTE);
      await browser.visit((session) => expect(session.userId).toBe('ada'));
      expect((await storedOf(world, browser))!.lastSeenAt).toBe(world.clock.now());
    }
    expect((await storedOf(world, browser))!.expiresAt).toBe(end);
    world.clock.advance(5 * MINUTE);
    await browser.visit((session) => expect(session.userId).toBeUndefined());
  });
});

describe('devices: false', () => {
  test('writes, reads and tells nothing of a device, also of one that is stored', async () => {
    const before = worldWith();
    const browser = await logIn(before, { label: 'Kitchen iPad' });
    const other = await logIn(before, { label: 'Kitchen iPad' });
    const world = new World({ clock: before.clock }, addPorts);
    Object.defineProperty(world.store, 'memory', { value: before.store.memory });
    const later = world.browser(browser.cookie);
    Object.defineProperties(later.headers, { 'user-agent': { get: () => expect.fail('it was read') } });
    before.clock.advance(2 * DAY);
    await later.visit();
    expect(world.store.arguments[1]![1]).toEqual({
      times: { lastSeenAt: before.clock.now(), expiresAt: before.clock.now() + 14 * DAY },
    });
    await later.visit((session) => session.login('ada'));
    expect(await world.store.stored(later.handle)).not.toHaveProperty('device');
    await later.visit((session) => session.logout());
    await world.browser(other.cookie).visit((session) => session.logout());
    expect(world.eventTypes).toEqual(['regenerated', 'loggedIn', 'destroyed', 'destroyed']);
    expect(JSON.stringify(world.events)).not.toMatch(/192\.0\.2|Desk|Kitchen|device/);
  });

  test('stops no start where the store has no methods for it, but devices: true does, and names them', () => {
    expect(() => new World({ devices: false })).not.toThrow();
    expect(() => new World({ devices: true })).toThrow(
      'The option `devices` needs a store that is a UserSessionStore, but the one of the option `store` lacks findByUser(), handlesOf(), take(), describe().',
    );
  });
});
