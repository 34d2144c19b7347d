import type { IncomingMessage } from 'node:http';
import { SessionError } from '../core/errors.js';
import type { Registration } from '../core/request/registration.js';
import type { SessionObject } from '../core/session/session.js';
import { REQUEST_SESSIONS, setHiddenSlot } from './symbols.js';

/** One registration's session on one request. */
export interface RequestSession {
  readonly registration: Registration;
  /** Throws where there is no session to be had. */
  readonly session: SessionObject<object>;
  /**
   * The same for `request.session`, which anyone may look at, access logs too: undefined on an excluded
   * path, and where reading it fails but there is no response left that could fail.
   */
  readonly sessionIfAny: SessionObject<object> | undefined;
  /** That of the next registration. A list, because most apps have one registration. */
  following: RequestSession | undefined;
}

/** Name of a registration that was given none. */
export const DEFAULT_NAME = 'default';

/** The session of an Express, Fastify or raw request: that of the named registration, or else the default or only one. */
export function sessionOf(request: unknown, name?: string): SessionObject<object> {
  return getRequestSession(request, name).session;
}

/** The same before anyone has asked for the session itself. */
export function getRequestSession(request: unknown, name: string = DEFAULT_NAME): RequestSession {
  const first = getRequestSessions(request);
  if (!first) throw notMountedError(request, 'Import MongoSessionsModule in the root module, not by LazyModuleLoader.');
  const found = findByName(first, name) ?? (name === DEFAULT_NAME ? primaryOf(first) : undefined);
  if (found) return found;
  const names: string[] = [];
  for (let each: RequestSession | undefined = first; each; each = each.following) names.push(`'${nameOf(each)}'`);
  const fix = `It has ${names.join(', ')}: ask for one of these by its name.`;
  throw new SessionError('SESSION_NOT_MOUNTED', `This request has no session of the name '${name}'. ${fix}`);
}

/** The first of a request's sessions. Undefined before the module has seen it. */
export function getRequestSessions(request: unknown): RequestSession | undefined {
  const candidate = request as (Holder & { raw?: Holder }) | null | undefined;
  return candidate?.[REQUEST_SESSIONS] ?? candidate?.raw?.[REQUEST_SESSIONS];
}

interface Holder {
  [REQUEST_SESSIONS]?: RequestSession;
}

/** Puts a session behind those that a raw request has already. */
export function attachSession(request: IncomingMessage, session: RequestSession): void {
  let last = (request as Holder)[REQUEST_SESSIONS];
  if (!last) return setHiddenSlot(request, REQUEST_SESSIONS, session);
  while (last.following) last = last.following;
  last.following = session;
}

export function findByName(first: RequestSession | undefined, name: string): RequestSession | undefined {
  let each = first;
  while (each && nameOf(each) !== name) each = each.following;
  return each;
}

/** The default one, or the only one. */
function primaryOf(first: RequestSession | undefined): RequestSession | undefined {
  return first?.following ? findByName(first, DEFAULT_NAME) : first;
}

function nameOf({ registration }: RequestSession): string {
  return registration.options.name;
}

/** Makes `request.session` one of the request's sessions. False: another library has it. */
export function claimSession(request: IncomingMessage): boolean {
  if ('session' in request) return Object.getOwnPropertyDescriptor(request, 'session')?.set === refuseSession;
  Object.defineProperty(request, 'session', sessionProperty);
  return true;
}

/**
 * `request.session` of a raw request or of Fastify's: the default session or the only one. Undefined before the module has
 * seen the request, and where there are several sessions and none is the default.
 */
export function requestSession(request: object): SessionObject<object> | undefined {
  return primaryOf(getRequestSessions(request))?.sessionIfAny;
}

/** `request.session = ...`: the session is the one that the cookie names, and no other. */
export function refuseSession(): never {
  throw new SessionError(
    'SESSION_VALUE_REFUSED',
    'request.session can not be replaced. Change its keys, or end it with `await request.session.destroy()`; ' +
      'if another session library sets it, remove that, or give this registration a `name`.',
  );
}

/** The same functions for every request: with functions of its own, each would be a kind of object by itself, 30 times as slow. */
const sessionProperty = {
  get(this: object) {
    return requestSession(this);
  },
  set: refuseSession,
  configurable: true,
};

/** What one copy of this package has mounted is nothing to another: all that their symbols have in common is the description. */
export function notMountedError(request: unknown, fix: string): SessionError {
  const raw = (request as { raw?: object } | null | undefined)?.raw ?? request ?? {};
  const { description } = REQUEST_SESSIONS;
  const isOfOtherCopy = Object.getOwnPropertySymbols(raw).some((symbol) => symbol.description === description);
  const cause = isOfOtherCopy
    ? 'Two copies of nestjs-mongo-sessions are installed, and the request has the session of the other one. Find them with `npm ls nestjs-mongo-sessions`, and leave one.'
    : `This request has no session. ${fix}`;
  return new SessionError('SESSION_NOT_MOUNTED', cause);
}

export function takenError(): SessionError {
  return new SessionError(
    'SESSION_OPTION_INVALID',
    'request.session is taken by another session library, or by another copy of this one (`npm ls nestjs-mongo-sessions`). Remove that, or give this registration a `name` and ask for it by that.',
  );
}
