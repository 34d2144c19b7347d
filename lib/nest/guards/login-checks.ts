import { type Duration } from '../../core/duration.js';
import { SessionError } from '../../core/errors.js';
import { durationAt, optionError } from '../../core/option-checks.js';
import type { SessionAccess } from '../../core/request/session-access.interface.js';
import type { SessionObject } from '../../core/session/session.js';
import { isAmr } from '../../core/session/user-id.js';
import { SessionException } from '../session-exception.js';

/** What a route asks of the session's last login. */
export interface LoginCheck {
  /** In milliseconds. */
  readonly within?: number | undefined;
  readonly amr?: readonly string[] | undefined;
}

/** Checks the arguments of a decorator, when its class is declared. */
export function loginCheckOf(decorator: string, within: Duration | undefined, amr: unknown): LoginCheck {
  return {
    within: within === undefined ? undefined : durationAt(decorator, within),
    amr: amr === undefined ? undefined : methodsAt(decorator, amr),
  };
}

/** Throws `SESSION_NOT_FRESH` if the session's user has not logged in like this. */
export function refuseOtherLogins(
  { within, amr }: LoginCheck,
  session: SessionObject<object>,
  access: SessionAccess,
): void {
  const { registration } = access;
  const authenticatedAt = session.authenticatedAt?.getTime();
  if (authenticatedAt === undefined) throw access.toFrameworkError(refusal('anonymous'));
  if (within !== undefined && registration.context.now() >= authenticatedAt + within)
    throw access.toFrameworkError(refusal('stale'));
  if (amr && !session.amr?.some((method) => amr.includes(method))) throw access.toFrameworkError(refusal('amr', amr));
}

function methodsAt(decorator: string, given: unknown): readonly string[] {
  if (isAmr(given) && given.length > 0) return [...given];
  throw optionError(`${decorator} amr`, given, "Give names of RFC 8176, such as ['otp', 'hwk'].");
}

function refusal(reason: 'anonymous' | 'stale' | 'amr', methods: readonly string[] = []): SessionException {
  const what =
    reason === 'amr'
      ? `The login used none of the methods that this route takes: ${methods.join(', ')}.`
      : 'The login is not fresh enough for this route.';
  const fix = `Log in again: \`await session.login(userId${reason === 'amr' ? ', { amr }' : ''})\`.`;
  return new SessionException(new SessionError('SESSION_NOT_FRESH', `${what} ${fix}`), reason);
}
