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
   * Calls `onChange` soon after a session was removed or has got another epoch, as far as that can
   * be heard, until the function that it returns is called. A doorbell: whoever hears it has to
   * look. Nothing is heard before the first ring, which comes as soon as something can be, and none
   * from `onDown` to the next ring. After `onDown(reason)` there is no other.
   */
  listen?(onChange: () => void, onDown: (reason?: string) => void): () => Promise<void>;
}
