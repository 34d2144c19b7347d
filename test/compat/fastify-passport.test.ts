// @fastify/passport with passport-local, registered in main.ts, as an app that had @fastify/session uses it.
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import { Strategy } from 'passport-local';
import { describe, expect, test } from 'vitest';
import { Session, type SessionObject } from '../../lib/index.js';
import { NotesController, startApp, testDatabase } from '../support/http.js';

const { db } = testDatabase();

interface User {
  name: string;
}

interface AuthenticatorOptions {
  clearSessionOnLogin?: boolean;
  clearSessionIgnoreFields?: string[];
}

interface AuthenticateOptions {
  successRedirect?: string;
  successReturnToOrRedirect?: string;
  failureRedirect?: string;
  failureMessage?: string;
  failureFlash?: string;
  keepSessionInfo?: boolean;
}

interface Passport {
  use(name: string, strategy: Strategy): void;
  registerUserSerializer(serialize: (user: User) => Promise<string>): void;
  registerUserDeserializer(find: (name: string) => Promise<User | null>): void;
  initialize(): FastifyPluginAsync;
  secureSession(): FastifyPluginAsync;
  authenticate(strategy: string, options: AuthenticateOptions): RouteShorthandOptions['preValidation'] & object;
}

/** What passport and its flash put on requests and replies. */
type PassportRequest = FastifyRequest & { user: User | null; logOut(): Promise<void> };
type FlashReply = FastifyReply & { flash(): unknown };

/** Without its types: those of @fastify/secure-session, which come with them, declare `request.session` too. */
const plugin: string = '@fastify/passport';
const { Authenticator } = (await import(plugin)) as { Authenticator: new (options?: AuthenticatorOptions) => Passport };

@Controller()
class AccountController {
  @Get('me') me(@Req() request: PassportRequest, @Session() session: SessionObject) {
    return { name: request.user?.name ?? null, userId: session.userId ?? null };
  }
}

interface Setup {
  passport?: AuthenticatorOptions;
  login?: AuthenticateOptions;
  /** Finds the user again, or says that there is none any more. */
  find?: (name: string) => Promise<User | null>;
}

