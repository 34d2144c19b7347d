import { Body, Controller, Post, Redirect, Req, UseGuards } from '@nestjs/common';
import { Logins } from './logins.js';
import { SameOriginGuard } from './same-origin.guard.js';
import type { ShopRequest } from './shop-request.js';
import { verifyPassword } from './users.js';

@Controller()
@UseGuards(SameOriginGuard)
export class AccountController {
  constructor(private readonly logins: Logins) {}

  @Post('login')
  @Redirect('/', 303)
  async login(
    @Req() request: ShopRequest,
    @Body('username') username: unknown,
    @Body('password') password: unknown,
  ): Promise<{ url: string } | undefined> {
    const user = await verifyPassword(username, password);
    if (!user) return { url: '/?login=failed' };
    await this.logins.logIn(request, user);
    return undefined;
  }

  @Post('logout')
  @Redirect('/', 303)
  async logout(@Req() request: ShopRequest): Promise<void> {
    await this.logins.logOut(request);
  }
}
