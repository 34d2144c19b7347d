import type { IncomingMessage } from 'node:http';
import { SessionError } from '../core/errors.js';
import type { SessionManager } from '../core/session-manager.js';
import type { SessionObject } from '../core/session/session.js';
import { makeRoom } from './room.js';

/** One registration's session on one request. */
export interface MountedSession {
  readonly manager: SessionManager;
  /** Throws where there is no session to be had. */
  readonly session: SessionObject<object>;
  /**
   * The same for `request.session`, which anyone may look at, access logs too: undefined on an excluded
   * path, and where reading it fails but there is no response left that could fail.
   */
  readonly sessionIfAny: SessionObject<object> | undefined;
}

/** All of one request. Whoever prints the request does not print sessions with it: what is private is not shown. */
class MountedSessions {
  readonly #all: MountedSession[] = [];
  /** Whether `request.session` is one of them, and can't become another library's any more. */
  isClaimed = false;

  add(session: MountedSession): void {
    this.#all.push(session);
  }

  get(name: string): MountedSession | undefined {
    return this.#all.find((session) => nameOf(session) === name);
  }

  /** The default one, or the only one. */
  get primary(): MountedSession | undefined {
    return this.#all.length === 1 ? this.#all[0] : this.get(DEFAULT_NAME);
  }

  get names(): string[] {
    return this.#all.map(nameOf);
  }
}

function nameOf({ manager }: MountedSession): string {
  return manager.options.name;
}

const MOUNTED = Symbol('nestjs-mongo-sessions');
export const DEFAULT_NAME = 'default';

/** The session of an Express, Fastify or raw request: that of the named registration, or else the default or only one. */
export function sessionOf(request: unknown, name?: string): SessionObject<object> {
  return mountedSessionOf(request, name).session;
}

/** The same before anyone has asked for the session itself. */
export function mountedSessionOf(request: unknown, name: string = DEFAULT_NAME): MountedSession {
  const mounted = mountedOn(request);
  if (!mounted)
    throw isOfOtherCopy(request) ? twoCopiesError() : notMounted('This request has no session.', IMPORT_FIX);
  const found = name === DEFAULT_NAME ? mounted.primary : mounted.get(name);
  if (found) return found;
  const names = mounted.names.map((known) => `'${known}'`).join(', ');
  throw notMounted(
    `This request has no session of the name '${name}'.`,
    `It has ${names}: ask for one of these by its name.`,
  );
}

/** Undefined before the module's middleware has run. */
export function mountedOn(request: unknown): MountedSessions | undefined {
  const candidate = request as
    { [MOUNTED]?: MountedSessions; raw?: { [MOUNTED]?: MountedSessions } } | null | undefined;
  return candidate?.[MOUNTED] ?? candidate?.raw?.[MOUNTED];
}

/** Makes room for sessions, and for the property `session`, before there are any. */
export function declareSessions(request: IncomingMessage): void {
  makeRoom(request, MOUNTED);
  Object.defineProperty(request, 'session', sessionProperty);
}

/** Gives a raw request that has none yet its sessions. */
export function mountOn(request: IncomingMessage): MountedSessions {
  return ((request as { [MOUNTED]?: MountedSessions })[MOUNTED] = new MountedSessions());
}

/** Makes `request.session` one of these sessions. False: another library has it. */
export function claimSession(request: IncomingMessage, mounted = mountedOn(request)): boolean {
  if (!mounted || mounted.isClaimed) return true;
  if (!('session' in request)) Object.defineProperty(request, 'session', sessionProperty);
  else if (Object.getOwnPropertyDescriptor(request, 'session')?.set !== sessionProperty.set) return false;
  return (mounted.isClaimed = true);
}

/** The same functions for every request: with functions of its own, each would be a kind of object by itself, 30 times as slow. */
const sessionProperty = {
  get(this: object) {
    return mountedOn(this)?.isClaimed ? requestSession(this) : undefined;
  },
  /** Before the property is claimed, another session library may take it. */
  set(this: object, value: unknown) {
    if (mountedOn(this)?.isClaimed) refuseSession();
    Object.defineProperty(this, 'session', { value, writable: true, enumerable: true, configurable: true });
  },
  configurable: true,
};

/**
 * `request.session` of a raw request or of Fastify's: the default session or the only one. Undefined before the module's
 * middleware has run, and where there are several sessions and none is the default.
 */
export function requestSession(request: object): SessionObject<object> | undefined {
  return mountedOn(request)?.primary?.sessionIfAny;
}

/** `request.session = ...`: the session is the one that the cookie names, and no other. */
export function refuseSession(): never {
  throw new SessionError(
    'SESSION_VALUE_REFUSED',
    'request.session can not be replaced. Change its keys, or end it with `await request.session.destroy()`; ' +
      'if another session library sets it, remove that, or give this registration a `name`.',
  );
}

/** Found by its description, which is all that the symbols of two copies have in common. */
function isOfOtherCopy(request: unknown): boolean {
  const raw = (request as { raw?: object } | null | undefined)?.raw ?? request ?? {};
  return Object.getOwnPropertySymbols(raw).some(({ description }) => description === MOUNTED.description);
}

const IMPORT_FIX = 'Import MongoSessionsModule in the root module, and not by LazyModuleLoader.';

/** Each copy has its own symbols and classes, so that what one has mounted is nothing to the other. */
export function twoCopiesError(): SessionError {
  return notMounted(
    'Two copies of nestjs-mongo-sessions are installed, and one does not know the sessions of the other.',
    'Find them with `npm ls nestjs-mongo-sessions`, and leave one.',
  );
}

function notMounted(what: string, fix: string): SessionError {
  return new SessionError('SESSION_NOT_MOUNTED', `${what} ${fix}`);
}
