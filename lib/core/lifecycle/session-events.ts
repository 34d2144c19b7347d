import type { SessionDevice } from '../session/device.js';
import type { SessionUserId } from '../session/user-id.js';
import type { SessionHandle } from '../token/session-token.js';

/**
 * What happens to sessions. Each event names its session by the public handle, never by a token.
 *
 * - `created`: stored for the first time.
 * - `regenerated`: it has a new token, by `regenerate()` or `login()`; the old one is dead.
 * - `renewed`: its token has got old, and a new one is on its way to the client (`renewAfter`).
 * - `interrupted`: a write was dropped, because the session had ended, or had been given a new
 *   token, since the request began.
 */
export type SessionLifeCycleEventType = 'created' | 'regenerated' | 'renewed' | 'interrupted';

/**
 * Why a token opened nothing.
 *
 * - `malformed`: it can't have been written by this app: wrong length or alphabet, or not signed
 *   with one of the keys.
 * - `unknown`: there is no such session; it has ended, or never was.
 * - `secret`: there is such a session, but the token is not, or no longer, its own: replaced by a
 *   login, or guessed.
 * - `expired`: the session's time is over. This one counts as no guess.
 * - `origin`: it opened a socket from a page of another site (`sockets.origins`). This one counts
 *   as no guess.
 * - `undecodable`: its data can't be read with the keys of `encryption`.
 */
export type RejectionReason = 'malformed' | 'unknown' | 'secret' | 'expired' | 'origin' | 'undecodable';

/**
 * Who ended a session: its own user with another session, the app, or a login that reached
 * `maxSessions`.
 */
export type RevocationCause = 'user' | 'app' | 'limit';

/** A session as it was when it was removed. */
export interface RemovedSession {
  readonly handle: SessionHandle;
  /** Absent if it was nobody's. */
  readonly userId?: SessionUserId;
  readonly createdAt: Date;
  /** When the user logged in. */
  readonly authenticatedAt?: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  /** With the option `devices`. */
  readonly device?: SessionDevice;
  /**
   * Its data, decoded when you first read them, and frozen; undefined if they can't be decrypted.
   * Not enumerable, so that logging an event shows no data.
   */
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

interface EventBase {
  /** Name of the registration. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Something has happened to a session. */
export interface SessionLifeCycleEvent<
  T extends SessionLifeCycleEventType = SessionLifeCycleEventType,
> extends EventBase {
  readonly type: T;
  readonly handle: SessionHandle;
}

/** A user has logged in: the place for an audit log, and for a mail about a new device. */
export interface SessionLoggedInEvent extends EventBase {
  readonly type: 'loggedIn';
  readonly handle: SessionHandle;
  readonly userId: SessionUserId;
  /** How the user was authenticated, as `login()` was told. */
  readonly amr?: readonly string[];
  /** With the option `devices`. */
  readonly device?: SessionDevice;
  /** Whether the session was this user's before: a login that only proves again who it is. */
  readonly isSameUser: boolean;
}

/**
 * The app ended a session in the session's own request: `destroy()`, `logout()`, or emptying it.
 */
export interface SessionDestroyedEvent extends EventBase {
  readonly type: 'destroyed';
  readonly handle: SessionHandle;
  /** Absent if the store can't tell: a store of your own without the method `take`. */
  readonly session?: RemovedSession;
}

/** A session was ended from elsewhere. */
export interface SessionRevokedEvent extends EventBase {
  readonly type: 'revoked';
  readonly handle: SessionHandle;
  readonly session: RemovedSession;
  readonly cause: RevocationCause;
  /** As it was given; 200 characters at most. */
  readonly reason?: string;
  /**
   * The session that did it: the user's own (`user`), or the one that was logged in to (`limit`).
   */
  readonly by?: SessionHandle;
}

/**
 * The sweeper removed a session whose time was over. Only with `cleanup: 'sweep'`, and once in all
 * processes.
 */
export interface SessionExpiredEvent extends EventBase {
  readonly type: 'expired';
  readonly handle: SessionHandle;
  readonly session: RemovedSession;
}

/**
 * A token that was replaced by a renewal came after its grace: its owner or a thief has kept an old
 * copy. It opens nothing.
 */
export interface SessionReusedEvent extends EventBase {
  readonly type: 'reused';
  readonly handle: SessionHandle;
  /** Where the request came from, as far as the platform's own proxy settings tell. */
  readonly address: string | undefined;
}

/** A token was brought that opens nothing. */
export interface SessionRejectedEvent extends EventBase {
  readonly type: 'rejected';
  readonly reason: RejectionReason;
  /** Absent where none could be read. */
  readonly handle?: SessionHandle;
  /** Where the request came from, as far as the platform's own proxy settings tell. */
  readonly address: string | undefined;
  /**
   * How many different ones have come from there within a quarter of an hour: many mean that
   * somebody is guessing.
   */
  readonly unknownTokens: number;
}

/**
 * A session of another library was taken over (`movingIn`): once, in the process that has stored
 * it.
 */
export interface SessionMovedInEvent extends EventBase {
  readonly type: 'movedIn';
  readonly handle: SessionHandle;
  /** The function that has made the source. */
  readonly from: string;
  /** Keys of its data that are members of a session here. They are called `legacy:<key>` now. */
  readonly renamed: readonly string[];
}

/** Why a session of another library was not taken over; its original and its cookie stay. */
export type NotMovedInReason = 'undecodable' | 'too-large';

/**
 * A session of another library could not be taken over (`movingIn`): with each request that brings
 * it.
 */
export interface SessionNotMovedInEvent extends EventBase {
  readonly type: 'notMovedIn';
  /** The function that has made the source. */
  readonly from: string;
  readonly reason: NotMovedInReason;
}

/** What `SessionEvents` emits. */
export type SessionEvent =
  | { [T in SessionLifeCycleEventType]: SessionLifeCycleEvent<T> }[SessionLifeCycleEventType]
  | SessionLoggedInEvent
  | SessionDestroyedEvent
  | SessionRevokedEvent
  | SessionExpiredEvent
  | SessionReusedEvent
  | SessionRejectedEvent
  | SessionMovedInEvent
  | SessionNotMovedInEvent;
/** Name of a kind of event. */
export type SessionEventType = SessionEvent['type'];
