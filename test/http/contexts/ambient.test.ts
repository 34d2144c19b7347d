// CurrentSession with the option ambient: the session of the request, in services that never see the request.
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  Body,
  Catch,
  Controller,
  Get,
  Inject,
  Injectable,
  Post,
  Req,
  Res,
  Sse,
  UseGuards,
  UseInterceptors,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import http, { type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { concatMap, from, map } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  CurrentSession,
  getCurrentSessionToken,
  getSessionsToken,
  MemorySessionStore,
  MongoSessions,
  Session,
  type SessionObject,
} from '../../../lib/index.js';
import {
  type AnyResponse,
  type AppOptions,
  errorOf,
  type Platform,
  PLATFORMS,
  read,
  startApp,
  takeRaw,
} from '../../support/http.js';

interface Data {
  mark?: string;
}

@Injectable()
class MarkService {
  constructor(
    readonly current: CurrentSession<Data>,
    @Inject(getCurrentSessionToken('admin')) readonly admins: CurrentSession<Data>,
  ) {}

  mark(text: string) {
    this.current.session.mark = text;
    return text;
  }

  async read() {
    await new Promise(setImmediate);
    return this.current.session.mark;
  }
}

@Injectable()
class Guard implements CanActivate {
  constructor(private readonly service: MarkService) {}

  canActivate(): boolean {
    this.service.mark('by the guard');
    return true;
  }
}

@Injectable()
class Interceptor implements NestInterceptor {
  constructor(private readonly service: MarkService) {}

  intercept(_context: ExecutionContext, next: CallHandler) {
    return next
      .handle()
      .pipe(concatMap((body) => from(this.service.read().then((mark) => `${String(body)}, ${mark}`))));
  }
}

@Catch()
class Filter implements ExceptionFilter {
  constructor(private readonly service: MarkService) {}

  catch(error: { getStatus?(): number; message: string }, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse<AnyResponse>();
    const found = this.#found();
    const status = error.getStatus?.() ?? 500;
    const reply = response as unknown as { status(code: number): { send(body: object): void } };
    reply.status(status).send({ found, message: error.message });
  }

  #found(): string {
    try {
      return this.service.current.session.mark ?? 'nothing';
    } catch (error) {
      return (error as { code: string }).code;
    }
  }
}

/** Runs a function in no request's context. */
const outside = AsyncLocalStorage.snapshot();

interface Hooks {
  addHook(name: string, hook: unknown): void;
}

/** What a handler leaves running. */
const leftovers: NodeJS.Timeout[] = [];
let kept: WeakRef<object> | undefined;

@Controller('ambient')
class AmbientController {
  constructor(
    private readonly service: MarkService,
    private readonly sessions: MongoSessions,
    @Inject(getSessionsToken('admin')) private readonly admins: MongoSessions,
  ) {}

  @Get('set/:text')
  set(@Session() session: SessionObject<Data>) {
    this.service.mark('set');
    return { isSame: session === this.service.current.session };
  }

  @Post('body')
  async body(@Body() body: { text: string; wait?: number }) {
    this.service.mark(body.text);
    await sleep(body.wait ?? 0);
    return this.service.read();
  }

  @UseGuards(Guard)
  @UseInterceptors(Interceptor)
  @Get('guarded')
  guarded() {
    return this.service.read();
  }

  @Get('fails')
  fails() {
    this.service.mark('before it failed');
    throw new Error('on purpose');
  }

  @Get('response')
  async response(@Res() response: AnyResponse) {
    const raw = takeRaw(response);
    await new Promise(setImmediate);
    raw.write('found ');
    await new Promise(setImmediate);
    raw.end(await this.service.read());
  }

  @Sse('events')
  events() {
    return from([1, 2]).pipe(
      concatMap(() => from(this.service.read())),
      map((data) => ({ data: String(data) })),
    );
  }

  @Get('both')
  async both(@Req() request: object) {
    return {
      own: (await this.sessions.from(request)) === this.service.current.session,
      admin: ((await this.admins.from(request)) as object) === this.service.admins.session,
    };
  }

  /** In a context that knows of no request, as that of a socket's message. */
  @Get('run')
  async run(@Req() request: object) {
    const { current } = this.service;
    const inside = await outside(() => current.run(request, () => this.service.read()));
    const nested = await outside(() => current.run(request, () => current.run(request, () => current.session.mark)));
    const left = outside(() => {
      try {
        return current.session.mark;
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    return left === 'SESSION_NO_CONTEXT' ? `${inside}, ${nested}` : 'the outside is inside';
  }

  @Get('leaves-a-timer')
  leave(@Req() request: { raw?: object }) {
    leftovers.push(setInterval(() => {}, 60_000));
    kept = new WeakRef(request.raw ?? request);
    return this.service.read();
  }
}

const start = (platform: Platform, ambient = true, configure: AppOptions['configure'] = () => {}) =>
  startApp({
    platform,
    configure,
    controllers: [AmbientController],
    providers: [MarkService, Guard, Interceptor, { provide: APP_FILTER, useClass: Filter }],
    sessions: [
      { store: new MemorySessionStore(), ambient },
      { name: 'admin', store: new MemorySessionStore() },
    ],
  });

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

  test('is found behind middleware and hooks that call back from the context of something else', async () => {
    const app = await start(platform, true, (nest) => {
      const lose = (_request: unknown, _response: unknown, next: () => void) => outside(next);
      nest.use(lose);
      if (platform === 'fastify') (nest.getHttpAdapter().getInstance() as Hooks).addHook('onRequest', lose);
    });
    const client = app.client();
    expect((await client.post('/ambient/body', { text: 'behind' })).body).toBe('behind');
    expect((await client.get('/ambient/guarded')).body).toBe('by the guard, by the guard');
  });

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
    expect((await client.get('/ambient/run')).body).toBe('run, run');
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
