import type { IncomingMessage } from 'node:http';
import { types } from 'node:util';
import { SessionError } from '../core/errors.js';
import type { Registration } from '../core/request/registration.js';
import type { SessionAccess } from '../core/request/session-access.interface.js';
import type { SessionObject } from '../core/session/session.js';
import { REQUEST_SESSIONS, setHiddenSlot } from './symbols.js';

/** One registration's session on one request. */
export interface RequestSession extends SessionAccess {
  /**
   * The same for `request.session`, which anyone may read, access logs too. Undefined on an
   * excluded path, and if reading fails but no response is left that could fail.
   */
  readonly sessionIfAny: SessionObject<object> | undefined;
  /** Whether the response is complete, so that nothing said of the session can be in it. */
  readonly isAnswered?: boolean;
  /** The session of the next registration. A list, because most apps have one registration. */
  following: RequestSession | undefined;
}

export const NOT_IMPORTED = 'Import MongoSessionsModule in the root module, not by LazyModuleLoader.';

/** The name of a registration without one. */
export const DEFAULT_NAME = 'default';

/**
 * The session of an Express, Fastify or raw request: of the named registration, otherwise of the
 * default or only one.
 */
export function sessionOf(request: unknown, name?: string): SessionObject<object> {
  return getRequestSession(request, name).session;
}

/** The same without asking for the session itself. */
export function getRequestSession(request: unknown, name: string = DEFAULT_NAME): RequestSession {
  const first = getRequestSessions(request);
  if (!first) throw notMountedError(request, NOT_IMPORTED);
  const found = findByName(first, name) ?? (name === DEFAULT_NAME ? primaryOf(first) : undefined);
  if (found) return found;
  const names: string[] = [];
  for (let each: RequestSession | undefined = first; each; each = each.following) names.push(nameOf(each));
  throw unknownNameError('request', name, names);
}

/** @param what has sessions of these names, and none of that one */
export function unknownNameError(what: 'request' | 'socket', name: string, names: readonly string[]): SessionError {
  const fix = `It has ${names.map((each) => `'${each}'`).join(', ')}: ask for one of these by its name.`;
  return new SessionError('SESSION_NOT_MOUNTED', `This ${what} has no session of the name '${name}'. ${fix}`);
}

/** The first of a request's sessions; undefined before the module has seen the request. */
export function getRequestSessions(request: unknown): RequestSession | undefined {
  const candidate = request as (Holder & { raw?: Holder }) | null | undefined;
  return candidate?.[REQUEST_SESSIONS] ?? candidate?.raw?.[REQUEST_SESSIONS];
}

interface Holder {
  [REQUEST_SESSIONS]?: RequestSession;
}

/** Adds a session to those of a raw request. */
export function attachSession(request: IncomingMessage, session: RequestSession): void {
  let last = (request as Holder)[REQUEST_SESSIONS];
  if (!last) return setHiddenSlot(request, REQUEST_SESSIONS, session);
  while (last.following) last = last.following;
  last.following = session;
}

function findByName(first: RequestSession | undefined, name: string): RequestSession | undefined {
  let each = first;
  while (each && nameOf(each) !== name) each = each.following;
  return each;
}

/** One registration's session on a request; undefined if it has not seen the request yet. */
export function findOf(request: unknown, registration: Registration): RequestSession | undefined {
  const found = findByName(getRequestSessions(request), registration.options.name);
  return found?.registration === registration ? found : undefined;
}

/** The default or only one. */
function primaryOf(first: RequestSession | undefined): RequestSession | undefined {
  return first?.following ? findByName(first, DEFAULT_NAME) : first;
}

/** The session that `request.session` of an Express, Fastify or raw request belongs to. */
export function getPrimarySession(request: object): RequestSession | undefined {
  return primaryOf(getRequestSessions(request));
}

function nameOf({ registration }: RequestSession): string {
  return registration.options.name;
}

/**
 * One copy of this package doesn't see what another one has mounted. Their symbols only share the
 * description.
 */
export function notMountedError(request: unknown, fix: string): SessionError {
  const { description } = REQUEST_SESSIONS;
  const isOfOtherCopy = [request, ownValue(request, 'raw')].some(
    (object) =>
      isPlainTarget(object) &&
      Object.getOwnPropertySymbols(object).some((symbol) => symbol.description === description),
  );
  const cause = isOfOtherCopy
    ? 'Two copies of nestjs-mongo-sessions are installed, and the request has the session of the other one. Find them with `npm ls nestjs-mongo-sessions`, and leave one.'
    : `This request has no session. ${fix}`;
  return new SessionError('SESSION_NOT_MOUNTED', cause);
}

/** Without calling anything of it: it may be anything. */
function ownValue(object: unknown, key: string): unknown {
  return isPlainTarget(object) ? Object.getOwnPropertyDescriptor(object, key)?.value : undefined;
}

function isPlainTarget(object: unknown): object is object {
  return typeof object === 'object' && object !== null && !types.isProxy(object);
}
