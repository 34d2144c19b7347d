import type { SessionHandle } from '../token/session-token.js';
import type { StoredSession } from './session-store.interface.js';

/** Stands for every user: no user id is a boolean. */
export const EVERYBODY = true;

/** A session without its data, and without anything that opens it. */
export type ListedSession = Omit<StoredSession, 'data' | 'secretHash' | 'renewal'>;

/** A session as it was when it was removed. */
export interface TakenSession extends ListedSession {
  /** Absent if the data can't be decrypted. The session is removed nevertheless. */
  readonly data?: Uint8Array;
}

/** What else a session must match to be found by its handle. Absent fields are ignored. */
export interface SessionOwner {
  /** Compared as a BSON value: `1` and `Long(1)` are one user, `'1'` is another. */
  readonly userId?: unknown;
  readonly epoch?: number;
  /** As it was read, in milliseconds since 1970: a session that was used since doesn't match. */
  readonly expiresAt?: number;
  /** Its `authenticatedAt` must be earlier than this time (milliseconds since 1970), or absent. */
  readonly authenticatedBefore?: number;
  /** In milliseconds since 1970: its `movedAt` must not be later. Only given to a `MovingStore`. */
  readonly notMovedAfter?: number;
}

/** What to change of a session's device. Other elements stay as they are. */
export interface DeviceChange {
  /** Elements to set, as one BSON document. See `StoredSession.device`. */
  readonly set?: Uint8Array;
  readonly unset?: readonly string[];
}

/**
 * An optional ability of a `SessionStore`: it finds, removes and describes the sessions of a user.
 * `MongoSessions.of()`, `revoke()` and the option `devices` need it. The general promises of
 * `SessionStore` hold here too.
 */
export interface UserSessionStore {
  /** The user's sessions, expired or not, last used first. */
  findByUser(userId: unknown, limit: number): Promise<ListedSession[]>;

  /**
   * A page of handles of the user's sessions, in ascending order, starting after the given one.
   * With the user id `true` (`EVERYBODY`): of all sessions that have a user.
   */
  handlesOf(userId: unknown, after: SessionHandle | undefined, limit: number): Promise<SessionHandle[]>;

  /**
   * Removes the session if it matches, atomically, and resolves with it. Of several callers one
   * gets it, even if the command has to be sent twice. Undefined: no such session.
   */
  take(handle: SessionHandle, owner: SessionOwner): Promise<TakenSession | undefined>;

  /** Changes the session's device if the session matches. False: no such session. */
  describe(handle: SessionHandle, owner: SessionOwner, change: DeviceChange): Promise<boolean>;
}
