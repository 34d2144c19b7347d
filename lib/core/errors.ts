/** Stable names of everything that can go wrong: match on `error.code`, never on a message. */
export type SessionErrorCode =
  | 'SESSION_OPTION_INVALID'
  | 'SESSION_KEY_RESERVED'
  | 'SESSION_VALUE_REFUSED'
  | 'SESSION_TOO_LARGE'
  | 'SESSION_TOO_MANY_KEYS'
  | 'SESSION_TOO_DEEP'
  | 'SESSION_COOKIE_TOO_LONG'
  | 'SESSION_REQUIRED'
  | 'SESSION_NOT_FRESH'
  | 'SESSION_INTERRUPTED'
  | 'SESSION_ENDED'
  | 'SESSION_CONTENDED'
  | 'SESSION_ANONYMOUS'
  | 'SESSION_LIMIT_REACHED'
  | 'SESSION_LOGIN_REVOKED'
  | 'SESSION_EXCLUDED'
  | 'SESSION_NOT_MOUNTED'
  | 'SESSION_NOT_LOADED'
  | 'SESSION_NO_CONTEXT'
  | 'SESSION_READ_ONLY'
  | 'SESSION_HEADERS_SENT'
  | 'SESSION_FACE_REFUSED'
  | 'SESSION_NO_CLIENT'
  | 'SESSION_STORE_UNAVAILABLE'
  | 'SESSION_STORE_FAILED'
  | 'SESSION_UNDECODABLE';

const HTTP_STATUS: Partial<Record<SessionErrorCode, number>> = {
  SESSION_TOO_LARGE: 413,
  SESSION_TOO_MANY_KEYS: 413,
  SESSION_TOO_DEEP: 413,
  SESSION_COOKIE_TOO_LONG: 431,
  SESSION_REQUIRED: 401,
  SESSION_NOT_FRESH: 401,
  SESSION_INTERRUPTED: 409,
  SESSION_ENDED: 409,
  SESSION_CONTENDED: 409,
  SESSION_ANONYMOUS: 401,
  SESSION_LIMIT_REACHED: 409,
  SESSION_LOGIN_REVOKED: 409,
  SESSION_STORE_UNAVAILABLE: 503,
  SESSION_STORE_FAILED: 503,
};

/**
 * Every error of this library. Its message says what was wrong, then how to fix it. It names keys
 * and options, never a value, a token or a cryptographic key. It is meant for the developer:
 * clients get the status only.
 */
export class SessionError extends Error {
  override readonly name = 'SessionError';

  /** The matching HTTP status; 500 if only a change of the program helps. */
  readonly httpStatus: number;

  constructor(
    readonly code: SessionErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.httpStatus = HTTP_STATUS[code] ?? 500;
  }
}

/** Errors that have been logged. */
export const loggedErrors = new WeakSet<Error>();
