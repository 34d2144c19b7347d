import type { SessionHandle } from '../token/session-token.js';

/** What is kept of a user whose sessions are limited in number or were revoked, and with `EVERYBODY` of all of them. */
export interface StoredUser {
  readonly userId: unknown;
  /** The user's sessions. Absent: nobody has counted them yet. */
  readonly seats?: readonly SessionHandle[];
  /** 24 hexadecimal digits, random, and others with every change: never a counter, which a rollback could make the same again. */
  readonly revision: string;
  /** Who came before this moment, in milliseconds since 1970, may not log in any more. */
  readonly revokedAt?: number;
  /** The one session that is excepted. */
  readonly spared?: SessionHandle;
  /** When this is not needed any more, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Users as they were read, and when: `findSeated` sees everything that was written before. */
export interface UsersRead {
  /** In the order of the ids; undefined for those that there are none of. */
  readonly users: readonly (StoredUser | undefined)[];
  /** For `findSeated`, and of no meaning to anybody else. */
  readonly asOf: unknown;
}

/** A seated session, as far as a login has to know it. */
export interface SeatedSession {
  readonly handle: SessionHandle;
  readonly authenticatedAt?: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/**
 * What a store may do beside `SessionStore`: keep a document for each user, changed by
 * compare-and-set. The option `maxSessions` needs it, and so does a login that must not survive a
 * revocation. The promises of `SessionStore` hold here too. Whose database user has no rights there
 * gets `SESSION_STORE_FAILED` with a `cause` that has the code 13.
 */
export interface SeatStore {
  /** Reads at the primary, as of this moment. At least one id. */
  findUsers(userIds: readonly unknown[]): Promise<UsersRead>;

  /** Adds a user. False: there is one already, which stays as it is. */
  insertUser(user: StoredUser): Promise<boolean>;

  /** Puts this user in the place of the one that has that revision, as one atomic step. False: it has another one. */
  changeUser(user: StoredUser, revision: string): Promise<boolean>;

  /**
   * Those of these sessions that exist and are the user's, expired or not. One that was written
   * before `asOf` and is absent here is gone for good: neither a rollback nor a primary that was
   * cut off makes this untrue.
   */
  findSeated(handles: readonly SessionHandle[], userId: unknown, asOf: unknown): Promise<SeatedSession[]>;
}
