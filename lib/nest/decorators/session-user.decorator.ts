import { type ExecutionContext, type PipeTransform, type Type, createParamDecorator } from '@nestjs/common';
import { SessionError } from '../../core/errors.js';
import { refuseUnknownOf } from '../../core/option-checks.js';
import type { SessionAccess } from '../../core/request/session-access.interface.js';
import { isSameUser } from '../../core/session/login.js';
import type { SessionUserId } from '../../core/session/user-id.js';
import '../contexts/user-context.js';
import { findInContext, openSession } from '../contexts/find-session.js';
import { sessionRequired } from '../guards/require-session.decorator.js';

/** See `SessionUser`. */
export interface SessionUserOptions {
  /** Whether to refuse with 401 (`SESSION_REQUIRED`) if there is no user. @default false */
  required?: boolean;
  /** Name of the registration, where there are several. @default 'default' */
  name?: string;
}

const decorate = createParamDecorator(
  async ({ required = false, name }: SessionUserOptions, context: ExecutionContext): Promise<unknown> => {
    const access = findInContext(context, name);
    const { userId } = await openSession(access);
    const user = userId === undefined ? undefined : ((await loadOnce(access, userId, context)) ?? undefined);
    if (user === undefined && required) throw access.toFrameworkError(sessionRequired('anonymous'));
    return user;
  },
);

/**
 * The user whose session it is: what the option `loadUser` returns, once a request or message.
 * Undefined if nobody is logged in, or `loadUser` finds nobody.
 *
 * ```ts
 * orders(@SessionUser() user: User | undefined) {}
 * ```
 *
 * What `loadUser` throws is the response. Throws `SESSION_OPTION_INVALID` without that option, and
 * for options that there are not.
 */
export function SessionUser(
  options: SessionUserOptions = {},
  ...pipes: (Type<PipeTransform> | PipeTransform)[]
): ParameterDecorator {
  refuseUnknownOf('@SessionUser', options, ['required', 'name']);
  return decorate(options, ...pipes);
}

/** By request or message. A login in the middle of it makes it another user. */
const loaded = new WeakMap<SessionAccess, { readonly userId: SessionUserId; readonly user: Promise<unknown> }>();

function loadOnce(access: SessionAccess, userId: SessionUserId, context: ExecutionContext): Promise<unknown> {
  const known = loaded.get(access);
  if (known && isSameUser(known.userId, userId)) return known.user;
  const { loadUser } = access.registration.options;
  if (!loadUser) throw new SessionError('SESSION_OPTION_INVALID', MISSING);
  const user = (async () => loadUser(userId, context))();
  loaded.set(access, { userId, user });
  return user;
}

const MISSING =
  '@SessionUser() needs the option `loadUser`, and this registration has none. Give MongoSessionsModule `loadUser: (userId) => users.findById(userId)`.';
