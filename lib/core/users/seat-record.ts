import { randomBytes } from 'node:crypto';
import type { StoredUser } from '../store/seat-store.interface.js';
import type { SessionHandle } from '../token/session-token.js';

/**
 * A login may rest on a first factor of an hour ago, and the clocks of processes differ a little.
 */
const STAMP_LIFETIME_MS = 2 * 60 * 60_000;

/** Never a counter: after a rollback it could reach the same number again. */
function newRevision(): string {
  return randomBytes(12).toString('hex');
}

/** A user of whom nothing is known yet. */
export function newUser(userId: unknown, expiresAt: number): StoredUser {
  return { userId, revision: newRevision(), expiresAt };
}

/**
 * The user with these sessions, of which the last may live until then. Without seats it only gets
 * another revision.
 */
export function withSeats(user: StoredUser, seats: readonly SessionHandle[] | undefined, until: number): StoredUser {
  const counted = seats && { seats, expiresAt: Math.max(user.expiresAt, until) };
  return { ...user, ...counted, revision: newRevision() };
}

/**
 * The user with its sessions revoked at this moment, all but one. The later stamp stays, and then
 * spares what both spare.
 *
 * @param movesUntil until when sessions of other libraries can move in, which it has to reach too
 */
export function withStamp(
  user: StoredUser,
  now: number,
  spared: SessionHandle | undefined,
  movesUntil = -Infinity,
): StoredUser {
  const { revokedAt = -Infinity, spared: sparedBefore, ...rest } = user;
  const isSpared = spared !== undefined && (revokedAt < now || sparedBefore === spared);
  return {
    ...rest,
    revokedAt: Math.max(revokedAt, now),
    ...(isSpared && { spared }),
    revision: newRevision(),
    expiresAt: Math.max(user.expiresAt, now + STAMP_LIFETIME_MS, movesUntil),
  };
}

/**
 * Whether a user who has proved who it is after that moment may have done so before its sessions
 * were revoked.
 */
export function isRevoked(
  user: StoredUser | undefined,
  provedAfter: number,
  handle: SessionHandle | undefined,
): boolean {
  if (user?.revokedAt === undefined || user.revokedAt < provedAfter) return false;
  return handle === undefined || user.spared !== handle;
}
