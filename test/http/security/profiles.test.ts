// Each profile's limits, as a browser meets them.
import { describe, expect, test } from 'vitest';
import type { SessionProfile } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/http.js';
import { DAY, HOUR, MINUTE, startWorld } from './support/world.js';

interface Limits {
  idle: number;
  absolute: number;
  renewAfter: number;
  permanentIdle: number;
  permanentAbsolute: number;
}

const PROFILES: [SessionProfile, Limits][] = [
  [
    'aal1',
    { idle: 7 * DAY, absolute: 30 * DAY, renewAfter: DAY, permanentIdle: 14 * DAY, permanentAbsolute: 30 * DAY },
  ],
  ['aal2', { idle: HOUR, absolute: DAY, renewAfter: HOUR, permanentIdle: HOUR, permanentAbsolute: DAY }],
  [
    'aal3',
    {
      idle: 15 * MINUTE,
      absolute: 12 * HOUR,
      renewAfter: 30 * MINUTE,
      permanentIdle: 15 * MINUTE,
      permanentAbsolute: 12 * HOUR,
    },
  ],
  [
    'banking',
    {
      idle: 5 * MINUTE,
      absolute: 4 * HOUR,
      renewAfter: 10 * MINUTE,
      permanentIdle: 5 * MINUTE,
      permanentAbsolute: 4 * HOUR,
    },
  ],
];

describe.each(PLATFORMS)('on %s', (platform) => {
  describe.each(PROFILES)('profile %s', (profile, limits) => {
    test.each([
      ['a session', false, limits.idle, limits.absolute],
      ['a permanent session', true, limits.permanentIdle, limits.permanentAbsolute],
    ] as const)('ends %s at its limits', async (_, permanent, idle, absolute) => {
      const world = await startWorld(platform, { profile });
      const idler = await world.browserWith({ a: 1, permanent });
      world.clock.advance(idle - 1);
      expect(await world.isAlive(idler)).toBe(true);
      world.clock.advance(idle);
      expect(await world.isAlive(idler)).toBe(false);

      const busy = await world.browserWith({ a: 1, permanent });
      const end = world.clock.now() + absolute;
      while (world.clock.now() < end - 1) {
        world.clock.advance(Math.min(idle - 1, end - 1 - world.clock.now()));
        await world.visit(busy);
      }
      expect(await world.isAlive(busy)).toBe(true);
      world.clock.advance(1);
      expect(await world.isAlive(busy)).toBe(false);
    });

    test('renews the token', async () => {
      const world = await startWorld(platform, { profile });
      const browser = await world.browserWith();
      const end = world.clock.now() + limits.renewAfter;
      const cookies: string[] = [];
      while (world.clock.now() < end - 1) {
        world.clock.advance(Math.min(limits.idle - 1, end - 1 - world.clock.now()));
        cookies.push(...(await world.visit(browser)).cookies);
      }
      expect(cookies).toEqual([]);
      world.clock.advance(1);
      expect((await world.visit(browser)).cookies).toHaveLength(1);
    });
  });

  test('a limit that is given stands in for that of the profile', async () => {
    const world = await startWorld(platform, {
      profile: 'banking',
      idleTimeout: '2m',
      permanent: { absoluteTimeout: '1h' },
    });
    const [one, two] = [await world.browserWith(), await world.browserWith({ permanent: true, a: 1 })];
    world.clock.advance(2 * MINUTE);
    expect([await world.isAlive(one), await world.isAlive(two)]).toEqual([false, true]);
    const reply = await world.visit(two, ({ session }) => void (session.permanent = HOUR + 1));
    expect(reply.status).toBe(500);
  });
});
