import { IncomingMessage } from 'node:http';
import { types } from 'node:util';
import type { ExecutionContext } from '@nestjs/common';
import { SessionError } from '../../core/errors.js';
import type { Registration } from '../../core/request/registration.js';
import type { SessionAccess } from '../../core/request/session-access.interface.js';
import type { SessionObject } from '../../core/session/session.js';
import { isUpgrade } from '../../http/handshake-session.js';
import { NOT_IMPORTED, getRequestSession, notMountedError } from '../../http/request-sessions.js';
import { REQUEST_SESSIONS } from '../../http/symbols.js';
import { type WantedSession, findSocketSession } from './socket-session.js';

/**
 * What a session can be found from: an `ExecutionContext`; a request of Express, Fastify or Node;
 * the context of a GraphQL operation; a socket.
 */
export type SessionSource = ExecutionContext | object;

/**
 * The session behind a handler: of the named registration, otherwise of the default or only one.
 */
export function findInContext(context: ExecutionContext, name?: string): SessionAccess {
  return findFor(context, { name, context });
}

/**
 * The session of a registration behind whatever a caller has. Nothing of a foreign object is
 * called.
 */
export function findInSource(source: unknown, registration: Registration, given: object | undefined): SessionAccess {
  if (typeof source !== 'object' || source === null || types.isProxy(source)) throwForeign(source);
  const wanted = { registration, handshake: given && handshakeOf(given) };
  if (isContext(source)) return findFor(source, { ...wanted, context: source });
  const found = isServed(source) ? pick(source, wanted) : findInGraphql(source, wanted);
  return found ?? findSocketSession(source, wanted) ?? pickFromHandshake(source, wanted) ?? throwForeign(source);
}

/** The session itself; a promise only if it has yet to be read. */
export function openSession(access: SessionAccess): SessionObject<object> | Promise<SessionObject<object>> {
  const loading = access.load();
  return loading ? loading.then(() => access.session) : access.session;
}

function findFor(context: ExecutionContext, wanted: WantedSession): SessionAccess {
  const type = context.getType<string>();
  if (type === 'ws') {
    const client = context.switchToWs().getClient<object>();
    return findSocketSession(client, wanted) ?? pickFromHandshake(client, wanted) ?? throwNotMounted(client, SOCKETS);
  }
  if (type === 'graphql') {
    const graphql = context.getArgByIndex<object>(2);
    return findInGraphql(graphql, wanted) ?? throwNotMounted(requestOf(graphql), GRAPHQL);
  }
  if (type === 'rpc') throw new SessionError('SESSION_NOT_MOUNTED', RPC);
  return pick(context.switchToHttp().getRequest(), wanted);
}

/**
 * Apollo hands the request over as `req`, Mercurius as `reply.request`. With graphql-sse, `req.raw`
 * is the platform's. Over a socket, `req` is what graphql-ws knows of it, and Mercurius tells the
 * socket if it is asked to.
 */
function findInGraphql(graphql: object, wanted: WantedSession): SessionAccess | undefined {
  const given = requestOf(graphql);
  const request = isServed(given) ? given : valueOf(given, 'raw');
  const extra = valueOf(given, 'extra') ?? valueOf(graphql, 'extra');
  const socket = valueOf(extra, 'socket') ?? valueOf(graphql, 'socket');
  if (typeof socket === 'object' && socket) {
    const told = wanted.handshake ?? valueOf(extra, 'request') ?? valueOf(valueOf(graphql, 'request'), 'raw');
    const handshake = isMessage(told) ? told : undefined;
    const found = findSocketSession(socket, { ...wanted, handshake, isGraphql: true });
    if (found) return found;
  }
  if (!isServed(request)) return undefined;
  // Its response has been given: what a resolver changes could not be saved.
  const raw = valueOf(request, 'raw');
  if (isMessage(raw) && isUpgrade(raw)) throw new SessionError('SESSION_NOT_MOUNTED', MERCURIUS_SOCKET);
  return pick(request, wanted);
}

function isMessage(object: unknown): object is IncomingMessage {
  return !types.isProxy(object) && object instanceof IncomingMessage;
}

function requestOf(graphql: unknown): unknown {
  return valueOf(graphql, 'req') ?? valueOf(valueOf(graphql, 'reply'), 'request');
}

/** The request that has opened a socket, raw or as Fastify has it. */
function handshakeOf(given: object): IncomingMessage {
  const request = valueOf(given, 'raw') ?? given;
  if (isMessage(request)) return request;
  throw new SessionError('SESSION_NOT_MOUNTED', HANDSHAKE);
}

/** A handshake has its session where middleware has opened it. */
function pickFromHandshake(client: unknown, wanted: WantedSession): SessionAccess | undefined {
  const request = valueOf(client, 'request');
  return isServed(request) ? pick(request, wanted) : undefined;
}

function pick(request: unknown, { name, registration }: WantedSession): SessionAccess {
  const { options } = registration ?? {};
  const found = getRequestSession(request, options?.name ?? name);
  if (!registration || found.registration === registration) return found;
  const problem = `This request belongs to another app than the registration '${registration.options.name}'.`;
  throw new SessionError('SESSION_NOT_MOUNTED', `${problem} Ask the MongoSessions of the app that serves it.`);
}

/** Whether it is a request that has our mark, which nothing from a client can have. */
function isServed(request: unknown): boolean {
  const isMarked = (object: unknown) =>
    typeof object === 'object' && object !== null && !types.isProxy(object) && REQUEST_SESSIONS in object;
  return isMarked(request) || isMarked(valueOf(request, 'raw'));
}

/**
 * A property that holds a value. Getters are left alone, unless a class has them: what came from a
 * client is a plain object.
 */
function valueOf(object: unknown, key: string): unknown {
  if (typeof object !== 'object' || object === null || types.isProxy(object)) return undefined;
  const own = Object.getOwnPropertyDescriptor(object, key);
  if (own) return own.value as unknown;
  const isPlain = [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(object) as object | null);
  return isPlain ? undefined : (object as Record<string, unknown>)[key];
}

/** Its methods belong to a class, so what a client has sent is none. */
function isContext(source: object): source is ExecutionContext {
  const isMethod = (name: string) => typeof valueOf(source, name) === 'function' && !Object.hasOwn(source, name);
  return isMethod('getType') && isMethod('getArgByIndex') && isMethod('getHandler');
}

function throwNotMounted(request: unknown, fix: string): never {
  throw notMountedError(request, fix);
}

function throwForeign(source: unknown): never {
  const request = requestOf(source) ?? source;
  const isRequest = isMessage(request) || isMessage(valueOf(request, 'raw'));
  throw notMountedError(request, isRequest ? NOT_IMPORTED : FOREIGN);
}

const FOREIGN =
  'Give from() an ExecutionContext, the request that the app got, or the context of a GraphQL operation. A message, a body and a job are none: use read(handle) or edit(handle, ...).';
const SOCKETS =
  'Its client is no socket of socket.io or ws. For another library, let an HTTP route read the session, and give the client a short-lived token.';
const GRAPHQL =
  'Import MongoSessionsModule in the root module, and give the GraphQL context the request as `req`; over graphql-ws, its `extra`.';
const HANDSHAKE =
  'The second argument of from() is no request. Give the one that opened the socket, as the event `connection` of a ws server has it.';
const MERCURIUS_SOCKET =
  'The resolver of a subscription does not know its socket. Give Mercurius `subscription: { context: (socket) => ({ socket }) }`.';
const RPC =
  'A message of a microservice has no session. Send `session.handle` with it, and use `sessions.edit(handle, ...)`.';
