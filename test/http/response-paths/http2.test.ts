// HTTP/2, which has responses of another make.
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { Controller, Query, Sse } from '@nestjs/common';
import { of } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Session, type SessionObject } from '../../../lib/index.js';
import { ObservedStore, startApp } from '../../support/http.js';
import { leakScan } from '../../support/leak-scan/leak-scan.js';
import { route, StageController } from '../../support/world.js';
import { onRaw, returning } from './contract.js';
import { type Marked, put } from './mark.controller.js';

@Controller()
class EventsController {
  @Sse('events')
  events(@Session() session: SessionObject<Marked>, @Query('mark') mark?: string) {
    put(session, mark);
    return of({ data: 'one' });
  }
}

const value = returning(({ session }) => session['mark']);
const raw = onRaw((response) => {
  response.writeHead(201, { 'x-own': 'header' });
  response.write('one, ');
  response.end('two');
});
const end = onRaw((response) => response.end());
const late = route(async ({ session, response, request }) => {
  (response as { hijack?(): void }).hijack?.();
  response.raw!.write('one, ');
  await new Promise(setImmediate);
  put(session, request.query['mark']);
  response.raw!.end('two');
}, 'raw');

interface Http2Reply {
  status: number;
  cookies: readonly string[];
  body: string;
  /** The code with which the stream was closed: 0 when all is well. */
  code: number;
}

async function get(client: ClientHttp2Session, path: string, cookie?: string): Promise<Http2Reply> {
  const stream: ClientHttp2Stream = client.request({ ':path': path, ...(cookie !== undefined && { cookie }) });
  const reply: Http2Reply = { status: 0, cookies: [], body: '', code: 0 };
  stream.on('response', (headers) => {
    reply.status = headers[':status']!;
    reply.cookies = headers['set-cookie'] ?? [];
  });
  stream.on('data', (chunk: Buffer) => (reply.body += chunk.toString()));
  stream.on('error', () => {});
  await new Promise((resolve) => stream.once('close', resolve));
  leakScan()?.saw('body', 'of HTTP/2', reply.body);
  return { ...reply, code: stream.rstCode };
}

describe('fastify over HTTP/2', () => {
  const start = async () => {
    const store = Object.assign(new ObservedStore(), { turns: 5 });
    const [fastify, controllers] = [{ http2: true } as object, [EventsController, StageController]];
    const app = await startApp({ platform: 'fastify', controllers, sessions: { store }, fastify });
    const client = connect(app.origin);
    onTestFinished(() => client.destroy());
    return { client, store };
  };

  it.each([
    ['a value', value, 200, 'new'],
    ['raw writes', raw, 201, 'one, two'],
    ['a raw end', end, 200, ''],
    ['events', '/events', 200, expect.stringContaining('data: one')],
  ])('%s: stored before its cookie is there, and 503 when it can not be', async (_, path, status, body: unknown) => {
    const { client, store } = await start();
    const reply = await get(client, `${path}?mark=new`);
    expect(reply).toMatchObject({ status, body, cookies: [expect.stringMatching(/^id=/)], code: 0 });
    expect(await get(client, value, reply.cookies[0]!.split(';')[0])).toMatchObject({ body: 'new', cookies: [] });
    store.fail('insert');
    expect(await get(client, `${path}?mark=lost`)).toEqual({
      ...{ status: 503, cookies: [], code: 0 },
      body: '{"statusCode":503,"message":"Service Unavailable","code":"SESSION_STORE_UNAVAILABLE"}',
    });
  });

  it('a late change is stored before the end, or the stream is cut', async () => {
    const { client, store } = await start();
    const { cookies } = await get(client, `${value}?mark=first`);
    const cookie = cookies[0]!.split(';')[0]!;
    expect(await get(client, `${late}?mark=late`, cookie)).toMatchObject({ status: 200, body: 'one, two', code: 0 });
    expect((await get(client, value, cookie)).body).toBe('late');
    store.fail('update');
    expect(await get(client, `${late}?mark=lost`, cookie)).toMatchObject({ status: 200, body: 'one, ', code: 2 });
  });
});
