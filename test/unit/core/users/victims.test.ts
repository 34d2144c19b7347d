// Which sessions a login ends.
import { describe, expect, test } from 'vitest';
import { chooseVictims } from '../../../../lib/core/users/victims.js';

const session = (handle: string, lastSeenAt: number, authenticatedAt?: number) => ({
  ...{ handle, lastSeenAt, expiresAt: 1000 },
  ...(authenticatedAt !== undefined && { authenticatedAt }),
});

const SESSIONS = [session('c', 5, 1), session('a', 7, 3), session('b', 5, 2), session('d', 9, 1)];

describe('chooseVictims', () => {
  test.each([
    ['endIdlest', 1, ['b']],
    ['endIdlest', 3, ['b', 'c', 'a']],
    ['endOldest', 1, ['c']],
    ['endOldest', 3, ['c', 'd', 'b']],
  ] as const)(
    'by %s takes the first %d, and where times are the same the smaller handle',
    (policy, count, expected) => {
      expect(chooseVictims(SESSIONS, policy, count).map(({ handle }) => handle)).toEqual(expected);
    },
  );

  test('counts a session without a login as the oldest', () => {
    expect(chooseVictims([session('a', 1, 1), session('b', 9)], 'endOldest', 1)[0]!.handle).toBe('b');
  });
});
