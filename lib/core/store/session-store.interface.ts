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
  /**
   * Starts at 0, and goes up by one with each login and regeneration. Negative: a tombstone (see
   * `MovingStore`).
   */
  readonly epoch: number;
  /**
   * The data as one BSON document. Its keys are stored keys (see stored-keys.ts): none is empty,
   * has a dot or starts with `$`.
   */
  readonly data: Uint8Array;
  readonly createdAt: number;
  /** The user whose session it is: any BSON value, undefined before a login. */
  readonly userId?: unknown;
  /** When the user last logged in, in milliseconds since 1970. */
  readonly authenticatedAt?: number;
  /** How they did: names of RFC 8176, such as `pwd` and `otp`. */
  readonly amr?: readonly string[];
  /** Absent: revision 0, issued when the session was created. */
  readonly renewal?: TokenRenewal;
  /** Set for a permanent session ("remember me"): its idle time in milliseconds. */
  readonly permanent?: number;
  /**
   * The device of its last use, as one BSON document with `ip`, `userAgent` and `label`. Only with
   * the option `devices`.
   */
  readonly device?: Uint8Array;
  /** When it was taken over from another session library, in milliseconds since 1970. */
  readonly movedAt?: number;
}

/**
 * The session that a write is for. It is written only if it exists, has this epoch and has not
 * expired: no write revives what a reader would find expired at that moment.
 */
export interface WriteTarget {
  readonly handle: SessionHandle;
  /** As it was read. */
  readonly epoch: number;
  /** The time of the write, in milliseconds since 1970: the session's `expiresAt` must be later. */
  readonly now: number;
  /**
   * Given if the limits have been lowered since the session was written: its `lastSeenAt` must be
   * later.
   */
  readonly seenAfter?: number;
  /**
   * Given if the write might exceed these limits, possibly together with parallel writes. If it
   * would exceed one, and the data grow, the write is refused in the same atomic step, and rejects
   * with `SESSION_TOO_LARGE` or `SESSION_TOO_MANY_KEYS`.
   */
  readonly bounds?: DataBounds;
}

/** What one commit changes. Absent fields stay as they are. */
export interface SessionChange {
  /** The changed and added keys with their values, as one BSON document. */
  readonly set?: Uint8Array;
  /** Stored keys to remove. */
  readonly unset?: readonly string[];
  /** New times. Of two parallel writes the later time stays, unless `permanent` is given too. */
  readonly times?: SessionTimes;
  /**
   * Instead of `times`, where the session's end stays. Of two parallel writes the later time stays.
   * Only given to a `UserSessionStore`.
   */
  readonly lastSeenAt?: number;
  /**
   * New idle time of a permanent session; null makes it a browser session. Given together with
   * `times`, which are then written as they are.
   */
  readonly permanent?: number | null;
  /**
   * Elements of `StoredSession.device` to set, as one BSON document; null stands for an absent one.
   * Only given to a `UserSessionStore`.
   */
  readonly device?: Uint8Array;
}

/**
 * A new secret for a session; its epoch goes up by one. The renewal of its token starts again, with
 * revision 1, issued at `times.lastSeenAt`.
 */
export interface SecretReplacement {
  readonly secretHash: Uint8Array;
  /**
   * What stays of the data, as the store has them at that moment: all, or only these stored keys.
   */
  readonly keep: true | readonly string[];
  /**
   * Replaces what `keep` says: the data become `next` if they are still `expected`. Otherwise
   * nothing is written, and the result is false.
   */
  readonly data?: { readonly expected: Uint8Array; readonly next: Uint8Array };
  /** When the maximum lifetime starts. */
  readonly createdAt: number;
  readonly times: SessionTimes;
  /** The user whose session it becomes; null: nobody's. Absent: as before. */
  readonly userId?: unknown;
  /** See `StoredSession`; null removes it. Absent: as before. */
  readonly authenticatedAt?: number | null;
  readonly amr?: readonly string[] | null;
  /**
   * The whole of `StoredSession.device`; an empty document if nothing is known of it any more. Only
   * given to a `UserSessionStore`. Absent: as before.
   */
  readonly device?: Uint8Array;
}

/**
 * Where sessions are kept. Each call is about one session. A store may send several calls together,
 * if it keeps every promise below:
 *
 * - A resolved write is as durable as the store can make it, and every later `find` sees it.
 * - Only `insert` creates sessions: no other call revives one that was removed.
 * - If the database fails, a call rejects in bounded time with a `SessionError`:
 *   `SESSION_STORE_UNAVAILABLE` if it can't be reached or misses its deadline,
 *   `SESSION_STORE_FAILED` otherwise. Other calls don't fail with it.
 * - A store never looks at a clock: a session that it reads may have expired, and each write is
 *   given the time.
 * - A write whose `WriteTarget` does not exist (see there) writes nothing and resolves with false.
 * - Neither the caller nor the store changes bytes after they were passed.
 */
export interface SessionStore {
  /**
   * The session with this handle, expired or not; undefined if there is none, which is no error.
   */
  find(handle: SessionHandle): Promise<StoredSession | undefined>;

  /**
   * Adds a session. If the handle exists already, rejects with `SESSION_STORE_FAILED` and leaves
   * that session alone.
   */
  insert(session: StoredSession): Promise<void>;

  /**
   * Applies the change atomically. False: the target did not exist and nothing was written, or it
   * ended or got another epoch at the same moment.
   */
  update(target: WriteTarget, change: SessionChange): Promise<boolean>;

  /** Replaces the secret atomically. */
  replaceSecret(target: WriteTarget, change: SecretReplacement): Promise<boolean>;

  /**
   * Replaces the value of a key atomically, if it is the expected one: of several calls that expect
   * the same value, one succeeds. Each value is a BSON document of that key alone; undefined means
   * no value.
   *
   * @param others keys that must have no value either
   */
  replaceValue(
    target: WriteTarget,
    key: string,
    expected: Uint8Array | undefined,
    next: Uint8Array | undefined,
    others?: readonly string[],
  ): Promise<boolean>;

  /**
   * Takes the next step of the renewal atomically, if the session has this revision: of several
   * calls, one succeeds. The epoch stays.
   */
  renewToken(target: WriteTarget, revision: number, secretHash: Uint8Array, renewal: TokenRenewal): Promise<boolean>;

  /** Removes the session if it has no data and no user. */
  removeIfEmpty(target: WriteTarget): Promise<boolean>;

  /** Removes the session, whatever its epoch, expired or not. False: there was none. */
  remove(handle: SessionHandle): Promise<boolean>;

  /**
   * Prepares the store at start, for example its indexes. Rejects only with `failFast`; everything
   * else is logged.
   */
  start?(): Promise<void>;

  /** Closes what the store has opened. */
  stop?(): Promise<void>;
}
