import { SessionError, type SessionErrorCode } from '../errors.js';
import type { SessionHandle } from '../token/session-token.js';

/** A login of which nothing is written yet. */
export interface LoginAttempt {
  readonly userId: unknown;
  /** The stored session that becomes the user's; undefined: a new one will be. */
  readonly handle: SessionHandle | undefined;
  /** Whether that session is this user's already. */
  readonly isSameUser: boolean;
  /** The user has proved who it is after this moment, in milliseconds since 1970. */
  readonly provedAfter: number;
  /** See `LoginOptions.maxSessions`. */
  readonly maxSessions: number | undefined;
  /**
   * The session was taken over from another library. If others change the user each time, it stays,
   * and its next request tries again.
   */
  readonly isMove?: boolean;
  /** By `performance.now()`: from then on it does not start any more. */
  readonly deadline?: number | undefined;
}

/**
 * What a login does beside its write, for its user's other sessions and for what has been revoked.
 */
export interface LoginProtocol {
  /**
   * Resolves when the token may leave. Rejects with a `LoginRefusal` if it must not, and as the
   * write or the store does.
   * @param write writes the session, and resolves with its handle
   */
  run(attempt: LoginAttempt, write: () => Promise<SessionHandle>): Promise<void>;
}

/**
 * A login that was refused. It has left nothing undecided: there is no session that could be the
 * user's.
 */
export class LoginRefusal extends SessionError {
  /** @param hasRemoved whether the session had been written, and was removed again */
  constructor(
    code: SessionErrorCode,
    message: string,
    readonly hasRemoved: boolean,
  ) {
    super(code, message);
  }
}

/** The login of a registration whose users have no limit, and whose store knows of none. */
export const WRITE_ONLY: LoginProtocol = {
  async run(_, write) {
    await write();
  },
};