describe('@fastify/passport on fastify', () => {
  async function start({ passport: options, login = {}, find = async (name) => ({ name }) }: Setup = {}) {
    const passport = new Authenticator(options);
    passport.use('local', new Strategy((name, secret, done) => done(null, secret === 'secret' ? { name } : false)));
    passport.registerUserSerializer(async (user: User) => user.name);
    passport.registerUserDeserializer(find);
    const app = await startApp({
      platform: 'fastify',
      sessions: { collection: 'sessions', db, requestSession: 'fastify-session', exclude: ['/assets/*'] },
      controllers: [AccountController, NotesController],
      async configure(nest) {
        const fastify = nest.getHttpAdapter().getInstance() as FastifyInstance;
        await fastify.register(passport.initialize());
        await fastify.register(passport.secureSession());
        const userOf = (request: FastifyRequest) => ({ user: (request as PassportRequest).user });
        fastify.post('/login', { preValidation: passport.authenticate('local', login) }, userOf);
        fastify.post('/logout', (request) => (request as PassportRequest).logOut().then(() => userOf(request)));
        fastify.get('/messages', (request, reply) => ({
          flash: (reply as FlashReply).flash(),
          messages: (request.session as unknown as { messages?: string[] }).messages,
        }));
        fastify.get('/assets/logo', userOf);
      },
    });
    return app.client();
  }
  const ann = { username: 'ann', password: 'secret' };
  const wrong = { ...ann, password: 'guess' };
  const nameIn = (body: string) => (JSON.parse(body) as { name: string | null }).name;
  const me = async (browser: Awaited<ReturnType<typeof start>>) => nameIn((await browser.get('/me')).body);
  const dataOf = async (browser: Awaited<ReturnType<typeof start>>) =>
    JSON.parse((await browser.get('/read')).body) as object;

  test('logs in, and stays logged in', async () => {
    const browser = await start();
    expect(await me(browser)).toBeNull();
    const { status, body, cookies } = await browser.post('/login', ann);
    expect([status, body, cookies.length]).toEqual([200, '{"user":{"name":"ann"}}', 1]);
    expect(await me(browser)).toBe('ann');
    expect(await dataOf(browser)).toEqual({ passport: 'ann' });
  });

  test('gives a session from before the login a new token, and empties it', async () => {
    const browser = await start();
    await browser.get('/write?key=cart&value=apples');
    const before = browser.clone();
    await browser.post('/login', ann);
    expect(browser.jar.get('id')).not.toBe(before.jar.get('id'));
    expect(await me(before)).toBeNull();
    expect(await dataOf(before)).toEqual({});
    expect(await dataOf(browser)).toEqual({ passport: 'ann' });
  });

  test.each<[string, Setup]>([
    ['keepSessionInfo', { login: { keepSessionInfo: true } }],
    ['clearSessionIgnoreFields', { passport: { clearSessionIgnoreFields: ['cart'] } }],
    ['clearSessionOnLogin: false', { passport: { clearSessionOnLogin: false } }],
  ])('keeps the cart over a login with %s', async (_option, setup) => {
    const browser = await start(setup);
    await browser.get('/write?key=cart&value=apples');
    const before = browser.clone();
    await browser.post('/login', ann);
    expect(await dataOf(browser)).toEqual({ cart: 'apples', passport: 'ann' });
    expect(await dataOf(before)).toEqual({});
  });

  test('changes nothing at a wrong password, and begins no session', async () => {
    const browser = await start();
    const { status, cookies } = await browser.post('/login', wrong);
    expect([status, cookies]).toEqual([401, []]);
    await browser.get('/write?key=cart&value=apples');
    expect((await browser.post('/login', wrong)).cookies).toEqual([]);
    expect(await dataOf(browser)).toEqual({ cart: 'apples' });
  });

  test('logs out, for every copy of the token', async () => {
    const browser = await start();
    await browser.post('/login', ann);
    const copy = browser.clone();
    const { status, body } = await browser.post('/logout', {});
    expect([status, body]).toEqual([200, '{"user":null}']);
    expect([await me(browser), await me(copy)]).toEqual([null, null]);
    expect(await dataOf(copy)).toEqual({});
  });

  test('keeps the cart over a logout with clearSessionOnLogin: false', async () => {
    const browser = await start({ passport: { clearSessionOnLogin: false } });
    await browser.get('/write?key=cart&value=apples');
    await browser.post('/login', ann);
    await browser.post('/logout', {});
    expect(await me(browser)).toBeNull();
    expect(await dataOf(browser)).toEqual({ cart: 'apples' });
  });

  test('logs a user out who is gone', async () => {
    const users = new Map([['ann', { name: 'ann' }]]);
    const browser = await start({ find: async (name) => users.get(name) ?? null });
    await browser.post('/login', ann);
    users.clear();
    const copy = browser.clone();
    expect(await me(browser)).toBeNull();
    users.set('ann', { name: 'ann' });
    expect([await me(browser), await me(copy)]).toEqual([null, null]);
  });

  test('redirects after a login, to where the visitor came from', async () => {
    const login = { successReturnToOrRedirect: '/home', keepSessionInfo: true };
    const browser = await start({ login });
    expect((await browser.post('/login', ann)).headers.location).toBe('/home');
    await browser.get('/write?key=returnTo&value=/checkout');
    expect((await browser.post('/login', ann)).headers.location).toBe('/checkout');
    expect(await dataOf(browser)).toEqual({ passport: 'ann' });
  });

  test('saves the login before the successRedirect leaves', async () => {
    const browser = await start({ login: { successRedirect: '/me' } });
    const { status, headers } = await browser.post('/login', ann);
    expect([status, headers.location]).toEqual([302, '/me']);
    expect(await me(browser)).toBe('ann');
  });

  test('leaves messages about a failure for the next page', async () => {
    const login = { failureRedirect: '/messages', failureMessage: 'Try again', failureFlash: 'No such user' };
    const browser = await start({ login });
    const { status, headers } = await browser.post('/login', wrong);
    expect([status, headers.location]).toEqual([302, '/messages']);
    const read = async () => JSON.parse((await browser.get('/messages')).body) as unknown;
    expect(await read()).toEqual({ flash: { error: ['No such user'] }, messages: ['Try again'] });
    expect(await read()).toEqual({ flash: {}, messages: ['Try again'] });
  });

  test('runs on an excluded path, where nobody is logged in', async () => {
    const browser = await start();
    await browser.post('/login', ann);
    const { status, body, cookies } = await browser.get('/assets/logo');
    expect([status, body, cookies]).toEqual([200, '{"user":null}', []]);
  });
});
