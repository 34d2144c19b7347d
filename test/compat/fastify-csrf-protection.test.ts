// @fastify/csrf-protection, registered in main.ts: with its secret in the session, and in a cookie of its own.
import fastifyCookie from '@fastify/cookie';
import fastifyCsrf from '@fastify/csrf-protection';
import { Controller, Get, Post, Res } from '@nestjs/common';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { describe, expect, test } from 'vitest';
import { Session } from '../../lib/index.js';
import { type HttpClient, type Notes, NotesController, startApp, testDatabase } from '../support/http.js';

const { db } = testDatabase();

@Controller()
class FormController {
  @Get('form') form(@Res({ passthrough: true }) reply: FastifyReply) {
    return reply.generateCsrf();
  }

  @Get('form/and/note') withNote(@Res({ passthrough: true }) reply: FastifyReply, @Session() session: Notes) {
    session['note'] = 'seen';
    return reply.generateCsrf();
  }

  @Get('form/with/options') withOptions(@Res({ passthrough: true }) reply: FastifyReply) {
    return reply.generateCsrf({ httpOnly: false });
  }

  @Post('transfer')
  transfer() {}

  @Post('login') login(@Session() session: Notes) {
    return session.login('ada', { keep: ['who'] });
  }
}

type Plugin = '@fastify/session' | '@fastify/secure-session' | '@fastify/cookie';

async function start(sessionPlugin: Plugin) {
  const app = await startApp({
    platform: 'fastify',
    sessions: { collection: 'sessions', db, requestSession: 'fastify-session' },
    controllers: [NotesController, FormController],
    async configure(nest) {
      const fastify = nest.getHttpAdapter().getInstance() as FastifyInstance;
      await fastify.register(fastifyCookie);
      await fastify.register(fastifyCsrf, { sessionPlugin } as object);
      fastify.addHook('preHandler', (request, reply, done) =>
        request.method === 'GET' ? done() : fastify.csrfProtection(request, reply, done),
      );
    },
  });
  return app;
}

const send = async (browser: HttpClient, path: string, token = '') =>
  (await browser.post(path, {}, { headers: { 'csrf-token': token } })).status;

describe.each<Plugin>(['@fastify/session', '@fastify/secure-session'])(
  '@fastify/csrf-protection with sessionPlugin %s',
  (plugin) => {
    test('takes the token of a first visitor, as often as it is the same session', async () => {
      const browser = (await start(plugin)).client();
      const { body: token, cookies } = await browser.get('/form');
      expect(cookies).toEqual([expect.stringMatching(/^id=/)]);
      expect([await send(browser, '/transfer', token), await send(browser, '/transfer', token)]).toEqual([201, 201]);
      expect(JSON.parse((await browser.get('/read')).body)).toEqual({ _csrf: expect.any(String) as string });
    });

    test('refuses no token, and that of another visitor', async () => {
      const app = await start(plugin);
      const [browser, other] = [app.client(), app.client()];
      await browser.get('/form');
      const { body: token } = await other.get('/form');
      expect([await send(browser, '/transfer'), await send(browser, '/transfer', token)]).toEqual([403, 403]);
    });

    test('takes another token after a login', async () => {
      const browser = (await start(plugin)).client();
      const { body: token } = await browser.get('/form');
      expect(await send(browser, '/login', token)).toBe(201);
      expect(await send(browser, '/transfer', token)).toBe(403);
      expect(await send(browser, '/transfer', (await browser.get('/form')).body)).toBe(201);
    });
  },
);

describe('@fastify/csrf-protection with sessionPlugin @fastify/cookie', () => {
  test('keeps its secret in a cookie of its own, beside that of the session', async () => {
    const browser = (await start('@fastify/cookie')).client();
    const { body: token, cookies } = await browser.get('/form');
    expect(cookies).toEqual([expect.stringMatching(/^_csrf=/)]);
    expect(await send(browser, '/transfer')).toBe(403);
    expect(await send(browser, '/transfer', token)).toBe(201);
    expect(await send(browser, '/login', token)).toBe(201);
    expect([...browser.jar.keys()]).toEqual(['_csrf', 'id']);
    expect(await send(browser, '/transfer', token)).toBe(201);
  });

  test('sends both cookies with one response', async () => {
    const browser = (await start('@fastify/cookie')).client();
    const { cookies } = await browser.get('/form/and/note');
    expect(new Set(cookies.map((cookie) => cookie.split('=')[0]))).toEqual(new Set(['_csrf', 'id']));
  });
});

test('generateCsrf() with options of @fastify/secure-session is refused, and names the option', async () => {
  const app = await start('@fastify/secure-session');
  expect((await app.client().get('/form/with/options')).status).toBe(500);
  expect(app.log.lines.join('\n')).toContain('request.session.options()');
});
