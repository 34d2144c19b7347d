import type { IncomingMessage, ServerResponse } from 'node:http';
import { excludedError } from '../core/request/excluded-error.js';
import type { Registration } from '../core/request/registration.js';
import type { SessionObject } from '../core/session/session.js';
import { excludeMatcher } from './exclude-paths.js';
import type { SessionMiddleware } from './http-adapter.interface.js';
import type { ErrorConverter } from './node-exchange.js';
import { HandshakeSession, isHandshake, isUpgrade } from './handshake-session.js';
import { ActiveSession } from './active-session.js';
import { OnDemandSession } from './on-demand-session.js';
import { DEFAULT_NAME, type RequestSession, attachSession, findOf } from './request-sessions.js';
import { claimSession, sessionPropertiesFor, takenError } from './session-property.js';
import { isFace } from '../core/options/resolve-request-session.js';
import { keepEmpty } from '../core/request/request-intents.js';

export type { SessionMiddleware } from './http-adapter.interface.js';

type Next = (error?: unknown) => void;

/**
 * Like middleware, but also given the platform's own request, which knows more of the connection
 * than the raw one.
 */
export type LoadSessions = (request: IncomingMessage, response: ServerResponse, next: Next, platform: object) => void;

/** Returns a registration's sessions as middleware. */
export function createSessionMiddleware(registration: Registration, convertError: ErrorConverter): SessionMiddleware {
  const load = createSessionLoader(registration, convertError, () => true, true);
  const properties = sessionPropertiesFor(registration.options.requestSession);
  const excludedBy = excludeMatcher(registration.options.exclude);
  return (request, response, next) => {
    if (!isHandshake(request, response) || findOf(request, registration)) {
      load(request, response as ServerResponse, next as Next, request);
      return;
    }
    if (properties) claimSession(request, properties);
    const pattern = excludedBy?.(request);
    if (pattern !== undefined) {
      attachSession(request, new ExcludedSession(registration, pattern, convertError));
      return next();
    }
    const session = new HandshakeSession(registration, request, convertError);
    attachSession(request, session);
    void session.load().then(() => process.nextTick(next));
  };
}

/**
 * Reads a registration's session of every request, once, and lets no response leave before it is
 * saved.
 *
 * @param claims whether to define `request.session`, which another library might have otherwise
 * @param asks whether the session is read now, also with `read: 'on-demand'`
 */
export function createSessionLoader(
  registration: Registration,
  convertError: ErrorConverter,
  claims: () => boolean,
  asks = false,
): LoadSessions {
  const excludedBy = excludeMatcher(registration.options.exclude);
  const { name, requestSession } = registration.options;
  const isOnDemand = registration.options.read === 'on-demand';
  const properties = sessionPropertiesFor(requestSession);
  const storesEmpty = requestSession.storeEmpty === true;

  function load(
    request: IncomingMessage,
    response: ServerResponse,
    next: Next,
    platform: object,
  ): Promise<void> | undefined {
    const isShown = claim(request);
    const present = findOf(request, registration);
    if (present) return asks ? present.load() : undefined;
    const pattern = excludedBy?.(request);
    if (pattern !== undefined) {
      attachSession(request, new ExcludedSession(registration, pattern, convertError));
      return undefined;
    }
    if (isUpgrade(request)) {
      const session = new HandshakeSession(registration, request, convertError);
      attachSession(request, session);
      return isOnDemand && !asks ? undefined : session.load();
    }
    if (isOnDemand) {
      const session = new OnDemandSession(registration, request, response, next, platform, convertError);
      attachSession(request, session);
      return asks ? session.load() : undefined;
    }
    const session = new ActiveSession(registration, request, response, next, platform, convertError);
    attachSession(request, session);
    const loading = session.open();
    return storesEmpty && isShown ? keepEmptyAfter(loading, session) : loading;
  }

  /** False: another library has `request.session`. */
  function claim(request: IncomingMessage): boolean {
    if (!properties || !claims() || claimSession(request, properties)) return true;
    if (name !== DEFAULT_NAME) return false;
    if (!isFace(requestSession.as)) throw takenError();
    registration.context.warnOnce(`${takenError().message} Until then it is not shown.`);
    return false;
  }

  return (request, response, next, platform) => {
    let loading: Promise<void> | undefined;
    try {
      loading = load(request, response, next, platform);
    } catch (error) {
      next(error);
      return;
    }
    if (loading) void loading.then(() => process.nextTick(next));
    else next();
  };
}

/** With `storeEmpty: true`. */
function keepEmptyAfter(loading: Promise<void> | undefined, access: RequestSession): Promise<void> | undefined {
  const keep = () => {
    try {
      keepEmpty(access.session);
    } catch {
      // It could not be read, which fails those who need it.
    }
  };
  if (loading) return loading.then(keep);
  keep();
  return undefined;
}

class ExcludedSession implements RequestSession {
  following: RequestSession | undefined = undefined;

  constructor(
    readonly registration: Registration,
    private readonly pattern: string,
    readonly toFrameworkError: ErrorConverter,
  ) {}

  load(): undefined {}

  get session(): SessionObject<object> {
    throw excludedError(this.pattern);
  }

  async makeReadonly(): Promise<never> {
    throw excludedError(this.pattern);
  }

  get sessionIfAny(): undefined {
    // Plugins of Fastify read it on every path, and find an empty one.
    if (this.registration.options.requestSession.as === 'fastify-session') return undefined;
    const { message } = excludedError(this.pattern);
    return this.registration.context.warnOnce(`request.session is undefined. ${message}`);
  }
}
