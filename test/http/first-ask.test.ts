// Who brings no token and asks for no session gets an answer that nobody guards. It is guarded from the moment somebody asks for
// a session, however late.
import type { ServerResponse } from 'node:http';
import { Controller, Get, Req, Res } from '@nestjs/common';
import compression from 'compression';
import { describe, expect, test } from 'vitest';
import { Session, type SessionObject } from '../../lib/index.js';
import { type AnyResponse, PLATFORMS, sharedApp, takeRaw, testDatabase } from '../support/http.js';
import { sessionOf } from '../../lib/http/request-sessions.js';
import { gateOf } from '../../lib/http/response/response-gate.js';
import { MarkController } from './response-paths/mark.controller.js';

@Controller()
class FirstAskController {
  @Get('never') never(@Res({ passthrough: true }) response: AnyResponse) {
    return { guarded: gateOf(response.raw ?? (response as unknown as ServerResponse)) !== undefined };
  }

  @Get('set') set(@Session() session: SessionObject<{ mark: string }>) {
    session.mark = 'set';
    return 'x'.repeat(2000);
  }

  @Get('after-await') async afterAwait(@Req() request: object) {
    await new Promise(setImmediate);
    Object.assign(sessionOf(request), { mark: 'after-await' });
    return 'done';
  }

  @Get('throws') throws(@Session() session: SessionObject<{ mark: string }>) {
    session.mark = 'throws';
    throw new Error('on purpose');
  }

  @Get('headers-left') async headersLeft(@Req() request: object, @Res() response: AnyResponse) {
    const raw = takeRaw(response);
    raw.write('headers and all, ');
    Object.assign(sessionOf(request), { mark: 'headers-left' });
    await new Promise(setImmediate);
    raw.end('the end');
  }
}

describe.each(PLATFORMS)('on %s, without a token', (platform) => {
  const database = testDatabase();
  const controllers = [FirstAskController, MarkController];
  const compressed = sharedApp(() => ({
    platform,
    controllers,
    sessions: { db: database.db, collection: 'compressed' },
    beforeNest: (adapter) => void adapter.use(compression({ threshold: 0 })),
  }));
  // The last one, for Nest has one log a process, that of the youngest app.
  const app = sharedApp(() => ({ platform, controllers, sessions: { db: database.db, collection: 'sessions' } }));

  test.each([
    ['no cookie', {}],
    ["somebody else's cookie", { cookie: 'theme=dark' }],
  ])('nothing guards the answer of who brings %s and asks for no session', async (_what, headers) => {
    const reply = await app().client().get('/never', { headers });
    expect(JSON.parse(reply.body)).toEqual({ guarded: false });
    expect(reply.headers).not.toHaveProperty('vary');
  });

  test('a response is guarded when a token comes', async () => {
    const client = app().client();
    await client.get('/set');
    expect(JSON.parse((await client.get('/never')).body)).toEqual({ guarded: true });
  });

  test.each(['set', 'after-await', 'throws'])(
    'a session that begins by /%s is there for the next request',
    async (way) => {
      const client = app().client();
      const reply = await client.get(`/${way}`);
      expect(reply.cookies).toHaveLength(1);
      expect(JSON.parse((await client.get('/mark')).body)).toEqual({ mark: way });
    },
  );

  test('a session begins behind a compression that was there first', async () => {
    const client = compressed().client();
    const reply = await client.get('/set', { headers: { 'accept-encoding': 'gzip' } });
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect(reply.cookies).toHaveLength(1);
    expect(JSON.parse((await client.get('/mark')).body)).toEqual({ mark: 'set' });
  });

  test('one that is first asked for when the headers have left can not begin, and a warning says why', async () => {
    const reply = await app().client().get('/headers-left');
    expect(reply).toMatchObject({ status: 200, cookies: [], body: 'headers and all, the end' });
    expect(app().log.lines.filter((line) => line.includes('Put `await session.save()` before'))).toHaveLength(1);
  });
});
