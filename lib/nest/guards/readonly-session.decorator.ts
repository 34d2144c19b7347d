import { type CanActivate, type ExecutionContext, UseGuards, applyDecorators } from '@nestjs/common';
import { refuseUnknownOf } from '../../core/option-checks.js';
import { DEFAULT_NAME } from '../../http/request-sessions.js';
import { findInContext, openSession } from '../contexts/find-session.js';
import { markReadonly } from '../contexts/readonly-routes.js';

/**
 * From this guard on, the route can only read its session, and is no use of it: an open page that
 * polls, or listens to events, does not keep its user logged in. Assigning to the session throws a
 * TypeError, and methods that write throw `SESSION_READ_ONLY`. What was changed before is saved.
 *
 * ```ts
 * @ReadonlySession()
 * @Sse('ticks')
 * ticks() {}
 * ```
 *
 * @param options `name`: the registration, where there are several
 * @throws `SESSION_OPTION_INVALID`, when the class is declared
 */
export function ReadonlySession(options: { name?: string } = {}): ClassDecorator & MethodDecorator {
  refuseUnknownOf('@ReadonlySession', options, ['name']);
  const guard: CanActivate = {
    async canActivate(context: ExecutionContext): Promise<true> {
      const access = findInContext(context, options.name);
      await openSession(access);
      await access.makeReadonly();
      return true;
    },
  };
  return applyDecorators(markReadonly(options.name ?? DEFAULT_NAME), UseGuards(guard));
}
