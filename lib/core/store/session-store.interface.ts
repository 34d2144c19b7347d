import type { DataBounds } from '../data/data-bounds.js';
import type { TokenRenewal } from '../token/renewal.js';
import type { SessionHandle } from '../token/session-token.js';

/** Times of a session, in milliseconds since 1970. */
export interface SessionTimes {
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/** One session as the store holds it. */
export interface StoredSession extends SessionTimes {
  readonly handle: SessionHandle;
  /** SHA-256 of the token's secret, 32 bytes. The secret itself is never stored. */
  readonly secretHash: Uint8Array;
  /** Goes up by one when the secret changes for a change of privilege; starts at 0. */
  readonly epoch: number;
  /** The data as one BSON document. Its keys are stored keys (see stored-keys.ts), so none is empty, dotted or starts with `$`. */
  readonly data: Uint8Array;
  readonly createdAt: number;
  /** The user that it belongs to: any BSON value, undefined before a login. */
  readonly userId?: unknown;
  /** When that user has last proved who it is, in milliseconds since 1970. */
  readonly authenticatedAt?: number;
  /** How it did: names of RFC 8176, such as `pwd` and `otp`. */
  readonly amr?: readonly string[];
  /** Absent: revision 0, issued when the session was created. */
  readonly renewal?: TokenRenewal;
  /** Set for a persistent session ("remember me"): how long it may stay idle, in milliseconds. */
  readonly permanent?: number;
  /** The device that it was last used on, as one BSON document: `ip`, `userAgent` and `label`. Only with the option `devices`. */
  readonly device?: Uint8Array;
}

/**
 * The session that a write is for. It is written only if it exists, has that epoch and has not
 * expired: what a reader of that moment would call expired, no write brings back.
 */
export interface WriteTarget {
  readonly handle: SessionHandle;
  /** As it was read before. */
  readonly epoch: number;
  /** The time of the write, in milliseconds since 1970: the session's `expiresAt` must be later. */
  readonly now: number;
  /**
   * Given when limits have shrunk since the session was written: its `lastSeenAt` must be later.
   */
  readonly seenAfter?: number;
  /**
   * Given when the write can make the data pass these limits, also together with writes that its
   * request knows nothing of. If they would pass one, and grow, the write is refused as one step
   * with its condition, and rejects with `SESSION_TOO_LARGE` or `SESSION_TOO_MANY_KEYS`.
   */
  readonly bounds?: DataBounds;
}

/** What one commit changes. Absent fields stay as they are. */
export interface SessionChange {
  /** The changed and added keys with their values, as one BSON document. */
  readonly set?: Uint8Array;
  /** Stored keys to remove. */
  readonly unset?: readonly string[];
  /** New times. They only ever rise (of two parallel writers the later time stays), unless `permanent` is given too. */
  readonly times?: SessionTimes;
  /** New persistence; null makes it a browser session. Given together with `times`, which are then taken as they are. */
  readonly permanent?: number | null;
  /** Elements of `StoredSession.device` to set, as one BSON document. Given only to a store that is a `UserSessionStore`. */
  readonly device?: Uint8Array;
}

/** A new secret for a session; raises its epoch by one. The renewal of its token starts again: revision 1, issued at `times.lastSeenAt`. */
export interface SecretReplacement {
  readonly secretHash: Uint8Array;
  /** The data that survives, as the store has it at that moment: all of it, or only these stored keys. */
  readonly keep: true | readonly string[];
  /**
   * In place of what `keep` says: the data become `next`, if they are still just `expected`. If they are not, nothing is written,
   * and the answer is false.
   */
  readonly data?: { readonly expected: Uint8Array; readonly next: Uint8Array };
  /** From when the absolute limit counts. */
  readonly createdAt: number;
  readonly times: SessionTimes;
  /** Whose it is from now on; null: nobody's. Absent: as before. */
  readonly userId?: unknown;
  /** See `StoredSession`; null removes it. Absent: as before. */
  readonly authenticatedAt?: number | null;
  readonly amr?: readonly string[] | null;
  /** The whole of `StoredSession.device`. Given only to a store that is a `UserSessionStore`. Absent: as before. */
  readonly device?: Uint8Array;
}

/**
 * Where sessions are kept. One session a call; a store may send several calls together, as long as
 * every promise below keeps its meaning:
 *
 * - A resolved write is durable as far as the store can make it, and every `find` that starts
 *   afterwards sees it.
 * - Nothing but `insert` ever brings a session into being: no other call revives one that was
 *   removed.
 * - A call that fails for want of the database rejects with a `SessionError`
 *   (`SESSION_STORE_UNAVAILABLE` when it can't be reached or missed its deadline,
 *   `SESSION_STORE_FAILED` for everything else), in bounded time, and fails alone.
 * - A store never looks at a clock: a session that it reads may have expired, and a write is told
 *   the time.
 * - A write for a `WriteTarget` that the store does not have (see there) writes nothing and says
 *   false.
 * - Bytes given to it are not changed afterwards by the caller, nor by the store.
 */
export interface SessionStore {
  /** The session of that handle, expired or not; undefined when there is none, which is no error. */
  find(handle: SessionHandle): Promise<StoredSession | undefined>;

  /** Adds a session. A handle that exists already is an error (`SESSION_STORE_FAILED`) and leaves that session alone. */
  insert(session: StoredSession): Promise<void>;

  /**
   * Applies the change, as one atomic step. False: there is no such target, and nothing was
   * written; or it ended, or got another epoch, at the same moment, and the change with it.
   */
  update(target: WriteTarget, change: SessionChange): Promise<boolean>;

  /** Replaces the secret, as one atomic step; the session's epoch is then one higher. */
  replaceSecret(target: WriteTarget, change: SecretReplacement): Promise<boolean>;

  /**
   * Puts another value in the place of what a key holds, if it holds just what is expected, as one
   * atomic step: of several that expect the same, one succeeds. Each value is a BSON document of
   * that key alone; undefined is no value.
   */
  replaceValue(
    target: WriteTarget,
    key: string,
    expected: Uint8Array | undefined,
    next: Uint8Array | undefined,
  ): Promise<boolean>;

  /**
   * Takes the next step of the renewal, if the session has that revision, as one atomic step: of
   * several that try, one succeeds. The epoch stays.
   */
  renewToken(target: WriteTarget, revision: number, secretHash: Uint8Array, renewal: TokenRenewal): Promise<boolean>;

  /** Removes the session if it has no data and no user. */
  removeIfEmpty(target: WriteTarget): Promise<boolean>;

  /**
   * Removes the session whatever its epoch, expired or not: an end is final. False: there was none.
   */
  remove(handle: SessionHandle): Promise<boolean>;

  /** Prepares the store (indexes), once, at start. Rejects only with `failFast`; everything else is reported in the log. */
  start?(): Promise<void>;

  /** Lets go of everything that the store itself opened. */
  stop?(): Promise<void>;
}
