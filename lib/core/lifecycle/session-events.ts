import type { SessionHandle } from '../token/session-token.js';

/**
 * What happens to sessions. Each event names its session by the public handle, never by a token.
 *
 * - `created`: stored for the first time.
 * - `regenerated`: it has a new token, by `regenerate()` or `login()`; the old one is dead.
 * - `renewed`: its token has got old, and a new one is on its way to the client (`renewAfter`).
 * - `destroyed`: ended by the program, by `destroy()`, `logout()` or by emptying it.
 * - `interrupted`: a write was dropped, for the session had ended, or had been given a new token, since the request began.
 * - `expired`: a request came with the token of a session whose time is over.
 */
export type SessionLifeCycleEventType = 'created' | 'regenerated' | 'renewed' | 'destroyed' | 'interrupted' | 'expired';

/**
 * Why a token opened nothing.
 *
 * - `malformed`: it can't have been written by this app: wrong length or alphabet, or not signed with one of the keys.
 * - `unknown`: there is no such session; it has ended, or never was.
 * - `secret`: there is such a session, but the token is not, or no longer, its own: replaced by a login, or guessed.
 * - `undecodable`: its data can't be read with the keys of `encryption`.
 */
export type RejectionReason = 'malformed' | 'unknown' | 'secret' | 'undecodable';

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

/** A token that was replaced by a renewal came after its grace: its owner or a thief has kept an old copy. It opens nothing. */
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
  /** How many different ones have come from there within a quarter of an hour: many mean that somebody is guessing. */
  readonly unknownTokens: number;
}

/** What `SessionEvents` emits. */
export type SessionEvent =
  | { [T in SessionLifeCycleEventType]: SessionLifeCycleEvent<T> }[SessionLifeCycleEventType]
  | SessionReusedEvent
  | SessionRejectedEvent;
/** Name of a kind of event. */
export type SessionEventType = SessionEvent['type'];
