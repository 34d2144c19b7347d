import type { SessionHandle } from './session/session-token.js';

/**
 * What happens to sessions. Each event names its session by the public handle, never by a token.
 *
 * - `created`: stored for the first time.
 * - `regenerated`: it has a new token; the old one is dead.
 * - `destroyed`: ended by the program, by `destroy()` or by emptying it.
 * - `interrupted`: a write was dropped, for the session had ended, or had been given a new token, since the request began.
 * - `expired`: a request came with the token of a session whose time is over.
 */
export type SessionEventType = 'created' | 'regenerated' | 'destroyed' | 'interrupted' | 'expired';

export interface SessionEvent {
  readonly type: SessionEventType;
  readonly handle: SessionHandle;
  /** Name of the registration. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}
