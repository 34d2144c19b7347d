// How errors of sessions reach exception filters and clients, and what happens to those who stream meanwhile.
import {
  type ArgumentsHost,
  Catch,
  Controller,
  Get,
  HttpException,
  Query,
  Res,
  Sse,
  StreamableFile,
} from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { PassThrough } from 'node:stream';
import { Observable } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  MemorySessionStore,
  Session,
  SessionError,
  SessionException,
  type SessionObject,
  type StoredSession,
} from '../../lib/index.js';
import { type AnyResponse, type Platform, PLATFORMS, startApp } from '../support/http.js';
import { sessionOf } from '../../lib/http/request-sessions.js';
import { HAS_NEST_12 } from '../support/peers.js';
import { MarkController, put } from './response-paths/mark.controller.js';

/** Fails when it is told to, some ticks later, as a real one would. */
class FailingStore extends MemorySessionStore {
  failing: 'reads' | 'writes' | undefined;

  override async find(handle: string) {
    await this.#pass('reads');
    return super.find(handle);
  }

  override async insert(session: StoredSession) {
    await this.#pass('writes');
    return super.insert(session);
  }

  override async update(...args: Parameters<MemorySessionStore['update']>) {
    await this.#pass('writes');
    return super.update(...args);
  }

  async #pass(kind: 'reads' | 'writes') {
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    if (this.failing === kind) throw new SessionError('SESSION_STORE_UNAVAILABLE', 'mongodb://secret@host is away.');
  }
}

const teardown = vi.fn();
const seen = vi.fn();
/** What the filter does when a session has failed the request. */
let onFailure = (exception: SessionException, _host: ArgumentsHost): HttpException => exception;

/** Keeps everything it sees. */
@Catch()
class WatchingFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost) {
    seen(exception);
    super.catch(exception instanceof SessionException ? onFailure(exception, host) : exception, host);
  }
}

const watchingFilter = {
  provide: APP_FILTER,
  useFactory: ({ httpAdapter }: HttpAdapterHost) => new WatchingFilter(httpAdapter),
  inject: [HttpAdapterHost],
};

@Controller()
class ErrorsController {
  @Get('put')
  put(@Session() session: SessionObject<{ mark?: string }>, @Query('mark') mark: string) {
    put(session, mark);
    return 'put';
  }

  @Get('large')
  large(@Session() session: SessionObject<{ large?: string }>) {
    session.large = 'x'.repeat(5000);
  }

  @Get('refused')
  refused(@Session() session: SessionObject<{ wrong?: unknown }>) {
    session.wrong = () => 'a secret';
  }

  @Get('indifferent')
  indifferent() {
    return 'no session needed';
  }

  @Get('broken')
  broken(@Session() session: SessionObject<{ mark?: string }>) {
    session.mark = 'broken';
    const stream = new PassThrough();
    process.nextTick(() => stream.destroy(new Error('a broken disk')));
    return new StreamableFile(stream);
  }

  @Get('broken-own')
  brokenOwn(@Session() session: SessionObject<{ mark?: string }>, @Res() response: AnyResponse) {
    session.mark = 'broken';
    const stream = new PassThrough();
    process.nextTick(() => stream.destroy(new Error('a broken disk')));
    response.send(stream);
  }

  @Get('twice')
  twice(@Session() session: SessionObject<{ mark?: string }>, @Res() response: AnyResponse) {
    session.mark = 'twice';
    response.send('the first');
    if (response.raw) response.send('the second');
    throw new Error('after the answer');
  }

  @Sse('events')
  events(@Session() session: SessionObject<{ mark?: string }>) {
    session.mark = 'watched';
    return new Observable(() => teardown);
  }
}

async function start(platform: Platform) {
  const [store, other] = [new FailingStore(), new FailingStore()];
  const app = await startApp({
    platform,
    controllers: [MarkController, ErrorsController],
    providers: [watchingFilter],
    sessions: [
      { store, maxSize: 4096 },
      { name: 'other', store: other },
    ],
  });
  seen.mockClear();
  teardown.mockClear();
  return { app, store, other, browser: app.client() };
}

