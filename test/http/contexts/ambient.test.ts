// CurrentSession with the option ambient: the session of the request, in services that never see the request.
import { once } from 'node:events';
import http, { type Server } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { INestApplication } from '@nestjs/common';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CurrentSession } from '../../../lib/index.js';
import { errorOf, PLATFORMS, read } from '../../support/http.js';
import { type Hooks, kept, leftovers, MarkService, outside, start } from './support/ambient.app.js';

describe.each(PLATFORMS)('CurrentSession on %s', (platform) => {
  test('is the session of the request, in a handler, behind a JSON body, a guard, an interceptor, a filter and a 404', async () => {
    const app = await start(platform);
    const client = app.client();
    expect((await client.get('/ambient/set/x')).body).toBe('{"isSame":true}');
    expect((await client.post('/ambient/body', { text: 'by a body' })).body).toBe('by a body');
    expect((await client.get('/ambient/guarded')).body).toBe('by the guard, by the guard');
    expect(JSON.parse((await client.get('/ambient/fails')).body)).toMatchObject({ found: 'before it failed' });
    expect(JSON.parse((await client.get('/absent')).body)).toMatchObject({ found: 'before it failed' });
  });

  test('is found behind bodies of all kinds, whatever their size', async () => {
    const client = (await start(platform)).client();
    for (const text of ['x', 'x'.repeat(90_000)])
      expect((await client.post('/ambient/body', { text })).body).toBe(text);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = { method: 'POST', headers, body: 'text=form' };
    expect((await client.request('/ambient/body', form)).body).toBe('form');
  });

  test('is found behind a body that comes in pieces after the headers', async () => {
    const app = await start(platform);
    const server = app.nest.getHttpServer() as Server;
    const arrived = once(server, 'request');
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const request = http.request(`${app.origin}/ambient/body`, { method: 'POST', headers });
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
    request.flushHeaders();
    const [incoming] = (await arrived) as [http.IncomingMessage];
    const pieces = ['{"text":', '"in pieces"', '}'];
    for (const piece of pieces) {
      await new Promise(setImmediate);
      const received = once(incoming.socket, 'data');
      request.write(piece);
      await received;
    }
    request.end();
    const [response] = await answered;
    expect((await read(response)).body).toBe('in pieces');
  });

  const lose = (_request: unknown, _response: unknown, next: () => void) => outside(next);
  const losers = {
    middleware: (nest: INestApplication) => void nest.use(lose),
    'a hook of Fastify': (nest: INestApplication) =>
      (nest.getHttpAdapter().getInstance() as Hooks).addHook('onRequest', lose),
  };
  test.each(Object.entries(losers).slice(0, platform === 'express' ? 1 : 2))(
    'is found behind %s that calls back from the context of something else',
    async (_what, configure) => {
      const client = (await start(platform, true, configure)).client();
      expect((await client.post('/ambient/body', { text: 'behind' })).body).toBe('behind');
      expect((await client.get('/ambient/guarded')).body).toBe('by the guard, by the guard');
    },
  );

  test('is found while a handler responds by itself, streams or sends events', async () => {
    const client = (await start(platform)).client();
    await client.post('/ambient/body', { text: 'here' });
    expect((await client.get('/ambient/response')).body).toBe('found here');
    expect((await client.get('/ambient/events')).body.match(/data: here/g)).toHaveLength(2);
  });

  test('is that of each request when many run at the same time', async () => {
    const app = await start(platform);
    const bodies = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const client = app.client();
        return (await client.post('/ambient/body', { text: `visitor ${index}`, wait: index % 4 })).body;
      }),
    );
    expect(bodies).toEqual(Array.from({ length: 40 }, (_, index) => `visitor ${index}`));
  });

  test('has one for each registration', async () => {
    const client = (await start(platform)).client();
    expect(JSON.parse((await client.get('/ambient/both')).body)).toEqual({ own: true, admin: true });
  });

  test('throws SESSION_NO_CONTEXT outside of any request', async () => {
    const app = await start(platform);
    const current = app.nest.get(CurrentSession);
    const error = await errorOf(() => current.session);
    expect(error).toMatchObject({ code: 'SESSION_NO_CONTEXT', httpStatus: 500 });
    expect(error.message).toContain('current.run(source, ...)');
  });

  test('throws SESSION_NO_CONTEXT without the option `ambient`, and names it', async () => {
    const app = await start(platform, false);
    const { body } = await app.client().get('/ambient/set/x');
    expect(JSON.parse(body)).toMatchObject({ message: expect.stringContaining('option `ambient: true`') as string });
  });

  test('run() gives a function the session of a source, and what it returns back', async () => {
    const app = await start(platform);
    const service = app.nest.get(MarkService);
    const client = app.client();
    await client.post('/ambient/body', { text: 'run' });
    expect((await client.get('/ambient/run')).body).toBe('run, run, the admin’s');
    const error = await errorOf(() => service.current.run({ session: {} }, () => 1));
    expect(error.code).toBe('SESSION_NOT_MOUNTED');
  });

  test('keeps no request in memory that a timer of its handler outlives', async () => {
    const app = await start(platform);
    onTestFinished(() => leftovers.splice(0).forEach(clearInterval));
    const client = app.client();
    await client.get('/ambient/leaves-a-timer');
    // Another request on the connection, which holds its last one.
    await client.get('/ambient/set/x');
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    await expect
      .poll(
        () => {
          gc();
          return kept!.deref() === undefined;
        },
        { timeout: 10_000, interval: 20 },
      )
      .toBe(true);
  });
});
