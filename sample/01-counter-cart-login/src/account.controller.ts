import { Body, Controller, Post, Redirect, UseFilters } from '@nestjs/common';
import type { Model } from 'mongoose';
import {
  FreshSession,
  InjectSessionModel,
  Session,
  type SessionDocument,
  type SessionObject,
} from 'nestjs-mongo-sessions';
import { LoginAgainFilter } from './login-again.filter.js';
import { changePassword, findUser, verifyPassword } from './users.js';

@Controller()
export class AccountController {
  constructor(@InjectSessionModel() private readonly sessions: Model<SessionDocument>) {}

  @Post('login')
  @Redirect('/', 303)
  async login(
    @Session() session: SessionObject,
    @Body('username') username: unknown,
    @Body('password') password: unknown,
  ): Promise<{ url: string } | undefined> {
    const user = await verifyPassword(username, password);
    if (!user) return { url: '/?login=failed' };
    // A new token, so that whoever knew the old one stays outside. Only the cart comes along.
    await session.login(user.login, { keep: ['cart'], amr: ['pwd'] });
    return undefined;
  }

  /** Who has found an open browser can't change the password: the login must be fresh. */
  @Post('password')
  @FreshSession('10m')
  @UseFilters(LoginAgainFilter)
  @Redirect('/?password=changed', 303)
  async changePassword(
    @Session() session: SessionObject,
    @Body('newPassword') password: unknown,
  ): Promise<{ url: string } | undefined> {
    const user = findUser(session.userId);
    if (!user || !(await changePassword(user, password))) return { url: '/?password=refused' };
    // A new token here, and the end of the user's sessions elsewhere.
    await session.regenerate({ keep: true });
    await this.sessions.deleteMany({ userId: user.login, _id: { $ne: session.handle } });
    return undefined;
  }

  @Post('logout')
  @Redirect('/', 303)
  async logout(@Session() session: SessionObject): Promise<void> {
    await session.logout();
  }
}
