import { Controller, Get, Post, Redirect, Req, UseFilters, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { FreshSession, Session, type SessionObject } from 'nestjs-mongo-sessions';
import { CurrentUser } from './current-user.decorator.js';
import { LoggedInGuard } from './logged-in.guard.js';
import { LoginFormFilter } from './login-form.filter.js';
import type { User } from './users.service.js';

@Controller()
@UseFilters(LoginFormFilter)
export class AccountController {
  /** passport has verified the password; `login()` gives the session a new token and this user. */
  @Post('login')
  @UseGuards(AuthGuard('local'))
  @Redirect('/', 303)
  async login(@Req() request: { user: User }, @Session() session: SessionObject): Promise<void> {
    await session.login(request.user.id, { amr: ['pwd'] });
  }

  /** For programs: 401 unless somebody is logged in. */
  @Get('profile')
  @UseGuards(LoggedInGuard)
  profile(@CurrentUser() user: User): User {
    return { id: user.id, name: user.name };
  }

  @Post('delete')
  @FreshSession('10m')
  @UseGuards(LoggedInGuard)
  @Redirect('/?notice=asked', 303)
  askForDeletion(): void {}

  @Post('logout')
  @Redirect('/', 303)
  async logout(@Session() session: SessionObject): Promise<void> {
    await session.logout();
  }
}
