import type { SessionHandle } from '../token/session-token.js';
import type { StoredSession } from './session-store.interface.js';
import type { SessionOwner, TakenSession, UserSessionStore } from './user-session-store.interface.js';

/**
 * The epoch of a tombstone: what stands where a session has ended, so that none can be inserted
 * there. No session has it, so no write and no token fits. It has no data and no user.
 */
export const TOMBSTONE_EPOCH = -1;

/** Which session is buried, and for how long. All times in milliseconds since 1970. */
export interface Burial extends SessionOwner {
  readonly now: number;
  /** Its `movedAt` must be later. */
  readonly movedAfter: number;
  /** When the tombstone may be removed. */
  readonly until: number;
  /** Only a session without data and without a user. */
  readonly ifEmpty?: boolean;
}

/**
 * What a store may do beside `SessionStore`: take over the sessions of another library. The option
 * `movingIn` needs it. `find` gives tombstones too; `take` and `remove` leave them alone until
 * their time is over.
 */
export interface MovingStore extends Pick<UserSessionStore, 'take'> {
  /**
   * Adds a session, unless its handle is taken: by a session, expired or not, or by a tombstone.
   * False: it is taken.
   */
  insertIfFree(session: StoredSession): Promise<boolean>;

  /**
   * Puts a tombstone in the place of the session, as one atomic step, and resolves with what the
   * session was. Undefined: there is no such session.
   */
  bury(handle: SessionHandle, burial: Burial): Promise<TakenSession | undefined>;
}
