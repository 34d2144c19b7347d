import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import type { Duration } from '../../core/duration.js';
import { SessionError } from '../../core/errors.js';
import { booleanAt, refuseUnknownOf } from '../../core/option-checks.js';
import { BaseSession } from '../../core/session/session.js';
import { findInContext, openSession } from '../contexts/find-session.js';
import { SessionException } from '../session-exception.js';
import { loginCheckOf, refuseOtherLogins } from './login-checks.js';

/** What `@RequireSession` asks of a session, besides that there is one. */
export interface RequireSessionOptions {
  /** Whether somebody must be logged in. @default false */
  user?: boolean;
  /** How long ago the login may be: milliseconds, or a number with a unit. @default any time */
  fresh?: Duration;
  /** How the user must have logged in: by one of these names of RFC 8176. @default in any way */
  amr?: readonly string[];
  /** Name of the registration, where there are several. @default 'default' */
  name?: string;
}

/**
 * Lets a request, an operation or a message through only if the client has a stored session.
 * Otherwise it is refused with 401: `{ statusCode: 401, message: 'Unauthorized', code:
 * 'SESSION_REQUIRED', reason: 'none' | 'anonymous' }`. What `fresh` and `amr` refuse has the code
 * `SESSION_NOT_FRESH`.
 *
 * ```ts
 * @RequireSession({ user: true })
 * @Get('orders')
 * orders(@SessionUser() user: User) {}
 * ```
 *
 * @throws `SESSION_OPTION_INVALID`, when the class is declared
 */
export function RequireSession(options: RequireSessionOptions = {}): ClassDecorator & MethodDecorator {
  refuseUnknownOf('@RequireSession', options, ['user', 'fresh', 'amr', 'name']);
  const { fresh, amr, name } = options;
  const needsUser = booleanAt('@RequireSession user', options.user ?? false);
  const check = loginCheckOf('@RequireSession fresh', fresh, amr);
  const guard: CanActivate = {
    async canActivate(context: ExecutionContext): Promise<true> {
      const access = findInContext(context, name);
      const session = await openSession(access);
      if (BaseSession.stateOf(session)?.status !== 'stored') throw access.toFrameworkError(sessionRequired('none'));
      if (needsUser && session.userId === undefined) throw access.toFrameworkError(sessionRequired('anonymous'));
      if (fresh !== undefined || amr) refuseOtherLogins(check, session, access);
      return true;
    },
  };
  return UseGuards(guard);
}

/** Nobody is logged in, or there is no session at all. */
export function sessionRequired(reason: 'none' | 'anonymous'): SessionException {
  const what = reason === 'none' ? 'This needs a session, and the client has none.' : 'Nobody is logged in.';
  const fix = 'Let the user log in: `await session.login(userId)`.';
  return new SessionException(new SessionError('SESSION_REQUIRED', `${what} ${fix}`), reason);
}
