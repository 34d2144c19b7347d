// What a user's document says: seats, stamps, revisions.
import { describe, expect, test } from 'vitest';
import { isRevoked, newUser, withSeats, withStamp } from '../../../../lib/core/users/seat-record.js';

const HOUR = 60 * 60_000;
const [ONE, OTHER] = ['1'.repeat(24), '2'.repeat(24)];

describe('revisions', () => {
  test('are 24 hexadecimal digits, random, and others with every change', () => {
    const user = newUser('ada', 0);
    const all = [user, withSeats(user, [ONE], 5), withSeats(user, undefined, 5), withStamp(user, 5, undefined)];
    const revisions = new Set(all.map(({ revision }) => revision));
    expect(revisions.size).toBe(all.length);
    for (const revision of revisions) expect(revision).toMatch(/^[0-9a-f]{24}$/);
  });
});

describe('withSeats', () => {
  test('keeps the stamp, and the later end', () => {
    const stamped = withStamp(newUser('ada', 9 * HOUR), 5, ONE);
    const seated = withSeats(stamped, [ONE, OTHER], 8 * HOUR);
    expect(seated).toMatchObject({ seats: [ONE, OTHER], revokedAt: 5, spared: ONE, expiresAt: 9 * HOUR });
    expect(withSeats(seated, [OTHER], 10 * HOUR)).toMatchObject({ seats: [OTHER], expiresAt: 10 * HOUR });
  });

  test('of undefined changes the revision alone, so that a stamp lasts no longer', () => {
    const user = newUser('ada', 9);
    expect(withSeats(user, undefined, 10 * HOUR)).toEqual({ ...user, revision: expect.any(String) as string });
  });
});

describe('withStamp', () => {
  test('is kept for two hours, also without seats', () => {
    expect(withStamp(newUser('ada', 0), 5, undefined)).toMatchObject({ revokedAt: 5, expiresAt: 5 + 2 * HOUR });
  });

  test('is kept for as long as old sessions can move in', () => {
    expect(withStamp(newUser('ada', 0), 5, undefined, 9 * HOUR)).toMatchObject({ expiresAt: 9 * HOUR });
  });

  test.each([
    ['nobody before, one now', undefined, ONE, 5, 6, ONE],
    ['one before, nobody now', ONE, undefined, 5, 6, undefined],
    ['one before, another now', ONE, OTHER, 5, 6, OTHER],
    ['one before at the same moment, another now', ONE, OTHER, 5, 5, undefined],
    ['nobody later, one now', undefined, ONE, 7, 6, undefined],
    ['one later, the same one now', ONE, ONE, 7, 6, ONE],
  ])('spares %s: the later stamp stays', (_, before, spared, at, now, expected) => {
    const user = withStamp(withStamp(newUser('ada', 0), at, before), now, spared);
    expect(user.revokedAt).toBe(Math.max(at, now));
    expect(user.spared).toBe(expected);
  });
});

describe('isRevoked', () => {
  const user = withStamp(newUser('ada', 0), 10, ONE);

  test.each([
    ['before the stamp', 9, undefined, true],
    ['at the same moment', 10, undefined, true],
    ['after it', 11, undefined, false],
    ['before it, in the session that is spared', 9, ONE, false],
    ['before it, in another session', 9, OTHER, true],
  ])('of a login that arrived %s', (_, provedAfter, handle, expected) => {
    expect(isRevoked(user, provedAfter, handle)).toBe(expected);
  });

  test('is false where nothing was revoked', () => {
    expect([isRevoked(undefined, 0, undefined), isRevoked(newUser('ada', 0), 0, ONE)]).toEqual([false, false]);
  });
});
