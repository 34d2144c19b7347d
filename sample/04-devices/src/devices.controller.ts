import { Body, Controller, Get, Post, Query, Redirect, UseFilters, UseGuards } from '@nestjs/common';
import { FreshSession, MongoSessions, Session, type SessionObject } from 'nestjs-mongo-sessions';
import { confirmOthersPage, devicesPage } from './devices.page.js';
import { noticeOf } from './notices.js';
import { Page } from './page.decorator.js';
import { SignInFilter } from './sign-in.filter.js';
import { SignedInGuard } from './signed-in.guard.js';
import { TaskRunner } from './task-runner.js';
import { findUser } from './users.js';

/** A user's own sessions: shown, named, and signed out. */
@Controller()
@UseGuards(SignedInGuard)
@UseFilters(SignInFilter)
export class DevicesController {
  constructor(
    private readonly sessions: MongoSessions,
    private readonly tasks: TaskRunner,
  ) {}

  @Get()
  @Page()
  async show(@Session() session: SessionObject, @Query('notice') notice: unknown): Promise<string> {
    const user = findUser(session.userId)!;
    const devices = await this.sessions.of(session).list();
    return devicesPage({ session, user, devices, notice: noticeOf(notice) });
  }

  @Post('devices/name')
  @Redirect('/', 303)
  async rename(@Session() session: SessionObject, @Body('handle') handle: string, @Body('name') name: unknown) {
    await this.sessions.of(session).label(handle, typeof name === 'string' && name.trim() ? name : null);
  }

  /** A stranger at an open browser can't sign its owner out elsewhere: the login must be fresh. */
  @Post('devices/sign-out')
  @FreshSession('10m')
  @Redirect('/', 303)
  async signOut(@Session() session: SessionObject, @Body('handle') handle: string): Promise<{ url: string }> {
    return { url: await this.tasks.run(session, { kind: 'sign-out', handle }) };
  }

  @Get('devices/sign-out-others')
  @Page()
  async confirmOthers(@Session() session: SessionObject): Promise<string> {
    const devices = await this.sessions.of(session).list();
    return confirmOthersPage(session, devices.length - 1);
  }

  @Post('devices/sign-out-others')
  @FreshSession('10m')
  @Redirect('/', 303)
  async signOutOthers(@Session() session: SessionObject): Promise<{ url: string }> {
    return { url: await this.tasks.run(session, { kind: 'sign-out-others' }) };
  }
}
