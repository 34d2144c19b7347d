import { Body, Controller, HttpCode, Post, UnauthorizedException, UseGuards } from '@nestjs/common';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';
import { SameOriginGuard } from './same-origin.guard.js';
import { verifyPassword } from './users.js';

/** Login and logout are requests: only a response can give the browser a cookie, or take it away. */
@Controller()
@UseGuards(SameOriginGuard)
export class AccountController {
  /** The sockets that this browser has open come back with the new session. */
  @Post('login')
  @HttpCode(204)
  async login(
    @Session() session: SessionObject,
    @Body('username') username: unknown,
    @Body('password') password: unknown,
  ): Promise<void> {
    const user = await verifyPassword(username, password);
    if (!user) throw new UnauthorizedException();
    await session.login(user.login);
  }

  /** Closes every socket of the session, in all tabs. */
  @Post('logout')
  @HttpCode(204)
  async logout(@Session() session: SessionObject): Promise<void> {
    await session.logout();
  }
}
