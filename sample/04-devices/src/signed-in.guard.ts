import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { SessionObject } from 'nestjs-mongo-sessions';

/** Lets only users in; `SignInFilter` shows everyone else the way. */
@Injectable()
export class SignedInGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const { session } = context.switchToHttp().getRequest<{ session: SessionObject }>();
    if (session.userId === undefined) throw new UnauthorizedException();
    return true;
  }
}
