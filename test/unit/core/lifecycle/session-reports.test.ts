// What events tell of a session: as it was at its end, and nothing that opens it.
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { reportExpired, reportRevoked } from '../../../../lib/core/lifecycle/session-reports.js';
import type { SessionExpiredEvent } from '../../../../lib/core/lifecycle/session-events.js';
import type { StoredSession } from '../../../../lib/core/store/session-store.interface.js';
import { codec, encode } from '../../../support/core/codec.js';
import { addPorts } from '../../../support/core/observed-store.js';
import { World } from '../../../support/core/world.js';

/** A world whose store tells what it has removed. */
function takingWorld(): World {
  const world = new World();
  addPorts(world.store);
  return world;
}

/** The data that the first event tells of. */
const dataIn = ({ events: [event] }: World) => (event as SessionExpiredEvent).session.data;

const stored: StoredSession = {
  handle: 'ab'.repeat(12),
  secretHash: Buffer.alloc(32, 7),
  epoch: 1,
  data: encode({ cart: [{ id: 1 }], note: 'private words' }),
  createdAt: 1_000,
  authenticatedAt: 2_000,
  lastSeenAt: 3_000,
  expiresAt: 4_000,
  userId: 'ada',
  device: codec.serialize({ ip: '192.0.2.7', userAgent: 'A browser', label: 'Desk', other: 5 }),
};

describe('destroyed', () => {
  test('tells of the session as the store had it, after writes that the request knows nothing of', async () => {
    const world = takingWorld();
    const browser = world.browser();
    await browser.visit(async (session) => {
      await session.login('ada');
      session['a'] = 1;
    });
    const slow = await browser.begin();
    await browser.visit((session) => void (session['b'] = 2));
    world.events.length = 0;
    await slow.session.logout();
    const at = world.clock.now();
    expect(world.events).toMatchObject([
      {
        type: 'destroyed',
        name: 'default',
        at,
        handle: browser.handle,
        session: { userId: 'ada', handle: browser.handle },
      },
    ]);
    expect(world.events[0]).toHaveProperty('session.data', { a: 1, b: 2 });
    expect(world.store.memory.size).toBe(0);
  });

  test('is told once of two logouts at once', async () => {
    const world = takingWorld();
    const browser = await world.browserWith({ a: 1 });
    const [one, other] = [await browser.begin(), await browser.begin()];
    await Promise.all([one.session.destroy(), other.session.destroy()]);
    expect(world.eventTypes).toEqual(['destroyed']);
  });

  test('has no session where the store has no take()', async () => {
    const world = new World();
    const browser = await world.browserWith({ a: 1 });
    const { handle } = browser;
    await browser.visit((session) => session.destroy());
    expect(world.events).toEqual([{ type: 'destroyed', name: 'default', at: world.clock.now(), handle }]);
  });

  test('tells of a session that was emptied, which held nothing any more', async () => {
    const world = new World();
    const browser = await world.browserWith({ a: 1 });
    await browser.visit((session) => void delete session['a']);
    expect(world.events).toMatchObject([{ type: 'destroyed', session: { createdAt: new Date(world.clock.now()) } }]);
    expect(world.events[0]).toHaveProperty('session.data', {});
  });
});

describe('loggedIn', () => {
  test('tells who has logged in, and how, with a session that is there and one that is new', async () => {
    const world = new World();
    for (const browser of [world.browser(), await world.browserWith({ a: 1 })]) {
      await browser.visit((session) => session.login('ada', { amr: ['pwd', 'otp'] }));
      const { handle } = browser;
      const event = { type: 'loggedIn', handle, name: 'default', at: world.clock.now(), userId: 'ada' };
      expect(world.events.at(-1)).toEqual({ ...event, amr: ['pwd', 'otp'], isSameUser: false });
      world.events.length = 0;
    }
  });

  test.each([
    ['ada', 'ada', true],
    ['ada', 'bob', false],
    [7, 7, true],
    [7, '7', false],
  ])('isSameUser: %s, then %s: %s', async (first, second, isSameUser) => {
    const world = new World();
    const browser = world.browser();
    await browser.visit((session) => session.login(first));
    await browser.visit((session) => session.login(second));
    expect(world.events.filter(({ type }) => type === 'loggedIn')).toMatchObject([
      { userId: first, isSameUser: false },
      { userId: second, isSameUser },
    ]);
  });
});

describe('revoked and expired', () => {
  test('tell of the session, its cause, reason and author', () => {
    const world = new World({ devices: true, cleanup: 'sweep' }, addPorts);
    const by = 'cd'.repeat(12);
    reportRevoked(world.registration.context, { session: stored, cause: 'user', reason: 'stolen', by });
    reportExpired(world.registration.context, stored);
    const session = {
      handle: stored.handle,
      userId: 'ada',
      createdAt: new Date(1_000),
      authenticatedAt: new Date(2_000),
      lastSeenAt: new Date(3_000),
      expiresAt: new Date(4_000),
      device: { ip: '192.0.2.7', userAgent: 'A browser', label: 'Desk' },
    };
    const common = { name: 'default', at: world.clock.now(), handle: stored.handle, session };
    expect(world.events).toEqual([
      { type: 'revoked', ...common, cause: 'user', reason: 'stolen', by },
      { type: 'expired', ...common },
    ]);
  });

  test('cut a reason at 200 characters, and not in the middle of one', () => {
    const world = new World();
    const reason = `${'x'.repeat(199)}😀`;
    reportRevoked(world.registration.context, { session: stored, cause: 'app', reason });
    expect(world.events).toMatchObject([{ reason: 'x'.repeat(199) }]);
  });

  test('give the data when they are asked for, frozen at every level', () => {
    const world = new World({ cleanup: 'sweep' }, addPorts);
    reportExpired(world.registration.context, stored);
    const data = dataIn(world) as { cart: object[] };
    expect(data).toEqual({ cart: [{ id: 1 }], note: 'private words' });
    expect([data, data.cart, data.cart[0]].every(Object.isFrozen)).toBe(true);
    expect(dataIn(world)).toBe(data);
  });

  test('have undefined data where they are encrypted, and no key opens them', () => {
    const world = new World({ cleanup: 'sweep' }, addPorts);
    const sealed = { ...stored, data: codec.serialize({ a: { '%enc': Buffer.alloc(40) } }) };
    reportExpired(world.registration.context, sealed);
    expect(dataIn(world)).toBeUndefined();
  });

  test('show no data and no hash to who prints, copies or serialises them', () => {
    const world = new World();
    reportRevoked(world.registration.context, { session: stored, cause: 'app' });
    const [event] = world.events;
    const shown = [
      inspect(event, { depth: 9, getters: true }),
      JSON.stringify(event),
      JSON.stringify(structuredClone(event)),
    ];
    for (const text of shown) {
      expect(text).toContain(stored.handle);
      expect(text).not.toMatch(/private|words|secretHash|epoch/);
    }
  });
});
