import type { SessionHandle } from '../token/session-token.js';

/** What tells whether a session still exists and is the same. */
export interface PeekedSession {
  readonly handle: SessionHandle;
  readonly epoch: number;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * An optional ability of a `SessionStore`: it tells which of many sessions still exist.
 * `MongoSessions.ended()` needs it.
 */
export interface WatchableStore {
  /** Those of these sessions that exist, expired or not. */
  peek(handles: readonly SessionHandle[]): Promise<PeekedSession[]>;

  /**
   * Calls `onChange` with the handle soon after a session was removed or got another epoch, until
   * the returned function is called. That is only a hint to look. A call without a handle says that
   * listening has started, or started again, and that changes before it may have been missed.
   * `onDown` says that nothing is heard until the next such call; with a reason, that there will be
   * none.
   */
  listen?(onChange: (handle?: SessionHandle) => void, onDown: (reason?: string) => void): () => Promise<void>;
}
