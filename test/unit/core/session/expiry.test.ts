// When a session ends: exactly at its limit, whichever limit comes first.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { expiryOf, hasExpired, touchIsDue } from '../../../../lib/core/session/expiry.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const limits = {
  idleTimeout: 1000,
  absoluteTimeout: 5000,
  permanent: { idleTimeout: 20_000, absoluteTimeout: 90_000 },
};
const start = 1_700_000_000_000;

/** A session as it was written when it was last used, `after` ms after its beginning. */
function session(after: number, permanent?: number) {
  const timeline = { createdAt: start, lastSeenAt: start + after, permanent };
  return { ...timeline, expiresAt: expiryOf(limits, timeline) };
}

describe('the end of a session', () => {
  test('is the idle time after its last use', () => {
    expect(expiryOf(limits, session(300))).toBe(start + 1300);
  });

  test('is never later than the absolute time after its beginning', () => {
    expect(expiryOf(limits, session(4000))).toBe(start + 5000);
    expect(expiryOf(limits, session(4001))).toBe(start + 5000);
    expect(expiryOf(limits, session(3999))).toBe(start + 4999);
  });

  test('of a permanent one follows its own idle time and the absolute limit of permanent ones', () => {
    expect(expiryOf(limits, session(0, 7000))).toBe(start + 7000);
    expect(expiryOf(limits, session(85_000, 7000))).toBe(start + 90_000);
  });

  test.each([
    ['idle', 0, 1000],
    ['absolute', 4700, 5000],
    ['permanent idle', 0, 7000],
    ['permanent absolute', 85_000, 90_000],
  ])('has come at the %s limit, and has not a millisecond before', (kind, lastUse, limit) => {
    const stored = session(lastUse, kind.startsWith('permanent') ? 7000 : undefined);
    expect(hasExpired(limits, stored, start + limit - 1)).toBe(false);
    expect(hasExpired(limits, stored, start + limit)).toBe(true);
    expect(hasExpired(limits, stored, start + limit + 1)).toBe(true);
  });

  test('comes earlier for a stored session when the limits shrink', () => {
    const shorter = { ...limits, idleTimeout: 500 };
    expect(hasExpired(shorter, session(0), start + 499)).toBe(false);
    expect(hasExpired(shorter, session(0), start + 500)).toBe(true);
  });

  test('comes no later for a stored session when the limits grow', () => {
    const longer = { ...limits, idleTimeout: 5000 };
    expect(hasExpired(longer, session(0), start + 999)).toBe(false);
    expect(hasExpired(longer, session(0), start + 1000)).toBe(true);
  });

  test('is the same for reader and writer: who would be told the end at some time finds it ended exactly from then on', () => {
    const anyTime = fc.nat({ max: 100_000 });
    const own = fc.option(fc.integer({ min: 1, max: 90_000 }), { nil: undefined });
    fc.assert(
      fc.property(anyTime, own, anyTime, (lastUse, permanent, now) => {
        const stored = session(lastUse, permanent);
        expect(hasExpired(limits, stored, start + now)).toBe(start + now >= stored.expiresAt);
      }),
    );
  });
});

describe('a touch is due', () => {
  test('a tenth of the idle time after the last one, and not a millisecond before', () => {
    expect(touchIsDue(limits, session(0), start + 99)).toBe(false);
    expect(touchIsDue(limits, session(0), start + 100)).toBe(true);
  });

  test('a tenth of its own idle time after the last one for a permanent session', () => {
    expect(touchIsDue(limits, session(0, 7000), start + 699)).toBe(false);
    expect(touchIsDue(limits, session(0, 7000), start + 700)).toBe(true);
  });

  test('never at a clock that was set back', () => {
    expect(touchIsDue(limits, session(0), start - 10_000)).toBe(false);
  });
});
