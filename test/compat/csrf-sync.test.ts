// csrf-sync keeps its token in the session itself: asking for one begins a session, and a login takes it away.
import { Controller, Get, Post, Req } from '@nestjs/common';
import { csrfSync } from 'csrf-sync';
import type { Request } from 'express';
import { describe, expect, test } from 'vitest';
import { Session } from '../../lib/index.js';
import { type HttpClient, type Notes, NotesController, startApp, testDatabase } from '../support/http.js';

const { db } = testDatabase();

type WithSession = Request & { session: { csrfToken?: string } };

const { csrfSynchronisedProtection, generateToken } = csrfSync({
  getTokenFromState: (request) => (request as WithSession).session.csrfToken,
  storeTokenInState: (request, token) => void ((request as WithSession).session.csrfToken = token as string),
});

@Controller()
class FormController {
  @Get('form') form(@Req() request: Request) {
    return generateToken(request);
  }

  @Post('transfer')
  transfer() {}

  @Post('login') login(@Session() session: Notes) {
    return session.login('ada', { keep: ['who'] });
  }
}

describe.each([
  ['B13: csrf-sync on express', 'plain'],
  ['with a face: csrf-sync on express', 'express-session'],
] as const)('%s', (_, requestSession) => {
  async function stranger() {
    const app = await startApp({
      platform: 'express',
      sessions: { collection: 'sessions', db, requestSession },
      controllers: [NotesController, FormController],
      configure(nest) {
        nest.use(csrfSynchronisedProtection);
      },
    });
    return app.client();
  }
  const send = async (browser: HttpClient, path: string, token = '') =>
    (await browser.post(path, {}, { headers: { 'x-csrf-token': token } })).status;

  test('takes the token of a first visitor, as often as it is the same session', async () => {
    const browser = await stranger();
    const { body: token, cookies } = await browser.get('/form');
    expect(cookies).toEqual([expect.stringMatching(/^id=/)]);
    expect([await send(browser, '/transfer', token), await send(browser, '/transfer', token)]).toEqual([201, 201]);
  });

  test('refuses no token, and that of another visitor', async () => {
    const [browser, other] = [await stranger(), await stranger()];
    await browser.get('/form');
    const { body: token } = await other.get('/form');
    expect([await send(browser, '/transfer'), await send(browser, '/transfer', token)]).toEqual([403, 403]);
  });

  test('takes another token after a login', async () => {
    const browser = await stranger();
    const { body: token } = await browser.get('/form');
    expect(await send(browser, '/login', token)).toBe(201);
    expect(await send(browser, '/transfer', token)).toBe(403);
    expect(await send(browser, '/transfer', (await browser.get('/form')).body)).toBe(201);
  });
});
