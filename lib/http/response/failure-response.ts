import { type ServerResponse, STATUS_CODES } from 'node:http';
import { SessionError, type SessionErrorCode } from '../../core/errors.js';
import { TARGETED_CACHE_HEADERS } from './session-headers.js';

/**
 * Headers that describe the response that could not be sent, that send something with it, or that
 * have a proxy send a file in its place.
 */
export const RESPONSE_HEADERS: readonly string[] = [
  ...['type', 'length', 'encoding', 'range', 'disposition', 'language', 'location'].map((name) => `content-${name}`),
  ...['etag', 'last-modified', 'accept-ranges', 'cache-control', 'expires', 'location', 'refresh', 'link'],
  ...['set-cookie', 'transfer-encoding', 'trailer', 'content-digest', 'repr-digest', 'digest'],
  ...['x-accel-redirect', 'x-sendfile', 'x-lighttpd-send-file', 'x-reproxy-url', 'x-reproxy-file'],
  ...TARGETED_CACHE_HEADERS,
];

/** The body that a client gets. */
interface FailureBody {
  readonly statusCode: number;
  readonly message: string;
  readonly code?: SessionErrorCode;
}

/** For a mistake in the program, or a foreign error, the client gets the status only. */
export function failureBody(error: SessionError | undefined): FailureBody {
  const statusCode = error?.httpStatus ?? 500;
  const message = STATUS_CODES[statusCode] ?? 'Error';
  return error && statusCode !== 500 ? { statusCode, message, code: error.code } : { statusCode, message };
}

/** The session's error, or the one behind the framework's error. */
export function sessionErrorOf(error: unknown): SessionError | undefined {
  const { cause } = (error ?? {}) as { cause?: unknown };
  return [error, cause].find((each) => each instanceof SessionError);
}

/** Turns a response that has not left into a blank one with the error's status. */
export function prepareFailure(response: ServerResponse, error: unknown): void {
  for (const name of RESPONSE_HEADERS) response.removeHeader(name);
  response.statusCode = failureBody(sessionErrorOf(error)).statusCode;
  if (isHttp2(response)) return;
  response.statusMessage = '';
  // A handler that still streams notices by the closing socket that nobody listens.
  response.setHeader('Connection', 'close');
}

/** The error's response where no exception filter can be asked: its status, and no details. */
export function sendFailureResponse(response: ServerResponse, error: unknown): void {
  const content = failureBody(sessionErrorOf(error));
  const body = JSON.stringify(content);
  response.statusCode = content.statusCode;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}

/**
 * Ends a response so that the client notices that it is incomplete. Not in the turn of its headers:
 * Node keeps these until the end of the turn, and they may hand out a token.
 */
export function destroyConnection(response: ServerResponse): void {
  if (response.headersSent) setImmediate(destroyNow, response);
  else destroyNow(response);
}

function destroyNow(response: ServerResponse): void {
  const { stream } = response as { stream?: { close?(code: number): void } };
  if (isHttp2(response) && stream?.close) stream.close(INTERNAL_ERROR);
  else response.destroy();
}

/** HTTP/2's INTERNAL_ERROR (RFC 9113, section 7). */
const INTERNAL_ERROR = 2;

export function isHttp2(response: ServerResponse): boolean {
  return response.req.httpVersionMajor > 1;
}

/**
 * Also true before `close` is emitted, and for a response that waits for its turn on the connection
 * and never emits it.
 */
export function isDestroyed(response: ServerResponse): boolean {
  const { stream = response.req.socket } = response as { stream?: { destroyed?: boolean } };
  return stream?.destroyed === true;
}

export function stackOf(error: unknown): string {
  return (error instanceof Error && error.stack) || String(error);
}
