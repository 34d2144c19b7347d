import { Body, Controller, Post, Redirect } from '@nestjs/common';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';
import { verifyPassword } from './users.js';

@Controller()
export class AccountController {
  @Post('login')
  @Redirect('/', 303)
  async login(
    @Session() session: SessionObject,
    @Body('username') username: unknown,
    @Body('password') password: unknown,
  ): Promise<{ url: string } | undefined> {
    const user = await verifyPassword(username, password);
    if (!user) return { url: '/?login=failed' };
    // A new token whenever rights change: whoever knew the old one stays outside. Only the cart comes along.
    await session.regenerate({ keep: ['cart'] });
    session.user = { ...user, since: new Date() };
    return undefined;
  }

  @Post('logout')
  @Redirect('/', 303)
  async logout(@Session() session: SessionObject): Promise<void> {
    await session.destroy();
  }
}
