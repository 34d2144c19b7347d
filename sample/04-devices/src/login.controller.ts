import { Body, Controller, Get, Post, Query, Redirect, UseFilters, UseGuards } from '@nestjs/common';
import { MongoSessions, Session, SessionError, SessionException, type SessionObject } from 'nestjs-mongo-sessions';
import { chooserPage, confirmPage, loginPage } from './login.page.js';
import { noticeOf } from './notices.js';
import { Page } from './page.decorator.js';
import { SignInFilter } from './sign-in.filter.js';
import { SignedInGuard } from './signed-in.guard.js';
import { TaskRunner } from './task-runner.js';
import { findUser, verifyPassword } from './users.js';

/** How long a checked password counts while its user chooses a device to sign out. */
const CHOICE_MS = 5 * 60_000;

@Controller()
@UseFilters(SignInFilter)
export class LoginController {
  constructor(
    private readonly sessions: MongoSessions,
    private readonly tasks: TaskRunner,
  ) {}

  @Get('login')
  @Page()
  async form(@Session() session: SessionObject, @Query('notice') notice: unknown): Promise<string> {
    // The form's CSRF token is bound to the session, which has to be there when the form comes back.
    await session.save({ evenIfEmpty: true });
    return loginPage(session, noticeOf(notice));
  }

  @Post('login')
  @Redirect('/', 303)
  async login(
    @Session() session: SessionObject,
    @Body('username') username: unknown,
    @Body('password') password: unknown,
  ): Promise<{ url: string }> {
    const user = await verifyPassword(username, password);
    if (!user) return { url: '/login?notice=failed' };
    try {
      await session.login(user.login, { amr: ['pwd'] });
      return { url: '/' };
    } catch (error) {
      if (!isLimitReached(error)) throw error;
      // Nothing was written: this is still the anonymous session of before. A new token, because a copy of the old one,
      // from before the password, would do to log in.
      await session.regenerate();
      session.verified = { login: user.login, at: new Date() };
      return { url: '/choose' };
    }
  }

  @Get('choose')
  @Page()
  async chooser(@Session() session: SessionObject): Promise<string> {
    const user = findUser(verifiedOf(session)?.login);
    if (!user) return loginPage(session, noticeOf('late'));
    return chooserPage(session, await this.sessions.of(user.login).list());
  }

  @Post('choose')
  @Redirect('/', 303)
  async choose(@Session() session: SessionObject, @Body('handle') handle: string): Promise<{ url: string }> {
    const verified = verifiedOf(session);
    if (!verified) return { url: '/login?notice=late' };
    await this.sessions.of(verified.login).revoke(handle, { reason: 'made room for another device' });
    try {
      // The password was checked in an earlier request: a revocation since then counts.
      await session.login(verified.login, { amr: ['pwd'], since: verified.at });
      return { url: '/' };
    } catch (error) {
      if (isLimitReached(error)) return { url: '/choose' };
      throw error;
    }
  }

  @Get('confirm')
  @Page()
  @UseGuards(SignedInGuard)
  confirmForm(@Session() session: SessionObject, @Query('notice') notice: unknown): string {
    return confirmPage(session, noticeOf(notice));
  }

  /** The password once more, and then what was asked for. */
  @Post('confirm')
  @Redirect('/', 303)
  @UseGuards(SignedInGuard)
  async confirm(@Session() session: SessionObject, @Body('password') password: unknown): Promise<{ url: string }> {
    const user = await verifyPassword(session.userId, password);
    if (!user) return { url: '/confirm?notice=failed' };
    const { task } = session;
    await session.login(user.login, { amr: ['pwd'] });
    return { url: task ? await this.tasks.run(session, task) : '/' };
  }

  @Post('logout')
  @Redirect('/login', 303)
  async logout(@Session() session: SessionObject): Promise<void> {
    await session.logout();
  }
}

function verifiedOf({ verified }: SessionObject) {
  return verified && Date.now() - verified.at.getTime() < CHOICE_MS ? verified : undefined;
}

function isLimitReached(error: unknown): boolean {
  const cause = error instanceof SessionException ? error.cause : error;
  return cause instanceof SessionError && cause.code === 'SESSION_LIMIT_REACHED';
}
