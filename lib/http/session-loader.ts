import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionError } from '../core/errors.js';
import type { Registration } from '../core/request/registration.js';
import type { SessionObject } from '../core/session/session.js';
import { excludeMatcher } from './exclude-paths.js';
import type { SessionMiddleware } from './http-adapter.interface.js';
import type { ErrorConverter } from './node-exchange.js';
import { HandshakeSession, isHandshake } from './handshake-session.js';
import { ActiveSession } from './active-session.js';
import { OnDemandSession } from './on-demand-session.js';
import {
  DEFAULT_NAME,
  type RequestSession,
  attachSession,
  claimSession,
  findOf,
  takenError,
} from './request-sessions.js';

export type { SessionMiddleware } from './http-adapter.interface.js';

type Next = (error?: unknown) => void;

/**
 * Like middleware, but also given the platform's own request, which knows more of the connection
 * than the raw one.
 */
export type LoadSessions = (request: IncomingMessage, response: ServerResponse, next: Next, platform: object) => void;

/** Returns a registration's sessions as middleware. */
export function createSessionMiddleware(registration: Registration, convertError: ErrorConverter): SessionMiddleware {
  const load = createSessionLoader(registration, convertError, true, true);
  return (request, response, next) => {
    if (!isHandshake(request, response) || findOf(request, registration)) {
      load(request, response as ServerResponse, next as Next, request);
      return;
    }
    const session = new HandshakeSession(registration, request, convertError);
    claimSession(request);
    attachSession(request, session);
    void session.open().then(() => process.nextTick(next));
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
  claims: boolean,
  asks = false,
): LoadSessions {
  const excludedBy = excludeMatcher(registration.options.exclude);
  const { name } = registration.options;
  const isOnDemand = registration.options.read === 'on-demand';

  function load(
    request: IncomingMessage,
    response: ServerResponse,
    next: Next,
    platform: object,
  ): Promise<void> | undefined {
    if (claims && !claimSession(request) && name === DEFAULT_NAME) throw takenError();
    const present = findOf(request, registration);
    if (present) return asks ? present.load() : undefined;
    const pattern = excludedBy?.(request);
    if (pattern !== undefined) {
      attachSession(request, new ExcludedSession(registration, pattern, convertError));
      return undefined;
    }
    if (isOnDemand) {
      const session = new OnDemandSession(registration, request, response, next, platform, convertError);
      attachSession(request, session);
      return asks ? session.load() : undefined;
    }
    const session = new ActiveSession(registration, request, response, next, platform, convertError);
    attachSession(request, session);
    return session.open();
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

class ExcludedSession implements RequestSession {
  following: RequestSession | undefined = undefined;

  constructor(
    readonly registration: Registration,
    private readonly pattern: string,
    readonly toFrameworkError: ErrorConverter,
  ) {}

  load(): undefined {}

  get session(): SessionObject<object> {
    throw new SessionError('SESSION_EXCLUDED', this.#message);
  }

  async makeReadonly(): Promise<never> {
    throw new SessionError('SESSION_EXCLUDED', this.#message);
  }

  get sessionIfAny(): undefined {
    return this.registration.context.warnOnce(`request.session is undefined. ${this.#message}`);
  }

  get #message(): string {
    return `The option \`exclude\` has '${this.pattern}', which matches this path, so it has no session. Narrow the pattern, or do without.`;
  }
}
