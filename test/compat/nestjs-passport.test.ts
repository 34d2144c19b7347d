// @nestjs/passport with passport-local: the strategy verifies, `session.login()` carries the user.
import { Controller, Get, Module, Post, Req, UnauthorizedException, UseGuards } from '@nestjs/common';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-local';
import { describe, expect, test } from 'vitest';
import { FreshSession, Session, type SessionObject } from '../../lib/index.js';
import { PLATFORMS, startApp, testDatabase } from '../support/http.js';

const { db } = testDatabase();

type Visitor = SessionObject<{ items?: string[]; secret?: string }>;

class LocalStrategy extends PassportStrategy(Strategy) {
  validate(username: string, password: string) {
    if (password !== 'analytical-engine') throw new UnauthorizedException();
    return { id: username };
  }
}

@Controller()
class AccountController {
  @Post('items') add(@Session() session: Visitor) {
    session.items = ['tea'];
    session.secret = 'of a visitor';
  }

  @UseGuards(AuthGuard('local'))
  @Post('login')
  async login(@Req() request: { user: { id: string } }, @Session() session: Visitor) {
    await session.login(request.user.id, { keep: ['items'] });
  }

  @Get('me') me(@Session() session: Visitor) {
    return { user: session.userId ?? null, data: { ...session } };
  }

  @FreshSession('10m')
  @Post('password')
  change() {}

  @Post('logout') logout(@Session() session: Visitor) {
    return session.logout();
  }
}

@Module({ imports: [PassportModule], providers: [LocalStrategy] })
class AuthModule {}

describe.each(PLATFORMS)('B14: AuthGuard("local") and session.login() on %s', (platform) => {
  const ada = { username: 'ada', password: 'analytical-engine' };
  const start = async () => {
    const sessions = { collection: `sessions_${platform}`, db };
    const app = await startApp({ platform, sessions, imports: [AuthModule], controllers: [AccountController] });
    return app.client();
  };

  test('sets session.userId, which @FreshSession and queries see', async () => {
    const browser = await start();
    expect(JSON.parse((await browser.post('/password', {})).body)).toMatchObject({ reason: 'anonymous' });
    expect((await browser.post('/login', ada)).status).toBe(201);
    expect(JSON.parse((await browser.get('/me')).body)).toEqual({ user: 'ada', data: {} });
    expect((await browser.post('/password', {})).status).toBe(201);
    expect(await db.collection(`sessions_${platform}`).countDocuments({ userId: 'ada' })).toBe(1);
  });

  test('keeps what it is told to, under a new token', async () => {
    const browser = await start();
    await browser.post('/items', {});
    const before = browser.clone();
    await browser.post('/login', ada);
    expect(JSON.parse((await browser.get('/me')).body)).toEqual({ user: 'ada', data: { items: ['tea'] } });
    expect(JSON.parse((await before.get('/me')).body)).toEqual({ user: null, data: {} });
  });

  test('changes nothing at a wrong password, and begins no session', async () => {
    const browser = await start();
    const { status, cookies } = await browser.post('/login', { ...ada, password: 'difference-engine' });
    expect([status, cookies]).toEqual([401, []]);
    expect(JSON.parse((await browser.get('/me')).body)).toEqual({ user: null, data: {} });
  });

  test('logs out, for every copy of the token', async () => {
    const browser = await start();
    await browser.post('/login', ada);
    const copy = browser.clone();
    await browser.post('/logout', {});
    expect(JSON.parse((await copy.get('/me')).body)).toEqual({ user: null, data: {} });
  });
});
