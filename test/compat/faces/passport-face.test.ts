// passport with sessions as an app of express-session uses it: what it keeps over a login, and where it leads to.
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Module,
  Post,
  Query,
  Req,
  UseGuards,
} from '@nestjs/common';
import { AuthGuard, PassportModule, PassportSerializer, PassportStrategy } from '@nestjs/passport';
import type { Application, Request, RequestHandler } from 'express';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { describe, expect, test } from 'vitest';
import { type Notes, NotesController, startApp, testDatabase } from '../../support/http.js';

const { db } = testDatabase();

interface User {
  name: string;
}

const ann = { username: 'ann', password: 'secret' };
const verify = (name: string, password: string): User | false => (password === 'secret' ? { name } : false);

describe('passport 0.7 with the face of express-session', () => {
  const authenticator = new passport.Passport();
  authenticator.use(new Strategy((name, password, done) => done(null, verify(name, password))));
  authenticator.serializeUser((user, done) => done(null, (user as User).name));
  authenticator.deserializeUser((name: string, done) => done(null, { name }));

  @Controller()
  class AccountController {
    @Get('me') me(@Req() request: { user?: User; session: { id: string; cookie: { originalMaxAge: unknown } } }) {
      return { name: request.user?.name ?? null, maxAge: request.session.cookie.originalMaxAge };
    }

    @Get('remember') remember(@Req() { session }: { session: Notes }): void {
      session.cookie.maxAge = 5000;
    }
  }

  /** Routes of Express itself, as an app that is moved here has them. */
  const configure =
    (options: object) =>
    (nest: { getHttpAdapter(): { getInstance(): Application } } & { use(handler: unknown): void }) => {
      nest.use(authenticator.initialize());
      nest.use(authenticator.session());
      const express = nest.getHttpAdapter().getInstance();
      express.use('/login', authenticator.authenticate('local', options) as RequestHandler);
      express.use('/private', (request: Request, response, next) => {
        if (request.isAuthenticated()) return next();
        (request as unknown as { session: Notes }).session['returnTo'] = request.originalUrl;
        return response.redirect('/start');
      });
    };
  const start = async (options: object) => {
    const sessions = { collection: 'passport', db, requestSession: 'express-session' as const };
    const controllers = [AccountController, NotesController];
    const app = await startApp({
      platform: 'express',
      sessions,
      controllers,
      configure: configure(options) as () => void,
    });
    return app.client();
  };
  /** With parsed credentials: Nest's parsers come later than main.ts. */
  const logIn = (browser: Awaited<ReturnType<typeof start>>) => browser.post(`/login?${new URLSearchParams(ann)}`, {});

  test('keepSessionInfo keeps data and the lifetime of the cookie over the login, under a new token', async () => {
    const browser = await start({ keepSessionInfo: true, successRedirect: '/me' });
    await browser.get('/write?key=cart&value=apples');
    await browser.get('/remember');
    const before = browser.clone();
    const { status, headers, cookies } = await logIn(browser);
    expect([status, headers.location]).toEqual([302, '/me']);
    expect(cookies[0]).toMatch(/; Max-Age=5; .*Expires=/);
    expect(JSON.parse((await browser.get('/read')).body)).toEqual({ cart: 'apples', passport: { user: 'ann' } });
    expect(JSON.parse((await browser.get('/me')).body)).toEqual({ name: 'ann', maxAge: 5000 });
    expect(JSON.parse((await before.get('/read')).body)).toEqual({});
  });

  test('without it, nothing of before the login is kept', async () => {
    const browser = await start({ successRedirect: '/me' });
    await browser.get('/write?key=cart&value=apples');
    await logIn(browser);
    expect(JSON.parse((await browser.get('/read')).body)).toEqual({ passport: { user: 'ann' } });
  });

  test('successReturnToOrRedirect leads back to where the login was asked for', async () => {
    const browser = await start({ successReturnToOrRedirect: '/me', keepSessionInfo: true });
    expect((await browser.get('/private/orders?page=2')).headers.location).toBe('/start');
    expect((await logIn(browser)).headers.location).toBe('/private/orders?page=2');
    expect((await logIn(browser)).headers.location).toBe('/me');
  });

  test('two logins at once leave one session each, and neither has what the other kept', async () => {
    const browser = await start({ keepSessionInfo: true, successRedirect: '/me' });
    await browser.get('/write?key=cart&value=apples');
    const [one, other] = [browser.clone(), browser.clone()];
    const statuses = (await Promise.all([logIn(one), logIn(other)])).map(({ status }) => status);
    expect(statuses).toEqual([302, 302]);
    const names = await Promise.all(
      [one, other].map(async (each) => (JSON.parse((await each.get('/me')).body) as User).name),
    );
    expect(names).toEqual(['ann', 'ann']);
    expect(one.jar.get('id')).not.toBe(other.jar.get('id'));
  });
});

describe('@nestjs/passport with session: true', () => {
  class LocalStrategy extends PassportStrategy(Strategy) {
    validate(username: string, password: string) {
      return verify(username, password);
    }
  }

  class NameSerializer extends PassportSerializer {
    serializeUser(user: User, done: (error: unknown, name: string) => void) {
      done(null, user.name);
    }

    deserializeUser(name: string, done: (error: unknown, user: User) => void) {
      done(null, { name });
    }
  }

  class LoginGuard extends AuthGuard('local') {
    override async canActivate(context: ExecutionContext): Promise<boolean> {
      const isVerified = (await super.canActivate(context)) as boolean;
      await this.logIn(context.switchToHttp().getRequest());
      return isVerified;
    }
  }

  class LoggedInGuard implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      return context.switchToHttp().getRequest<Request>().isAuthenticated();
    }
  }

  @Controller()
  class AccountController {
    @UseGuards(LoginGuard)
    @Post('login')
    login(@Req() { user }: { user: User }) {
      return user;
    }

    @UseGuards(LoggedInGuard)
    @Get('private')
    show(@Req() { user }: { user: User }, @Query('greeting') greeting: string) {
      return `${greeting} ${user.name}`;
    }

    @Post('logout') async logout(@Req() request: Request): Promise<void> {
      await new Promise<void>((resolve, reject) =>
        request.logout({}, (error?: Error) => (error ? reject(error) : resolve())),
      );
    }
  }

  @Module({ imports: [PassportModule.register({ session: true })], providers: [LocalStrategy, NameSerializer] })
  class AuthModule {}

  test('logs in by its guard, stays logged in, and logs out', async () => {
    const app = await startApp({
      platform: 'express',
      sessions: { collection: 'nestjs_passport', db, requestSession: 'express-session' },
      imports: [AuthModule],
      controllers: [AccountController, NotesController],
      configure: (nest) => void nest.use(passport.session()),
    });
    const browser = app.client();
    expect((await browser.get('/private')).status).toBe(403);
    expect((await browser.post('/login', { ...ann, password: 'guess' })).status).toBe(401);
    expect((await browser.post('/login', ann)).body).toBe('{"name":"ann"}');
    expect((await browser.get('/private?greeting=hello')).body).toBe('hello ann');
    const copy = browser.clone();
    await browser.post('/logout', {});
    expect((await browser.get('/private')).status).toBe(403);
    expect((await copy.get('/private')).status).toBe(403);
  });
});
