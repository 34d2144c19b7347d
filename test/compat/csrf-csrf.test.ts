// csrf-csrf with its tokens bound to `session.id`: they live as long as the session's token does, and no longer.
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import cookieParser from 'cookie-parser';
import { doubleCsrf } from 'csrf-csrf';
import type { Request, Response } from 'express';
import { describe, expect, test } from 'vitest';
import { Session } from '../../lib/index.js';
import { type HttpClient, type Notes, NotesController, startApp, testDatabase } from '../support/http.js';

const { db } = testDatabase();

const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
  getSecret: () => 'a secret for tests only',
  getSessionIdentifier: (request) => (request as Request & { session: Notes }).session.id,
  cookieName: 'csrf',
  cookieOptions: { secure: false },
});

@Controller()
class FormController {
  @Get('token') token(@Req() request: Request, @Res({ passthrough: true }) response: Response) {
    return generateCsrfToken(request, response, { overwrite: true });
  }

  /** A form for whoever comes, without a session too: `session.id` has to stay until the form is sent. */
  @Get('form')
  async form(
    @Session() session: Notes,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    await session.save({ evenIfEmpty: true });
    return generateCsrfToken(request, response);
  }

  @Post('login') login(@Session() session: Notes) {
    return session.login('ada');
  }

  @Post('transfer') transfer(@Session() session: Notes): void {
    session['transfers'] = Number(session['transfers'] ?? 0) + 1;
  }

  /** Needs no token of csrf-csrf, for it is a GET. */
  @Get('regenerate') regenerate(@Session() session: Notes) {
    return session.regenerate({ keep: true });
  }
}

describe('B2: csrf-csrf on express', () => {
  async function stranger() {
    const app = await startApp({
      platform: 'express',
      sessions: { collection: 'sessions', db },
      controllers: [NotesController, FormController],
      configure(nest) {
        nest.use(cookieParser());
        nest.use(doubleCsrfProtection);
      },
    });
    return app.client();
  }
  async function visitor() {
    const browser = await stranger();
    await browser.get('/write?key=who&value=ann');
    return browser;
  }
  const transfer = async (browser: HttpClient, token: string) =>
    (await browser.post('/transfer', {}, { headers: { 'x-csrf-token': token } })).status;
  const transfers = async (browser: HttpClient) =>
    (JSON.parse((await browser.get('/read')).body) as { transfers?: number }).transfers;

  test('a form with its token is taken, as often as the session is the same', async () => {
    const browser = await visitor();
    const { body: token, cookies } = await browser.get('/token');
    expect(cookies).toEqual([expect.stringMatching(/^csrf=/)]);
    expect([await transfer(browser, token), await transfer(browser, token)]).toEqual([201, 201]);
    expect(await transfers(browser)).toBe(2);
  });

  test("a form without one, and one with another session's, is not", async () => {
    const browser = await visitor();
    const other = await visitor();
    await browser.get('/token');
    const { body: token } = await other.get('/token');
    expect([await transfer(browser, ''), await transfer(browser, token)]).toEqual([403, 403]);
    browser.jar.set('csrf', other.jar.get('csrf')!);
    expect(await transfer(browser, token)).toBe(403);
    expect(await transfers(browser)).toBeUndefined();
  });

  test('a token dies when the session is regenerated, and the next one works', async () => {
    const browser = await visitor();
    const { body: token } = await browser.get('/token');
    await browser.get('/regenerate');
    expect(await transfer(browser, token)).toBe(403);
    expect(await transfer(browser, (await browser.get('/token')).body)).toBe(201);
    expect(await transfers(browser)).toBe(1);
  });

  test('B13: a first visitor logs in with the token of the form', async () => {
    const browser = await stranger();
    const { body: token } = await browser.get('/form');
    const headers = { 'x-csrf-token': token };
    const before = browser.jar.get('id');
    expect((await browser.post('/login', {}, { headers })).status).toBe(201);
    expect(browser.jar.get('id')).not.toBe(before);
    // The token of before the login is dead; the next one works.
    expect(await transfer(browser, token)).toBe(403);
    expect(await transfer(browser, (await browser.get('/form')).body)).toBe(201);
  });

  test("B13: without a stored session, a first visitor's token is good for nothing", async () => {
    const browser = await stranger();
    const { body: token } = await browser.get('/token');
    expect(browser.jar.has('id')).toBe(false);
    expect(await transfer(browser, token)).toBe(403);
  });

  test('B13: the form is the same for as long as nobody logs in, and no use to another visitor', async () => {
    const browser = await stranger();
    const { body: token } = await browser.get('/form');
    expect((await browser.get('/form')).body).toBe(token);
    expect([await transfer(browser, token), await transfer(browser, token)]).toEqual([201, 201]);
    const thief = await stranger();
    await thief.get('/form');
    thief.jar.set('csrf', browser.jar.get('csrf')!);
    expect(await transfer(thief, token)).toBe(403);
  });
});