describe.each(PLATFORMS)('%s', (platform) => {
  it('exception filters see that a session could not be saved', async () => {
    const { store, browser } = await start(platform);
    store.failing = 'writes';
    const reply = await browser.get('/put?mark=lost');
    expect(reply).toMatchObject({
      status: 503,
      body: '{"statusCode":503,"message":"Service Unavailable","code":"SESSION_STORE_UNAVAILABLE"}',
    });
    expect(seen).toHaveBeenCalledOnce();
    const [exception] = seen.mock.calls[0] as [SessionException];
    expect(exception).toBeInstanceOf(SessionException);
    expect(exception).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', message: 'Service Unavailable' });
    expect(exception.cause).toBeInstanceOf(SessionError);
  });

  it('a second failure, while the first is answered, leaves that answer alone', async () => {
    const before = onFailure;
    onTestFinished(() => {
      onFailure = before;
    });
    onFailure = (_exception, host) => {
      put(sessionOf(host.getArgByIndex(0), 'other'), 'failed');
      return new HttpException('Come back later', 503);
    };
    const { app, store, other, browser } = await start(platform);
    store.failing = 'writes';
    expect((await browser.get('/put?mark=lost')).cookies).toEqual([expect.stringMatching(/^other=/)]);
    other.failing = 'writes';
    const reply = await app.client().get('/put?mark=lost');
    expect(reply).toMatchObject({ status: 503, cookies: [] });
    expect(reply.body).toBe('{"statusCode":503,"message":"Come back later"}');
  });

  it('an error after the answer changes nothing of it', async () => {
    const { app, browser } = await start(platform);
    expect(await browser.get('/twice')).toMatchObject({ status: 200, body: 'the first' });
    const line = expect.stringContaining('after the answer') as unknown;
    // Nest 11 logs it in two lines on Fastify.
    if (HAS_NEST_12) expect(app.log.lines).toEqual([line]);
    else expect(app.log.lines).toContainEqual(line);
    expect((await browser.get('/mark')).body).toBe('{"mark":"twice"}');
  });

  it('only who needs the session fails when it can not be read', async () => {
    const { store, browser } = await start(platform);
    await browser.get('/put?mark=first');
    store.failing = 'reads';
    expect(await browser.get('/indifferent')).toMatchObject({ status: 200, body: 'no session needed', cookies: [] });
    expect(await browser.get('/mark')).toMatchObject({ status: 503, cookies: [] });
    store.failing = undefined;
    expect((await browser.get('/mark')).body).toBe('{"mark":"first"}');
  });

  it.each([
    ['/large', 413, '{"statusCode":413,"message":"Payload Too Large","code":"SESSION_TOO_LARGE"}'],
    ['/refused', 500, '{"statusCode":500,"message":"Internal server error"}'],
  ])('%s is answered %i, without details', async (path, status, body) => {
    const { app, browser } = await start(platform);
    expect(await browser.get(path)).toMatchObject({ status, body, cookies: [] });
    expect(app.log.lines.join('\n')).toMatch(/session\.wrong|largest key, "large"/);
  });

  it('a stream that breaks while its answer is held is answered like any other', async () => {
    const { browser } = await start(platform);
    const reply = await browser.get('/broken');
    // The same as without sessions.
    expect(reply).toMatchObject({ status: platform === 'express' ? 400 : 500 });
  });

  it('events nobody will get are given up', async () => {
    const { store, browser } = await start(platform);
    store.failing = 'writes';
    expect((await browser.get('/events')).status).toBe(503);
    await vi.waitFor(() => expect(teardown).toHaveBeenCalledOnce());
  });
});

it('a stream of Fastify that breaks while it is held is an error', async () => {
  const { browser } = await start('fastify');
  expect(await browser.get('/broken-own')).toMatchObject({ status: 500 });
});
