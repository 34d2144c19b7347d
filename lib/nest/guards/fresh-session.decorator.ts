import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import { SessionError } from '../../core/errors.js';
import type { Duration } from '../../core/duration.js';
import { durationAt, optionError } from '../../core/option-checks.js';
import { isAmr } from '../../core/session/user-id.js';
import { SessionException } from '../session-exception.js';
import { findInContext, openSession } from '../contexts/find-session.js';

/** What `@FreshSession` asks of a session, besides a recent login. */
export interface FreshSessionOptions {
  /** Name of the registration, where there are several. @default 'default' */
  name?: string;
  /**
   * How the user must have been authenticated: by one of these, as `login()` was told. Names of RFC 8176, such as `otp` and `hwk`.
   * @default in any way
   */
  amr?: readonly string[];
}

/**
 * Lets a request through only if the session's user has logged in within this time. Otherwise it
 * responds with 401: `{ statusCode: 401, message: 'Unauthorized', code: 'SESSION_NOT_FRESH',
 * reason: 'anonymous' | 'stale' | 'amr' }`. For what a stolen session must not do, such as changing the
 * password (OWASP ASVS 5.0, 7.5.3).
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
  const limit = durationAt('@FreshSession', within);
  const accepted = options.amr === undefined ? undefined : methodsAt(options.amr);
  const guard: CanActivate = {
    async canActivate(context: ExecutionContext): Promise<true> {
      const access = findInContext(context, options.name);
      const { registration } = access;
      const session = await openSession(access);
      const authenticatedAt = session.authenticatedAt?.getTime();
      if (authenticatedAt === undefined) throw refusal('anonymous');
      if (registration.context.now() >= authenticatedAt + limit) throw refusal('stale');
      if (accepted && !session.amr?.some((method) => accepted.includes(method))) throw refusal('amr', accepted);
      return true;
    },
  };
  return UseGuards(guard);
}

function methodsAt(given: unknown): readonly string[] {
  if (isAmr(given) && given.length > 0) return [...given];
  throw optionError('@FreshSession amr', given, "Give names of RFC 8176, such as ['otp', 'hwk'].");
}

function refusal(reason: 'anonymous' | 'stale' | 'amr', methods: readonly string[] = []): SessionException {
  const what =
    reason === 'amr'
      ? `The login used none of the methods that this route takes: ${methods.join(', ')}.`
      : 'The login is not fresh enough for this route.';
  const fix = `Log in again: \`await session.login(userId${reason === 'amr' ? ', { amr }' : ''})\`.`;
  return new SessionException(new SessionError('SESSION_NOT_FRESH', `${what} ${fix}`), reason);
}
