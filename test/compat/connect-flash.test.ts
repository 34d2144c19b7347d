// connect-flash: a message for the next page, and for that one only.
import { Controller, Get, Post, Redirect, Req } from '@nestjs/common';
import connectFlash from 'connect-flash';
import { describe, expect, test } from 'vitest';
import { flash, Session, type SessionObject } from '../../lib/index.js';
import { startApp, testDatabase } from '../support/http.js';

const { db } = testDatabase();

interface FlashRequest {
  flash(type: string, format: string, ...values: unknown[]): void;
  flash(type: string): string[];
}

@Controller()
class PagesController {
  // With a format, for without one connect-flash calls a function that Node 23 has removed.
  @Post('order')
  @Redirect('/page', 303)
  order(@Req() request: FlashRequest): void {
    request.flash('info', '%s ordered', 'apples');
    request.flash('info', '%d of them', 3);
  }

  @Get('page') page(@Req() request: FlashRequest) {
    return request.flash('info');
  }

  @Post('both')
  @Redirect('/both', 303)
  async saveBoth(@Req() request: FlashRequest, @Session() session: SessionObject): Promise<void> {
    request.flash('info', '%s', 'theirs');
    await flash(session, 'info', 'ours');
  }

  @Get('both') async both(@Req() request: FlashRequest, @Session() session: SessionObject) {
    return [request.flash('info'), await flash(session, 'info')];
  }
}

describe.each([
  ['B2: connect-flash on express', 'plain'],
  ['with a face: connect-flash on express', 'express-session'],
] as const)('%s', (_, requestSession) => {
  test('shows messages on the page behind the redirect, once', async () => {
    const app = await startApp({
      platform: 'express',
      sessions: { collection: 'sessions', db, requestSession },
      controllers: [PagesController],
      configure(nest) {
        nest.use(connectFlash());
      },
    });
    const browser = app.client();
    const { status, headers, cookies } = await browser.post('/order', {});
    expect([status, headers.location, cookies.length]).toEqual([303, '/page', 1]);
    expect((await browser.get('/page')).body).toBe('["apples ordered","3 of them"]');
    expect((await browser.get('/page')).body).toBe('[]');
    expect(await db.collection('sessions').findOne()).toMatchObject({ data: { flash: {} } });
  });

  test('lives beside the flash of this library', async () => {
    const app = await startApp({
      platform: 'express',
      sessions: { collection: 'both', db, requestSession },
      controllers: [PagesController],
      configure(nest) {
        nest.use(connectFlash());
      },
    });
    const browser = app.client();
    await browser.post('/both', {});
    expect((await browser.get('/both')).body).toBe('[["theirs"],["ours"]]');
    expect((await browser.get('/both')).body).toBe('[[],[]]');
  });

  test('shows nothing of somebody else', async () => {
    const app = await startApp({
      platform: 'express',
      sessions: { collection: 'others', db, requestSession },
      controllers: [PagesController],
      configure(nest) {
        nest.use(connectFlash());
      },
    });
    await app.client().post('/order', {});
    expect((await app.client().get('/page')).body).toBe('[]');
  });
});
