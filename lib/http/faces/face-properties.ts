import { SessionError } from '../../core/errors.js';
import { getPrimarySession } from '../request-sessions.js';
import { FACE, setHiddenSlot } from '../symbols.js';
import { ExpressRequestFace } from './express-request-face.js';
import { FastifyRequestFace } from './fastify-request-face.js';
import type { RequestProperty, SessionProperties } from '../session-properties.interface.js';
import type { RequestFace } from './request-face.js';

/** Each face has its class here, and its properties below. */
const FACES = {
  'express-session': ExpressRequestFace,
  'fastify-session': FastifyRequestFace,
} as const;

type FaceName = keyof typeof FACES;

/**
 * Shared by all requests, see `session-property.ts`. A face is made when one of these is first
 * read.
 */
const session: RequestProperty = {
  get(this: object) {
    return faceOf(this)?.shown;
  },
  set(this: object, value: unknown) {
    faceOf(this)?.assign(value);
  },
  configurable: true,
};

const sessionID: RequestProperty = {
  get(this: object) {
    return faceOf(this)?.sessionID;
  },
  set: () => refuseAssignment('sessionID', 'For a new one, call request.session.regenerate().'),
  configurable: true,
};

const sessionStore: RequestProperty = {
  get(this: object) {
    return faceOf(this)?.sessionStore;
  },
  set: () => refuseAssignment('sessionStore', 'Sessions are kept where the module keeps them.'),
  configurable: true,
};

/** What a request has with each face. */
export const FACE_PROPERTIES = {
  'express-session': { session, sessionID, sessionStore },
  'fastify-session': { session, sessionStore },
} as const satisfies Record<FaceName, SessionProperties>;

/**
 * `delete request.session` is noticed by what is left, and does what `request.session = null` does.
 */
export function unsetIfDeleted(request: object): void {
  const present = Object.getOwnPropertyDescriptor(request, 'session');
  // What has been set since is another library's, unless it is nothing.
  if (present?.set === session.set || present?.get || present?.value) return;
  if (Object.getOwnPropertyDescriptor(request, 'sessionID')?.set !== sessionID.set) return;
  Object.defineProperty(request, 'session', session);
  faceOf(request)?.assign(undefined);
}

/** One for each request. */
function faceOf(request: object): RequestFace | undefined {
  const access = getPrimarySession(request);
  if (!access) return undefined;
  let face = (access as { [FACE]?: RequestFace })[FACE];
  if (face) return face;
  face = new FACES[access.registration.options.requestSession.as as FaceName](access);
  setHiddenSlot(access, FACE, face);
  return face;
}

function refuseAssignment(property: string, fix: string): never {
  throw new SessionError('SESSION_VALUE_REFUSED', `request.${property} is read-only. ${fix}`);
}
