// csrf-csrf binds its tokens to a session's id: with `storeEmpty: 'when-named'`, a first visitor has one that stays.
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import cookieParser from 'cookie-parser';
import { doubleCsrf } from 'csrf-csrf';
import type { Request, Response } from 'express';
import { describe, expect, test } from 'vitest';
import { type HttpClient, NotesController, startApp, testDatabase } from '../../support/http.js';

const { db } = testDatabase();

type Named = Request & { sessionID: string; session: { regenerate(done: (error?: unknown) => void): void } };

const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
  getSecret: () => 'a secret for tests only',
  getSessionIdentifier: (request) => (request as Named).sessionID,
  cookieName: 'csrf',
  cookieOptions: { secure: false },
});

@Controller()
class FormController {
  @Get('form') form(@Req() request: Request, @Res({ passthrough: true }) response: Response) {
    return generateCsrfToken(request, response);
  }

  @Post('transfer') transfer(): void {}

  @Post('login') async login(@Req() request: Named): Promise<void> {
    await new Promise<unknown>((resolve) => request.session.regenerate(resolve));
  }
}

describe("csrf-csrf 4.0 with the face of express-session and storeEmpty: 'when-named'", () => {
  const start = async () => {
    const app = await startApp({
      platform: 'express',
      sessions: { collection: 'csrf', db, requestSession: { as: 'express-session', storeEmpty: 'when-named' } },
      controllers: [NotesController, FormController],
      configure(nest) {
        nest.use(cookieParser());
        nest.use(doubleCsrfProtection);
      },
    });
    return app.client();
  };
  const send = async (browser: HttpClient, path: string, token: string) =>
    (await browser.post(path, {}, { headers: { 'x-csrf-token': token } })).status;

  test("takes a first visitor's token, and no other visitor's", async () => {
    const [browser, thief] = [await start(), await start()];
    const { body: token, cookies } = await browser.get('/form');
    expect(cookies).toHaveLength(2);
    expect([await send(browser, '/transfer', token), await send(browser, '/transfer', token)]).toEqual([201, 201]);
    await thief.get('/form');
    thief.jar.set('csrf', browser.jar.get('csrf')!);
    expect(await send(thief, '/transfer', token)).toBe(403);
  });

  test('stores no session for a visitor who gets no form', async () => {
    const browser = await start();
    expect((await browser.get('/plain')).cookies).toEqual([]);
  });

  test('takes another token after the session got a new one', async () => {
    const browser = await start();
    const { body: token } = await browser.get('/form');
    expect(await send(browser, '/login', token)).toBe(201);
    expect(await send(browser, '/transfer', token)).toBe(403);
    expect(await send(browser, '/transfer', (await browser.get('/form')).body)).toBe(201);
  });
});
