import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionError } from '../core/errors.js';
import type { SessionManager } from '../core/session-manager.js';
import type { SessionObject } from '../core/session/session.js';
import { excludeMatcher } from './exclude-paths.js';
import type { SessionMiddleware } from './http-adapter.interface.js';
import { OpenSession } from './open-session.js';
import { DEFAULT_NAME, type MountedSession, claimSession, mountOn, mountedOn } from './session-of.js';

export type { SessionMiddleware } from './http-adapter.interface.js';

type Next = Parameters<SessionMiddleware>[2];

/** What middleware does, for the platform's own request too, which knows more of the connection than the raw one. */
export type OpenSessions = (request: IncomingMessage, response: ServerResponse, next: Next, platform: object) => void;

/** A registration's sessions as middleware. */
export function createSessionMiddleware(manager: SessionManager): SessionMiddleware {
  const open = sessionOpener(manager, true);
  return (request, response, next) => open(request, response, next, request);
}

/**
 * Reads a registration's session for every request, once, and lets no answer leave before it is saved.
 *
 * @param claims whether `request.session` is to be that session, or may still become another library's
 */
export function sessionOpener(manager: SessionManager, claims: boolean): OpenSessions {
  const excludedBy = excludeMatcher(manager.options.exclude);
  const { name } = manager.options;

  const open = (...[request, response, next, platform]: Parameters<OpenSessions>): Promise<void> | undefined => {
    const mounted = mountedOn(request) ?? mountOn(request);
    if (claims && !claimSession(request, mounted) && name === DEFAULT_NAME) throw takenError();
    if (mounted.get(name)?.manager === manager) return undefined;
    const pattern = excludedBy?.(request);
    if (pattern !== undefined) {
      mounted.add(new ExcludedSession(manager, pattern));
      return undefined;
    }
    const session = new OpenSession(manager, request, response, next, platform);
    mounted.add(session);
    return session.open();
  };

  return (request, response, next, platform) => {
    let opening: Promise<void> | undefined;
    try {
      opening = open(request, response, next, platform);
    } catch (error) {
      next(error);
      return;
    }
    if (opening) void opening.then(() => process.nextTick(next));
    else next();
  };
}

class ExcludedSession implements MountedSession {
  constructor(
    readonly manager: SessionManager,
    private readonly pattern: string,
  ) {}

  get session(): SessionObject<object> {
    throw new SessionError('SESSION_EXCLUDED', this.#message);
  }

  get sessionIfAny(): undefined {
    return this.manager.warnOnce(`request.session is undefined. ${this.#message}`);
  }

  get #message(): string {
    return `The option \`exclude\` has '${this.pattern}', which matches this path, so it has no session. Narrow the pattern, or do without.`;
  }
}

function takenError(): SessionError {
  return new SessionError(
    'SESSION_OPTION_INVALID',
    'request.session is taken by another session library. Remove that, or give this registration a `name` and ask for it by that.',
  );
}
