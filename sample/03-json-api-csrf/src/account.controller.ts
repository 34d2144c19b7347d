import { Body, Controller, Get, HttpCode, Post, Req, Res, UnauthorizedException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';
import { generateCsrfToken } from './csrf.js';
import { verifyPassword } from './users.js';

@Controller()
export class AccountController {
  /** The page asks for it when it loads, and after each login and logout. A first visitor's session is stored for it. */
  @Get('csrf')
  async csrf(
    @Session() session: SessionObject,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ csrfToken: string; user: unknown }> {
    await session.save({ evenIfEmpty: true });
    return { csrfToken: generateCsrfToken(request, response), user: session.userId ?? null };
  }

  @Post('login')
  @HttpCode(204)
  async login(
    @Session() session: SessionObject,
    @Body('username') username: unknown,
    @Body('password') password: unknown,
  ): Promise<void> {
    const user = await verifyPassword(username, password);
    if (user === undefined) throw new UnauthorizedException();
    await session.login(user, { keep: ['notes'] });
  }

  @Post('logout')
  @HttpCode(204)
  async logout(@Session() session: SessionObject): Promise<void> {
    await session.logout();
  }
}
