// A controller of an app with @nestjs/passport.
import { Controller, Post, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';

@Controller()
export class AuthController {
  // <code block>
}
