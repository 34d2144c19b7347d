import type { SessionState } from '../session/session-state.js';
import type { HttpExchange } from '../token/http-exchange.interface.js';

/** What has become of a request's old cookies. */
export interface MoveResult {
  /** The session that one of them opens. Undefined: none does. */
  readonly state: SessionState | undefined;
  /** The `Set-Cookie` headers that remove those that open nothing of their own any more. */
  readonly removals: readonly string[];
}

/** Takes over sessions of other libraries. */
export interface SessionMover {
  /**
   * Undefined: the request has no old cookie. Rejects as the store does; then nothing is half done.
   */
  moveIn(exchange: HttpExchange, arrivedAt: number): Promise<MoveResult> | undefined;
}
