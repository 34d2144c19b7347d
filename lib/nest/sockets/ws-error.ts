import { loggedErrors, SessionError } from '../../core/errors.js';
import { SessionException, toFrameworkError } from '../session-exception.js';

type WsExceptionClass = new (error: object) => Error;
let WsException: WsExceptionClass | undefined;
let loading: Promise<void> | undefined;

/** Only apps with gateways have the package. It is there before any error is. */
export function loadWsException(): Promise<void> {
  return (loading ??= import('@nestjs/websockets').then(
    (websockets) => {
      ({ WsException } = websockets as { WsException: WsExceptionClass });
    },
    () => {},
  ));
}

/**
 * What a gateway's filters get. The client is told the code, and no message: `WsException` is the
 * only error that Nest tells a socket of.
 * @param log gets mistakes of the program, which Nest then does not log any more
 */
export function toWsError(error: unknown, log: { error(message: string): void }): unknown {
  if (!WsException) return toFrameworkError(error);
  const cause = error instanceof SessionException ? error.cause : error;
  if (!(cause instanceof SessionError)) return error;
  if (cause.httpStatus === 500 && !loggedErrors.has(cause)) {
    loggedErrors.add(cause);
    log.error(cause.message);
  }
  const { reason } = error instanceof SessionException ? (error.getResponse() as { reason?: string }) : {};
  const told = { status: 'error', code: cause.code, ...(reason !== undefined && { reason }) };
  return Object.assign(new WsException(told), { code: cause.code, cause });
}
