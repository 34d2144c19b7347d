import type { IncomingMessage } from 'node:http';
import { SessionError } from '../core/errors.js';
import type { ResolvedRequestSession } from '../core/options/resolve-request-session.js';
import type { SessionObject } from '../core/session/session.js';
import { FACE_PROPERTIES } from './faces/face-properties.js';
import { getPrimarySession } from './request-sessions.js';
import type { SessionProperties } from './session-properties.interface.js';

/**
 * `request.session` of a raw request or of Fastify's: the default or only session. Undefined before
 * the module has seen the request, and if there are several sessions and none is the default.
 */
function requestSession(request: object): SessionObject<object> | undefined {
  return getPrimarySession(request)?.sessionIfAny;
}

/** Setter of `request.session`, which can't be replaced. */
function refuseSession(): never {
  throw new SessionError(
    'SESSION_VALUE_REFUSED',
    'request.session can not be replaced. Change its keys, or end it with `await request.session.destroy()`; ' +
      'if another session library sets it, remove that, or leave request.session to it with the option `requestSession: false`.',
  );
}

/**
 * Shared by all requests. With functions of its own, V8 would see each request as a kind of object
 * by itself, 30 times as slow.
 */
const PLAIN: SessionProperties = {
  session: {
    get(this: object) {
      return requestSession(this);
    },
    set: refuseSession,
    configurable: true,
  },
};

const OURS: readonly SessionProperties[] = [PLAIN, ...Object.values(FACE_PROPERTIES)];

/** What a request gets for this option; undefined: nothing. */
export function sessionPropertiesFor({ as }: Pick<ResolvedRequestSession, 'as'>): SessionProperties | undefined {
  if (as === false) return undefined;
  return as === 'plain' ? PLAIN : FACE_PROPERTIES[as];
}

/** Defines `request.session` and what belongs to it. False: another library has it. */
export function claimSession(request: IncomingMessage, properties: SessionProperties): boolean {
  if ('session' in request) {
    const present = Object.getOwnPropertyDescriptor(request, 'session');
    const owner = OURS.find(({ session }) => session.set === present?.set);
    if (!owner) return false;
    // A registration without a face may have come first. It is not the one that is shown.
    if (properties === PLAIN || owner.session === properties.session) return true;
  }
  if (properties === PLAIN) Object.defineProperty(request, 'session', properties.session);
  else Object.defineProperties(request, properties);
  return true;
}

export function takenError(): SessionError {
  return new SessionError(
    'SESSION_OPTION_INVALID',
    'request.session is taken by another session library, or by another copy of this one (`npm ls nestjs-mongo-sessions`). ' +
      'Remove that, leave request.session to it with `requestSession: false`, or give this registration a `name` and ask for it by that.',
  );
}
