import type { SessionHandle } from '../token/session-token.js';

/** What has to be known of a session to see whether it goes on. */
export interface PeekedSession {
  readonly handle: SessionHandle;
  readonly epoch: number;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What a store may do beside `SessionStore`: tell whether many sessions go on. `MongoSessions.ended()` needs it. */
export interface WatchableStore {
  /** Those of these sessions that exist, expired or not. */
  peek(handles: readonly SessionHandle[]): Promise<PeekedSession[]>;

  /**
   * Calls `onChange` soon after a session was removed or has got another epoch, with its handle,
   * until the function that it returns is called. A doorbell: whoever hears it has to look. A call
   * without a handle says that something is heard from now on: what came before may have been
   * missed. Nothing is heard before the first such call, nor from `onDown` to the next. After
   * `onDown(reason)` there is no other.
   */
  listen?(onChange: (handle?: SessionHandle) => void, onDown: (reason?: string) => void): () => Promise<void>;
}
