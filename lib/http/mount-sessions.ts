import { refuseDifferingUsers } from '../core/options/shared-users.js';
import { SessionError } from '../core/errors.js';
import type { RequestSessionFace } from '../core/options/request-session-options.js';
import { isFace } from '../core/options/resolve-request-session.js';
import type { ResolvedOptions } from '../core/options/resolved-options.interface.js';
import type { Registration } from '../core/request/registration.js';
import {
  completeOnExpress,
  enterAgainOnExpress,
  mountFinalErrorHandler,
  mountOnExpress,
} from './express/express.bridge.js';
import {
  completeOnFastify,
  decorateRequest,
  enterAgainOnFastify,
  mountOnFastify,
  refuseDecryptSession,
} from './fastify/fastify.bridge.js';
import { enterRequest } from './ambient.js';
import type { HttpAdapter } from './http-adapter.interface.js';
import type { ErrorConverter } from './node-exchange.js';
import { type LoadSessions, createSessionLoader } from './session-loader.js';
import { readSameCookie } from '../core/options/resolve-moving-in.js';
import { DEFAULT_NAME } from './request-sessions.js';
import type { SessionProperties } from './session-properties.interface.js';
import { sessionPropertiesFor } from './session-property.js';

/** All registrations on one adapter, opened together, in one place. */
interface Mount {
  readonly registrations: Registration[];
  open: LoadSessions;
  /** Whether a registration has the option `ambient`. */
  isAmbient: boolean;
}

const mounts = new WeakMap<HttpAdapter, Mount>();

/**
 * Mounts a registration on the adapter before main.ts and the body parsers do, so middleware,
 * exception filters and routes outside a global prefix have sessions. Further calls do nothing.
 */
export function mountEarly(adapter: HttpAdapter, registration: Registration, convertError: ErrorConverter): void {
  const mount = mounts.get(adapter);
  if (mount?.registrations.includes(registration)) return;
  for (const other of mount?.registrations ?? []) refuseClash(registration, other);
  const isFastify = adapter.getType() === 'fastify';
  if (!isFastify && adapter.getType() !== 'express') {
    throw optionError(`The HTTP adapter '${adapter.getType()}' is not known. Use the one of Express or of Fastify.`);
  }
  const { name, requestSession } = registration.options;
  if (!isFastify) refuseFastifyFace(requestSession.as);
  const properties = sessionPropertiesFor(requestSession);
  // One with a name and a face is the only one, as `refuseHiddenFace` makes sure.
  const isOwner = name === DEFAULT_NAME || isFace(requestSession.as);
  if (isFastify && isOwner && properties) decorateRequest(adapter, properties);
  if (requestSession.as === 'fastify-session') refuseDecryptSession(adapter);
  // On Express, another session library in main.ts can take request.session from a named
  // registration.
  const claims = () => name === DEFAULT_NAME || (isFastify && !hasDefault(mounts.get(adapter)!));
  const open = createSessionLoader(registration, convertError, claims);
  if (mount) {
    mount.open = together(mount.open, open);
    mount.registrations.push(registration);
    mount.isAmbient ||= registration.options.ambient;
    return;
  }
  const created: Mount = { registrations: [registration], open, isAmbient: registration.options.ambient };
  mounts.set(adapter, created);
  const openAll: LoadSessions = (request, response, next, platform) => {
    const goOn = created.isAmbient ? (error?: unknown) => enterRequest(request, response, next, error) : next;
    created.open(request, response, goOn, platform);
  };
  if (isFastify) mountOnFastify(adapter, openAll);
  else mountOnExpress(adapter, openAll);
}

/** Adds what must come after main.ts. Call it after `mountEarly`. */
export function completeMounting(adapter: HttpAdapter, registration: Registration): void {
  const mount = mounts.get(adapter)!;
  const { registrations, isAmbient } = mount;
  if (registrations[0] !== registration) return;
  const isFastify = adapter.getType() === 'fastify';
  if (isAmbient) (isFastify ? enterAgainOnFastify : enterAgainOnExpress)(adapter);
  // The default registration has been there from the start.
  const late = hasDefault(mount) ? undefined : namedProperties(registrations);
  if (isFastify) completeOnFastify(adapter, late);
  else completeOnExpress(adapter, late);
}

function hasDefault({ registrations }: Mount): boolean {
  return registrations.some(({ options }) => options.name === DEFAULT_NAME);
}

/** What requests have of registrations with names: of the only one, whatever it wants. */
function namedProperties(registrations: readonly Registration[]): SessionProperties | undefined {
  const [first, second] = registrations;
  return sessionPropertiesFor(second || !first ? { as: 'plain' } : first.options.requestSession);
}

/** Adds what must come after everything else. */
export function completeRouting(adapter: HttpAdapter, registration: Registration): void {
  const isFirst = mounts.get(adapter)?.registrations[0] === registration;
  if (isFirst && adapter.getType() === 'express') mountFinalErrorHandler(adapter, registration.hooks.log);
}

/** At the same time, so that their deadlines don't add up. */
function together(first: LoadSessions, second: LoadSessions): LoadSessions {
  return (request, response, next, platform) => {
    let pending = 2;
    let failure: unknown;
    const goOn = (error?: unknown) => {
      failure ??= error;
      pending -= 1;
      // Called again with the failure of a response.
      if (pending <= 0) next(pending === 0 ? failure : error);
    };
    first(request, response, goOn, platform);
    second(request, response, goOn, platform);
  };
}

function refuseClash({ options }: Registration, { options: other }: Registration): void {
  refuseDifferingUsers(other, options);
  for (const each of [options, other]) refuseHiddenFace(each);
  if (options.name === other.name) {
    throw optionError(
      `MongoSessionsModule: two registrations in one app have the name '${options.name}'. Give each a \`name\` of its own.`,
    );
  }
  const bothHave = (what: string, fix: string) =>
    optionError(
      `MongoSessionsModule: the registrations '${other.name}' and '${options.name}' both have ${what}. ${fix}`,
    );
  if (options.tokenHeader !== undefined && options.tokenHeader === other.tokenHeader)
    throw bothHave(`the header '${options.tokenHeader}'`, 'Give each a `transport.header` of its own.');
  const source = options.movingIn.find((each) => other.movingIn.some((importer) => readSameCookie(each, importer)));
  if (source) {
    const what = `a source in \`movingIn\` for the cookie '${source.cookies[0]!.name}'`;
    throw bothHave(what, 'An old session moves to one of them: leave it out of the other.');
  }
  const clash = [options.cookie.plainName, options.cookie.secureName].find(
    (cookie) => cookie === other.cookie.plainName || cookie === other.cookie.secureName,
  );
  if (clash !== undefined) throw bothHave(`the cookie '${clash}'`, 'Give each a `cookie.name` of its own.');
}

/** Of several registrations, `request.session` belongs to the one without a name. */
function refuseHiddenFace({ name, requestSession }: ResolvedOptions): void {
  if (name === DEFAULT_NAME || requestSession.as === 'plain') return;
  throw optionError(
    `MongoSessionsModule: option \`requestSession\` of the registration '${name}' has no effect, because of several ` +
      'registrations the one without a `name` owns request.session. Set it there, or leave it out.',
  );
}

function refuseFastifyFace(as: RequestSessionFace): void {
  if (as !== 'fastify-session') return;
  const fix = "Use 'express-session' on Express, which its libraries know.";
  throw optionError(`MongoSessionsModule: option \`requestSession\` is 'fastify-session', which needs Fastify. ${fix}`);
}

function optionError(message: string): SessionError {
  return new SessionError('SESSION_OPTION_INVALID', message);
}
