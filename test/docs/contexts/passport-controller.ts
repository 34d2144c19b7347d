// A controller of an app with @nestjs/passport, which this repository does not install.
import { type CanActivate, Controller, Post, Req, type Type, UseGuards } from '@nestjs/common';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';

declare function AuthGuard(strategy: string): Type<CanActivate>;

@Controller()
export class AuthController {
  // <code block>
}
