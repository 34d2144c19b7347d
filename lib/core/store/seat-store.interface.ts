import type { SessionHandle } from '../token/session-token.js';

/**
 * What a store keeps about a user whose sessions are limited or were revoked. The user id `true`
 * (`EVERYBODY`) stands for all users. Times are in milliseconds since 1970.
 */
export interface StoredUser {
  readonly userId: unknown;
  /** The user's sessions. Absent: they have not been counted yet. */
  readonly seats?: readonly SessionHandle[];
  /**
   * 24 random hexadecimal digits, new with every change. A counter could reach the same number
   * again after a rollback.
   */
  readonly revision: string;
  /** Logins whose request arrived at or before this time are refused. */
  readonly revokedAt?: number;
  /** The one session that `revokedAt` doesn't concern. */
  readonly spared?: SessionHandle;
  /** From when on this can be removed. */
  readonly expiresAt: number;
}

/** Users, and when they were read. */
export interface UsersRead {
  /** In the order of the ids; undefined where there is no such user. */
  readonly users: readonly (StoredUser | undefined)[];
  /** For `findSeated`; only the store knows what is in it. */
  readonly asOf: unknown;
}

/** What a login has to know of a seated session. Times are in milliseconds since 1970. */
export interface SeatedSession {
  readonly handle: SessionHandle;
  readonly authenticatedAt?: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/**
 * An optional ability of a `SessionStore`: it keeps a record for each user, changed by
 * compare-and-set. The option `maxSessions` needs it, and so do revocations that no login in flight
 * survives. The general promises of `SessionStore` hold here too.
 *
 * If the database user has no rights on these records, methods reject with `SESSION_STORE_FAILED`
 * and a `cause` whose `code` is 13.
 */
export interface SeatStore {
  /** Reads the current state of these users, at least one. */
  findUsers(userIds: readonly unknown[]): Promise<UsersRead>;

  /** Adds a user. False: the user exists, and stays as it is. */
  insertUser(user: StoredUser): Promise<boolean>;

  /** Replaces a user that still has that revision, atomically. False: it has another one. */
  changeUser(user: StoredUser, revision: string): Promise<boolean>;

  /**
   * Those of these sessions that exist and belong to the user, expired or not. A session that was
   * written before `asOf` and is absent here never comes back, not even by a rollback.
   */
  findSeated(handles: readonly SessionHandle[], userId: unknown, asOf: unknown): Promise<SeatedSession[]>;
}
