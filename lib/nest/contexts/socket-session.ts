import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import type { Registration } from '../../core/request/registration.js';
import type { SessionAccess } from '../../core/request/session-access.interface.js';

/** Which session of a socket is asked for, and by whom. */
export interface WantedSession {
  /** As `MongoSessions.from()` knows it. Without one: of whatever app the socket belongs to. */
  readonly registration?: Registration | undefined;
  /** Name of the registration, if there is no `registration`. @default the default or only one */
  readonly name?: string | undefined;
  /** Of the handler that asks: a decorator or a guard, or `from(context)`. */
  readonly context?: ExecutionContext | undefined;
  /** The request that opened the socket, if the caller or a GraphQL context knows it. */
  readonly handshake?: IncomingMessage | undefined;
}

/**
 * The session of a socket or, if a context asks, of the message that it handles. Undefined: this is
 * not a socket of a server that is known. Throws if it is one, and can't have a session.
 */
export function findSocketSession(_socket: object, _wanted: WantedSession): SessionAccess | undefined {
  return undefined;
}
