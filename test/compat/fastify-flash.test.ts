// @fastify/flash: a message for the next page, and for that one only.
import { Controller, Get, Post, Redirect, Req, Res } from '@nestjs/common';
import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { describe, expect, test } from 'vitest';
import { Session, type SessionObject, flash } from '../../lib/index.js';
import { startApp, testDatabase } from '../support/http.js';

const { db } = testDatabase();

/** Without its types: those of @fastify/secure-session, which come with them, declare `request.session` too. */
const plugin: string = '@fastify/flash';
const { default: fastifyFlash } = (await import(plugin)) as { default: FastifyPluginCallback };

interface FlashRequest {
  flash(type: string, ...messages: (string | string[])[]): number;
}

interface FlashReply {
  flash(type?: string): unknown;
}

@Controller()
class PagesController {
  @Post('order')
  @Redirect('/page', 303)
  order(@Req() request: FlashRequest) {
    return void [request.flash('info', '%s ordered', 'apples'), request.flash('info', ['3 of them'])];
  }

  @Get('page') page(@Res({ passthrough: true }) reply: FlashReply) {
    return reply.flash('info');
  }

  @Post('both')
  @Redirect('/both', 303)
  async saveBoth(@Req() request: FlashRequest, @Session() session: SessionObject): Promise<void> {
    request.flash('info', 'theirs');
    await flash(session, 'info', 'ours');
  }

  @Get('both') async both(@Res({ passthrough: true }) reply: FlashReply, @Session() session: SessionObject) {
    return [reply.flash(), await flash(session, 'info')];
  }
}

describe('@fastify/flash on fastify', () => {
  const start = (collection: string) =>
    startApp({
      platform: 'fastify',
      sessions: { collection, db, requestSession: 'fastify-session' },
      controllers: [PagesController],
      async configure(nest) {
        await (nest.getHttpAdapter().getInstance() as FastifyInstance).register(fastifyFlash);
      },
    });

  test('shows messages on the page behind the redirect, once', async () => {
    const browser = (await start('sessions')).client();
    const { status, headers, cookies } = await browser.post('/order', {});
    expect([status, headers.location, cookies.length]).toEqual([303, '/page', 1]);
    expect((await browser.get('/page')).body).toBe('["apples ordered","3 of them"]');
    expect((await browser.get('/page')).body).toBe('[]');
    expect(await db.collection('sessions').findOne()).toMatchObject({ data: { flash: {} } });
  });

  test('lives beside the flash of this library', async () => {
    const browser = (await start('both')).client();
    await browser.post('/both', {});
    expect((await browser.get('/both')).body).toBe('[{"info":["theirs"]},["ours"]]');
    expect((await browser.get('/both')).body).toBe('[{},[]]');
  });

  test('shows nothing of somebody else', async () => {
    const app = await start('others');
    await app.client().post('/order', {});
    expect((await app.client().get('/page')).body).toBe('[]');
  });
});
