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

function nameOf({ registration }: RequestSession): string {
  return registration.options.name;
}

/** Defines `request.session`. False: another library has it. */
export function claimSession(request: IncomingMessage): boolean {
  if ('session' in request) return Object.getOwnPropertyDescriptor(request, 'session')?.set === refuseSession;
  Object.defineProperty(request, 'session', sessionProperty);
  return true;
}

/**
 * `request.session` of a raw request or of Fastify's: the default or only session. Undefined before
 * the module has seen the request, and if there are several sessions and none is the default.
 */
export function requestSession(request: object): SessionObject<object> | undefined {
  return primaryOf(getRequestSessions(request))?.sessionIfAny;
}

/** Setter of `request.session`, which can't be replaced. */
export function refuseSession(): never {
  throw new SessionError(
    'SESSION_VALUE_REFUSED',
    'request.session can not be replaced. Change its keys, or end it with `await request.session.destroy()`; ' +
      'if another session library sets it, remove that, or give this registration a `name`.',
  );
}

/**
 * Shared by all requests. With functions of its own, V8 would see each request as a kind of object
 * by itself, 30 times as slow.
 */
const sessionProperty = {
  get(this: object) {
    return requestSession(this);
  },
  set: refuseSession,
  configurable: true,
};

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

export function takenError(): SessionError {
  return new SessionError(
    'SESSION_OPTION_INVALID',
    'request.session is taken by another session library, or by another copy of this one (`npm ls nestjs-mongo-sessions`). Remove that, or give this registration a `name` and ask for it by that.',
  );
}
