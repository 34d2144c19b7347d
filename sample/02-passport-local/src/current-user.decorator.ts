import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { User } from './users.service.js';

/** The user that LoggedInGuard has loaded. */
export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<{ user: User }>().user,
);
