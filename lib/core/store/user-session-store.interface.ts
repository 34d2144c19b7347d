import type { SessionHandle } from '../token/session-token.js';
import type { StoredSession } from './session-store.interface.js';

/** Stands for every user: no user id is a boolean. */
export const EVERYBODY = true;

/** What is shown of a session: neither its data nor anything that opens it. */
export type ListedSession = Omit<StoredSession, 'data' | 'secretHash' | 'renewal'>;

/** A session that was removed, as it was then. */
export interface TakenSession extends ListedSession {
  /** Absent if it can't be decrypted: the session is gone all the same. */
  readonly data?: Uint8Array;
}

/** What a session has to be, besides its handle, for an operation to find it. Absent fields are not looked at. */
export interface SessionOwner {
  /** Compared as BSON values are: 1 and Long 1 are one user, '1' is another. */
  readonly userId?: unknown;
  readonly epoch?: number;
  /** In milliseconds since 1970, as it was read: a session that was used since is another matter. */
  readonly expiresAt?: number;
  /** In milliseconds since 1970: its `authenticatedAt` must be earlier, or unknown. */
  readonly authenticatedBefore?: number;
}

/** A change of what is known of a session's device. Absent fields stay as they are. */
export interface DeviceChange {
  /** Elements to set, as one BSON document: see `StoredSession.device`. */
  readonly set?: Uint8Array;
  readonly unset?: readonly string[];
}

/**
 * What a store may do beside `SessionStore`: find a user's sessions, end them, and describe their
 * devices. `MongoSessions.of()`, `revoke()` and the option `devices` need it. The promises of
 * `SessionStore` hold here too: bounded time, a `SessionError` for each failure, durable writes.
 */
export interface UserSessionStore {
  /** The user's sessions, expired or not, last used first. */
  findByUser(userId: unknown, limit: number): Promise<ListedSession[]>;

  /**
   * The handles of a user's sessions, or with `true` (`EVERYBODY`) of all that have a user, in
   * ascending order, as one page that begins after a handle.
   */
  handlesOf(userId: unknown, after: SessionHandle | undefined, limit: number): Promise<SessionHandle[]>;

  /**
   * Removes the session if it is the owner's, as one atomic step, and resolves with what it was:
   * of several callers one gets it, also where the command had to be sent twice. Undefined: there
   * was no such session.
   */
  take(handle: SessionHandle, owner: SessionOwner): Promise<TakenSession | undefined>;

  /** Changes what is known of the session's device. False: there is no such session. */
  describe(handle: SessionHandle, owner: SessionOwner, change: DeviceChange): Promise<boolean>;
}
