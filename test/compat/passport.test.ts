// passport and passport-local with `session: true`, as an Express app uses them.
import { type CanActivate, Controller, Get, Post, Req, UnauthorizedException, UseGuards } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { describe, expect, test } from 'vitest';
import { type Notes, NotesController, startApp, testDatabase } from '../support/http.js';

const { db } = testDatabase();

interface User {
  name: string;
}

/** What passport puts on a request. */
interface PassportRequest {
  session: Notes;
  user?: User;
  logIn(user: User, options: object, done: (error?: Error) => void): void;
  logout(options: object, done: (error?: Error) => void): void;
}

const authenticator = new passport.Passport();
authenticator.use(new Strategy((name, password, done) => done(null, password === 'secret' ? { name } : false)));
authenticator.serializeUser((user, done) => done(null, (user as User).name));
authenticator.deserializeUser((name: string, done) => done(null, { name }));

const promised = (action: (done: (error?: Error) => void) => void) =>
  new Promise<void>((resolve, reject) => action((error) => (error ? reject(error) : resolve())));

/** What `AuthGuard('local')` of @nestjs/passport does, and its `logIn()`. */
class LoginGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<PassportRequest>();
    const user = await new Promise<User>((resolve, reject) => {
      const authenticate = authenticator.authenticate('local', (error: Error | null, found: User | false) => {
        if (error) reject(error);
        else if (found) resolve(found);
        else reject(new UnauthorizedException());
      }) as (...args: unknown[]) => void;
      authenticate(request, http.getResponse(), reject);
    });
    await promised((done) => request.logIn(user, { keepSessionInfo: true }, done));
    return true;
  }
}

@Controller()
class AccountController {
  @Post('login')
  @UseGuards(LoginGuard)
  login(@Req() request: PassportRequest) {
    return request.user;
  }

  /** Without a face, what a login has to keep is copied by hand: `keepSessionInfo` merges the session with itself, which is empty by then. */
  @Post('login-with-cart') async loginWithCart(@Req() request: PassportRequest) {
    const { cart } = request.session;
    await promised((done) => request.logIn({ name: 'ann' }, {}, done));
    request.session['cart'] = cart;
  }

  @Post('logout') logout(@Req() request: PassportRequest) {
    return promised((done) => request.logout({}, done));
  }

  @Get('me') me(@Req() request: PassportRequest) {
    return { name: request.user?.name ?? null };
  }
}

describe.each([
  ['B2: passport on express', 'plain'],
  ['with a face: passport on express', 'express-session'],
] as const)('%s', (_, requestSession) => {
  const start = async () => {
    const app = await startApp({
      platform: 'express',
      sessions: { collection: 'sessions', db, requestSession },
      controllers: [AccountController, NotesController],
      configure(nest) {
        nest.use(authenticator.initialize());
        nest.use(authenticator.session());
      },
    });
    return app.client();
  };
  const ann = { username: 'ann', password: 'secret' };
  const nobody = '{"name":null}';

  test('logs in, and stays logged in', async () => {
    const browser = await start();
    expect((await browser.get('/me')).body).toBe(nobody);

    const { status, body, cookies } = await browser.post('/login', ann);

    expect([status, body, cookies.length]).toEqual([201, '{"name":"ann"}', 1]);
    expect((await browser.get('/me')).body).toBe('{"name":"ann"}');
    expect((await browser.get('/read')).body).toBe('{"passport":{"user":"ann"}}');
  });

  test('gives a session from before the login a new token, and kills the old one', async () => {
    const browser = await start();
    await browser.get('/write?key=cart&value=apples');
    const before = browser.clone();
    await browser.post('/login', ann);
    expect(browser.jar.get('id')).not.toBe(before.jar.get('id'));
    expect((await before.get('/me')).body).toBe(nobody);
    expect((await before.get('/read')).body).toBe('{}');
    expect((await browser.get('/me')).body).toBe('{"name":"ann"}');
  });

  test('changes nothing at a wrong password', async () => {
    const browser = await start();
    await browser.get('/write?key=cart&value=apples');
    const { status, cookies } = await browser.post('/login', { ...ann, password: 'guess' });
    expect([status, cookies]).toEqual([401, []]);
    expect((await browser.get('/me')).body).toBe(nobody);
    expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
  });

  test('begins no session at a wrong password without one', async () => {
    const browser = await start();
    expect((await browser.post('/login', { ...ann, password: 'guess' })).cookies).toEqual([]);
  });

  test('keeps over the login what is copied by hand', async () => {
    const browser = await start();
    await browser.get('/write?key=cart&value=apples');
    await browser.post('/login-with-cart', {});
    expect(JSON.parse((await browser.get('/read')).body)).toEqual({ cart: 'apples', passport: { user: 'ann' } });
  });

  test('logs out, for every copy of the token', async () => {
    const browser = await start();
    await browser.post('/login', ann);
    const before = browser.clone();
    expect((await browser.post('/logout', {})).status).toBe(201);
    expect((await browser.get('/me')).body).toBe(nobody);
    expect((await before.get('/me')).body).toBe(nobody);
    expect((await browser.get('/read')).body).toBe('{}');
  });

  test('two logins in a row are two tokens, and the last one counts', async () => {
    const browser = await start();
    await browser.post('/login', ann);
    const before = browser.clone();
    await browser.post('/login', { ...ann, username: 'bob' });
    expect((await browser.get('/me')).body).toBe('{"name":"bob"}');
    expect((await before.get('/me')).body).toBe(nobody);
  });
});
