import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { SessionObject } from 'nestjs-mongo-sessions';
import { type User, UsersService } from './users.service.js';

/** Loads the user of the session, as passport's `deserializeUser` would: a user who is gone is logged in nowhere. */
@Injectable()
export class LoggedInGuard implements CanActivate {
  constructor(private readonly users: UsersService) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ session: SessionObject; user?: User }>();
    const user = this.users.find(request.session.userId);
    if (!user) throw new UnauthorizedException();
    request.user = user;
    return true;
  }
}
