import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import type { Duration } from '../../core/duration.js';
import { durationAt, refuseUnknownOf } from '../../core/option-checks.js';
import { findInContext, openSession } from '../contexts/find-session.js';
import { loginCheckOf, refuseOtherLogins } from './login-checks.js';

/** What `@FreshSession` asks of a session, besides a recent login. */
export interface FreshSessionOptions {
  /** Name of the registration, where there are several. @default 'default' */
  name?: string;
  /**
   * How the user must have been authenticated: by one of these, as `login()` was told. Names of RFC
   * 8176, such as `otp` and `hwk`.
   * @default in any way
   */
  amr?: readonly string[];
}

/**
 * Lets a request through only if the session's user has logged in within this time. Otherwise it
 * responds with 401: `{ statusCode: 401, message: 'Unauthorized', code: 'SESSION_NOT_FRESH',
 * reason: 'anonymous' | 'stale' | 'amr' }`. For what a stolen session must not do, such as changing
 * the password (OWASP ASVS 5.0, 7.5.3).
 *
 * ```ts
 * @FreshSession('10m', { amr: ['otp', 'hwk'] })
 * @Post('password')
 * change() {}
 * ```
 *
 * @param within how long ago the login may be: milliseconds, or a number with a unit
 * @throws `SESSION_OPTION_INVALID`, when the class is declared
 */
export function FreshSession(within: Duration, options: FreshSessionOptions = {}): ClassDecorator & MethodDecorator {
  refuseUnknownOf('@FreshSession', options, ['name', 'amr']);
  const check = loginCheckOf('@FreshSession', durationAt('@FreshSession', within), options.amr);
  const guard: CanActivate = {
    async canActivate(context: ExecutionContext): Promise<true> {
      const access = findInContext(context, options.name);
      refuseOtherLogins(check, await openSession(access), access);
      return true;
    },
  };
  return UseGuards(guard);
}
