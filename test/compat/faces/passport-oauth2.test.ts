// passport-oauth2 keeps its state, and the PKCE verifier, in the session; its authorization server is a small one of this test.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Req } from '@nestjs/common';
import type { Application, RequestHandler } from 'express';
import passport from 'passport';
import { Strategy, type VerifyCallback } from 'passport-oauth2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpClient, NotesController, startApp, testDatabase } from '../../support/http.js';

const { db } = testDatabase();

/** Codes that were given out, with the challenge that their request came with. */
const codes = new Map<string, string | null>();

/** An authorization server that asks nobody. */
const server = createServer((request, response) => void respond(request, response));

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url!, 'http://127.0.0.1');
  if (url.pathname === '/authorize') {
    const code = randomBytes(8).toString('hex');
    codes.set(code, url.searchParams.get('code_challenge'));
    const back = new URL(url.searchParams.get('redirect_uri')!);
    back.searchParams.set('code', code);
    back.searchParams.set('state', url.searchParams.get('state')!);
    response.writeHead(302, { location: back.href }).end();
    return;
  }
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const given = new URLSearchParams(body);
  const challenge = codes.get(given.get('code')!);
  const verifier = given.get('code_verifier');
  const isProved =
    challenge === null || (verifier && createHash('sha256').update(verifier).digest('base64url') === challenge);
  codes.delete(given.get('code')!);
  response.writeHead(isProved ? 200 : 400, { 'content-type': 'application/json' });
  response.end(isProved ? '{"access_token":"for-ann","token_type":"bearer"}' : '{"error":"invalid_grant"}');
}

let origin = '';
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

@Controller()
class MeController {
  @Get('me') me(@Req() { user }: { user?: { name: string } }) {
    return user?.name ?? 'nobody';
  }
}

describe.each([false, true])('passport-oauth2 1.8 with its state in the session, pkce: %s', (pkce) => {
  async function start() {
    const authenticator = new passport.Passport();
    authenticator.serializeUser((user, done) => done(null, (user as { name: string }).name));
    authenticator.deserializeUser((name: string, done) => done(null, { name }));
    const app = await startApp({
      platform: 'express',
      sessions: { collection: 'oauth2', db, requestSession: 'express-session' },
      controllers: [MeController, NotesController],
      configure(nest) {
        const urls = { authorizationURL: `${origin}/authorize`, tokenURL: `${origin}/token` };
        const client = { clientID: 'shop', clientSecret: 'of the shop', callbackURL: 'http://app.example/callback' };
        const verify = (token: string, _refresh: string, _profile: unknown, done: VerifyCallback) =>
          done(null, token === 'for-ann' ? { name: 'ann' } : false);
        authenticator.use('oauth2', new Strategy({ ...urls, ...client, state: true, pkce }, verify));
        nest.use(authenticator.initialize());
        nest.use(authenticator.session());
        const express = nest.getHttpAdapter().getInstance() as Application;
        const authenticate = authenticator.authenticate('oauth2', {
          successRedirect: '/me',
          failureRedirect: '/failed',
        });
        express.use('/login', authenticator.authenticate('oauth2') as RequestHandler);
        express.use('/callback', authenticate as RequestHandler);
      },
    });
    return app.client();
  }

  /** Goes to the authorization server, and gets the address that it leads back to. */
  async function authorize(browser: HttpClient): Promise<string> {
    const { status, headers, cookies } = await browser.get('/login');
    expect([status, cookies.length <= 1]).toEqual([302, true]);
    const back = await fetch(headers.location!, { redirect: 'manual' });
    const { pathname, search } = new URL(back.headers.get('location')!);
    return pathname + search;
  }

  test('logs in, under a new token, and forgets the state', async () => {
    const browser = await start();
    const back = await authorize(browser);
    const before = browser.jar.get('id');
    expect((await browser.get(back)).headers.location).toBe('/me');
    expect(browser.jar.get('id')).not.toBe(before);
    expect((await browser.get('/me')).body).toBe('ann');
    expect(JSON.parse((await browser.get('/read')).body)).toEqual({ passport: { user: 'ann' } });
  });

  test('refuses a state that the session does not have: forged, used, or of another visitor', async () => {
    const browser = await start();
    const back = await authorize(browser);
    const forged = back.replace(/state=[^&]+/, 'state=forged');
    expect((await browser.get(forged)).headers.location).toBe('/failed');
    expect((await browser.get(back)).headers.location).toBe('/failed');
    const other = await start();
    expect((await other.get(await authorize(browser))).headers.location).toBe('/failed');
    expect((await browser.get('/me')).body).toBe('nobody');
  });
});
