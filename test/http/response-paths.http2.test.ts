// HTTP/2, which has responses of another make.
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { Controller, Get, Query, Res, Sse } from '@nestjs/common';
import { of } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemorySessionStore, Session, SessionError, type SessionObject } from '../../lib/index.js';
import { type AnyResponse, startApp, takeRaw } from '../support/http.js';
import { leakScan } from '../support/leak-scan/leak-scan.js';
import { type Marked, put } from './response-paths/mark.controller.js';

class SlowStore extends MemorySessionStore {
  failing = false;

  override async insert(...args: Parameters<MemorySessionStore['insert']>) {
    await this.#pass();
    return super.insert(...args);
  }

  override async update(...args: Parameters<MemorySessionStore['update']>) {
    await this.#pass();
    return super.update(...args);
  }

  async #pass() {
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    if (this.failing) throw new SessionError('SESSION_STORE_FAILED', 'A detail.');
  }
}

@Controller()
class Http2Controller {
  @Get('value')
  value(@Session() session: SessionObject<Marked>, @Query('mark') mark?: string) {
    put(session, mark);
    return session.mark;
  }

  @Get('raw')
  raw(@Session() session: SessionObject<Marked>, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    const raw = takeRaw(response);
    raw.writeHead(201, { 'x-own': 'header' });
    raw.write('one, ');
    raw.end('two');
  }

  @Get('end')
  end(@Session() session: SessionObject<Marked>, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    takeRaw(response).end();
  }

  @Get('late')
  async late(@Session() session: SessionObject<Marked>, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    const raw = takeRaw(response);
    raw.write('one, ');
    await new Promise(setImmediate);
    put(session, mark);
    raw.end('two');
  }

  @Sse('events')
  events(@Session() session: SessionObject<Marked>, @Query('mark') mark?: string) {
    put(session, mark);
    return of({ data: 'one' });
  }
}

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
    const store = new SlowStore();
    const fastify = { http2: true } as object;
    const app = await startApp({ platform: 'fastify', controllers: [Http2Controller], sessions: { store }, fastify });
    const client = connect(app.origin);
    onTestFinished(() => client.destroy());
    return { client, store };
  };

  it.each([
    ['/value', 200, 'new'],
    ['/raw', 201, 'one, two'],
    ['/end', 200, ''],
    ['/events', 200, expect.stringContaining('data: one')],
  ])('%s: stored before its cookie is there, and 503 when it can not be', async (path, status, body: unknown) => {
    const { client, store } = await start();
    const reply = await get(client, `${path}?mark=new`);
    expect(reply).toMatchObject({ status, body, cookies: [expect.stringMatching(/^id=/)], code: 0 });
    expect(await get(client, '/value', reply.cookies[0]!.split(';')[0])).toMatchObject({ body: 'new', cookies: [] });
    store.failing = true;
    expect(await get(client, `${path}?mark=lost`)).toEqual({
      status: 503,
      cookies: [],
      body: '{"statusCode":503,"message":"Service Unavailable","code":"SESSION_STORE_FAILED"}',
      code: 0,
    });
  });

  it('a late change is stored before the end, or the stream is cut', async () => {
    const { client, store } = await start();
    const { cookies } = await get(client, '/value?mark=first');
    const cookie = cookies[0]!.split(';')[0]!;
    expect(await get(client, '/late?mark=late', cookie)).toMatchObject({ status: 200, body: 'one, two', code: 0 });
    expect((await get(client, '/value', cookie)).body).toBe('late');
    store.failing = true;
    expect(await get(client, '/late?mark=lost', cookie)).toMatchObject({ status: 200, body: 'one, ', code: 2 });
  });
});
