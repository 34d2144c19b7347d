import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { SessionError } from '../../core/errors.js';
import type { Registration } from '../../core/request/registration.js';
import type { SessionAccess } from '../../core/request/session-access.interface.js';
import { DEFAULT_NAME, unknownNameError } from '../../http/request-sessions.js';
import { type SocketConnection, connectionOf } from '../../sockets/socket-connection.js';
import type { MessageSession } from '../../sockets/message-session.js';
import type { SocketSessions } from '../../sockets/socket-sessions.js';
import { toFrameworkError } from '../session-exception.js';
import { isMarkedReadonly } from './readonly-routes.js';
import { messageOf, messageScope } from '../sockets/message-of.js';
import {
  appOf,
  appOfClass,
  appOfHandshake,
  appOfSocket,
  handshakes,
  runningRegistrations,
} from '../sockets/running-apps.js';
import { loadWsException, toWsError } from '../sockets/ws-error.js';

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
  /** Whether an operation of GraphQL asks, whose errors are not those of a gateway. */
  readonly isGraphql?: boolean;
}

/** The sessions on sockets of each registration. */
export const socketSessions = new WeakMap<Registration, SocketSessions>();

/**
 * The session of a socket or, if a context asks, of the message that it handles. Undefined: this is
 * not a socket of a server that is known. Throws if it is one, and can't have a session.
 */
export function findSocketSession(socket: object, wanted: WantedSession): SessionAccess | undefined {
  const connection = connectionOf(socket);
  if (!connection) return undefined;
  const { context, handshake, isGraphql } = wanted;
  const registration = wanted.registration ?? registrationOf(socket, wanted);
  const errors = isGraphql
    ? { convert: toFrameworkError }
    : { load: loadWsException, convert: (error: unknown) => toWsError(error, registration.hooks.log) };
  const sessions = socketSessions.get(registration)!;
  const message = context && messageOf(context);
  if (handshake && !sessions.has(connection)) handshakes.set(connection.key, handshake);
  const found = sessions.of(connection, () => handshakeOf(connection), errors, message);
  forgetHandshake(connection, registration);
  if (context && isMarkedReadonly(context, namesOf(registration))) found.stopUse();
  messageScope.getStore()?.add(found);
  return found;
}

/** The sessions that anybody has asked for to handle this message. */
export function sessionsOfMessage(message: object): MessageSession[] {
  return runningRegistrations().flatMap((each) => socketSessions.get(each)!.find(message) ?? []);
}

function handshakeOf({ key, request }: SocketConnection): IncomingMessage {
  const found = request ?? handshakes.get(key);
  if (found) return found;
  const fix =
    'Tell it once, in handleConnection or where the server emits `connection`: `await sessions.from(client, request)`.';
  throw new SessionError('SESSION_NOT_MOUNTED', `The request that opened this socket is unknown. ${fix}`);
}

/** What decorators call it: the only registration of an app also goes without a name. */
function namesOf(registration: Registration): string[] {
  const { name } = registration.options;
  return appOf(registration)?.registrations.length === 1 ? [name, DEFAULT_NAME] : [name];
}

/** It holds the token and takes kilobytes, so it is kept no longer than a registration needs it. */
function forgetHandshake(connection: SocketConnection, registration: Registration): void {
  if (!handshakes.has(connection.key)) return;
  const isBound = (each: Registration) => socketSessions.get(each)!.has(connection);
  if (appOf(registration)?.registrations.every(isBound)) handshakes.delete(connection.key);
}

/**
 * A decorator has no injector: it knows its app by the gateway that has accepted the socket, by the
 * port of the handshake, or by its class.
 */
function registrationOf(socket: object, { name = DEFAULT_NAME, context, handshake }: WantedSession): Registration {
  const known = appOfSocket(socket) ?? (handshake && appOfHandshake(handshake));
  const { registrations } = known ?? appOfClass(context!.getClass());
  const named = registrations.find(({ options }) => options.name === name);
  const found = named ?? (name === DEFAULT_NAME && registrations.length === 1 ? registrations[0] : undefined);
  if (found) return found;
  const names = registrations.map(({ options }) => options.name);
  throw unknownNameError('socket', name, names);
}
