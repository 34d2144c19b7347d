import type { SessionHandle } from '../token/session-token.js';
import type { UserSessionStore } from './user-session-store.interface.js';

/**
 * An optional ability of a `SessionStore`: it finds expired sessions. The option `cleanup: 'sweep'`
 * needs it.
 */
export interface SweepableStore extends Pick<UserSessionStore, 'take'> {
  /**
   * Sessions whose `expiresAt` is at or before this time (milliseconds since 1970), the oldest
   * first.
   */
  findExpired(before: number, limit: number): Promise<{ readonly handle: SessionHandle; readonly expiresAt: number }[]>;
}
