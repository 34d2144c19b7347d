import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { SessionError, type SessionErrorCode } from '../core/errors.js';

/**
 * What Nest and exception filters get when a session fails a request: 503 when it could not be read or saved, 409 or 413
 * when the request is at fault. The client is told the status and the `code`, and no detail; `cause` is for you.
 */
export class SessionException extends HttpException {
  readonly code: SessionErrorCode;

  /** @param reason for the client, where it can do something about it */
  constructor(error: SessionError, reason?: string) {
    const body = { ...plainBody(error.httpStatus), code: error.code, ...(reason !== undefined && { reason }) };
    super(body, error.httpStatus, { cause: error });
    this.code = error.code;
  }
}

/** Mistakes of the program, and foreign errors, stay what they are: Nest logs these and answers 500 without details. */
export function toFrameworkError(error: unknown): unknown {
  const isForTheClient = error instanceof SessionError && (error.httpStatus < 500 || error.httpStatus === 503);
  return isForTheClient ? new SessionException(error) : error;
}

export function statusOf(error: unknown): number {
  return error instanceof SessionException ? error.getStatus() : 500;
}

/** What a client is told where no exception filter can be asked. */
export function bodyOf(error: unknown): string | object {
  return error instanceof SessionException ? error.getResponse() : plainBody(500);
}

function plainBody(statusCode: number): { statusCode: number; message: string } {
  return { statusCode, message: STATUS_CODES[statusCode] ?? 'Error' };
}
