import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import { SessionError } from '../../core/errors.js';
import type { Duration } from '../../core/duration.js';
import { durationAt } from '../../core/option-checks.js';
import { SessionException } from '../session-exception.js';
import { getRequestSession } from '../../http/request-sessions.js';
import { requestOf } from '../decorators/request-of.js';

/**
 * Lets a request through only if the session's user has logged in within this time. Otherwise it
 * responds with 401: `{ statusCode: 401, message: 'Unauthorized', code: 'SESSION_NOT_FRESH',
 * reason: 'anonymous' | 'stale' }`. For what a stolen session must not do, such as changing the
 * password (OWASP ASVS 5.0, 7.5.3).
 *
 * ```ts
 * @FreshSession('10m')
 * @Post('password')
 * change() {}
 * ```
 *
 * @param within how long ago the login may be: milliseconds, or a number with a unit
 * @param options `name`: the registration, if there are several
 */
export function FreshSession(within: Duration, options: { name?: string } = {}): ClassDecorator & MethodDecorator {
  const limit = durationAt('@FreshSession', within);
  const guard: CanActivate = {
    canActivate(context: ExecutionContext): true {
      const { session, registration } = getRequestSession(requestOf(context), options.name);
      const authenticatedAt = session.authenticatedAt?.getTime();
      if (authenticatedAt !== undefined && registration.context.now() < authenticatedAt + limit) return true;
      const message = 'The login is not fresh enough for this route. Log in again: `await session.login(userId)`.';
      const reason = authenticatedAt === undefined ? 'anonymous' : 'stale';
      throw new SessionException(new SessionError('SESSION_NOT_FRESH', message), reason);
    },
  };
  return UseGuards(guard);
}
