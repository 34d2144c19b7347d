// passport itself as middleware on Fastify: it finds the face on the raw request.
import type { IncomingMessage } from 'node:http';
import { Controller, Get, Post, Req } from '@nestjs/common';
import passport from 'passport';
import { describe, expect, test } from 'vitest';
import { NotesController, startApp, testDatabase } from '../support/http.js';

const { db } = testDatabase();

interface User {
  name: string;
}

/** What passport puts on a request. */
type PassportRequest = IncomingMessage & {
  user?: User;
  logIn(user: User, options: object, done: (error?: Error) => void): void;
  logout(options: object, done: (error?: Error) => void): void;
};

const authenticator = new passport.Passport();
authenticator.serializeUser((user, done) => done(null, (user as User).name));
authenticator.deserializeUser((name: string, done) => done(null, { name }));

const promised = (action: (done: (error?: Error) => void) => void) =>
  new Promise<void>((resolve, reject) => action((error) => (error ? reject(error) : resolve())));

@Controller()
class AccountController {
  @Post('login') login(@Req() { raw }: { raw: PassportRequest }) {
    return promised((done) => raw.logIn({ name: 'ann' }, { keepSessionInfo: true }, done));
  }

  @Post('logout') logout(@Req() { raw }: { raw: PassportRequest }) {
    return promised((done) => raw.logout({}, done));
  }

  @Get('me') me(@Req() { raw }: { raw: PassportRequest }) {
    return { name: raw.user?.name ?? null };
  }
}

describe('passport as middleware on fastify, with the express-session face', () => {
  test('logs in with what was there, stays logged in, and logs out', async () => {
    const app = await startApp({
      platform: 'fastify',
      sessions: { collection: 'sessions', db, requestSession: 'express-session' },
      controllers: [AccountController, NotesController],
      configure(nest) {
        nest.use(authenticator.initialize());
        nest.use(authenticator.session());
      },
    });
    const browser = app.client();
    await browser.get('/write?key=cart&value=apples');
    const before = browser.clone();
    expect((await browser.post('/login', {})).status).toBe(201);
    expect((await browser.get('/me')).body).toBe('{"name":"ann"}');
    const data = { cart: 'apples', passport: { user: 'ann' } };
    expect(JSON.parse((await browser.get('/read')).body)).toEqual(data);
    expect((await before.get('/read')).body).toBe('{}');
    const copy = browser.clone();
    await browser.post('/logout', {});
    for (const client of [browser, copy]) expect((await client.get('/me')).body).toBe('{"name":null}');
  });
});
