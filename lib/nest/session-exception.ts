import { HttpException } from '@nestjs/common';
import { SessionError, type SessionErrorCode } from '../core/errors.js';
import { failureBody } from '../http/response/failure-response.js';

/**
 * What Nest and exception filters get when a session fails a request: 503 if it could not be read
 * or saved, 409 or 413 if the request is at fault. The client gets the status and the `code`,
 * without details. `cause` is for you, as is the `message` of a 4xx, which says how to fix it.
 */
export class SessionException extends HttpException {
  readonly code: SessionErrorCode;

  /** @param reason for the client, if it can do something about it */
  constructor(error: SessionError, reason?: string) {
    super({ ...failureBody(error), ...(reason !== undefined && { reason }) }, error.httpStatus, { cause: error });
    this.code = error.code;
    // The message of a 4xx names keys and options only. That of a store's failure may name hosts,
    // and filters may send messages to clients.
    if (error.httpStatus < 500) this.message = error.message;
  }

  /**
   * What GraphQL servers send to the client besides the message, as for every error that has
   * `extensions`. The same as Nest's Apollo driver makes of an HttpException.
   */
  get extensions(): { readonly code: string; readonly status?: number; readonly originalError: object } {
    const [status, originalError] = [this.getStatus(), this.getResponse() as object];
    if (status === 401) return { code: 'UNAUTHENTICATED', originalError };
    return { code: 'INTERNAL_SERVER_ERROR', status, originalError };
  }
}

/**
 * Mistakes in the program and foreign errors stay as they are: Nest logs them and responds with
 * 500, without details.
 */
export function toFrameworkError(error: unknown): unknown {
  return error instanceof SessionError && error.httpStatus !== 500 ? new SessionException(error) : error;
}
