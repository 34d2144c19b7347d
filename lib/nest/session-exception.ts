import { HttpException } from '@nestjs/common';
import { SessionError, type SessionErrorCode } from '../core/errors.js';
import { failureBody } from '../http/response/failure-response.js';

/**
 * What Nest and exception filters get when a session fails a request: 503 when it could not be read
 * or saved, 409 or 413 when the request is at fault. The client is told the status and the `code`,
 * and no detail; `cause` is for you, and so is the `message` of a 4xx, which tells the fix.
 */
export class SessionException extends HttpException {
  readonly code: SessionErrorCode;

  /** @param reason for the client, where it can do something about it */
  constructor(error: SessionError, reason?: string) {
    super({ ...failureBody(error), ...(reason !== undefined && { reason }) }, error.httpStatus, { cause: error });
    this.code = error.code;
    // It names keys and options only; that of a store's failure may name hosts, and filters like to
    // send messages on.
    if (error.httpStatus < 500) this.message = error.message;
  }
}

/** Mistakes of the program, and foreign errors, stay what they are: Nest logs these and answers 500 without details. */
export function toFrameworkError(error: unknown): unknown {
  return error instanceof SessionError && error.httpStatus !== 500 ? new SessionException(error) : error;
}
