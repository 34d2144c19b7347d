// sessions.from(source): the session behind a handler, a request or a GraphQL context, and behind nothing that a client has sent.
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Body,
  Controller,
  Get,
  Inject,
  Injectable,
  Post,
  Req,
  Scope,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  getSessionsToken,
  MemorySessionStore,
  MongoSessions,
  Session,
  type SessionObject,
  type SessionSource,
} from '../../../lib/index.js';
import { errorOf, PLATFORMS, sharedApp, startApp } from '../../support/http.js';

type Marked = SessionObject<{ mark?: string }>;

@Injectable()
class Guard implements CanActivate {
  constructor(private readonly sessions: MongoSessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const session = await this.sessions.from<{ mark?: string }>(context);
    session.mark = `${session.mark ?? ''}guard `;
    return true;
  }
}

@Catch()
class Filter implements ExceptionFilter {
  constructor(private readonly sessions: MongoSessions) {}

  async catch(_error: unknown, host: ArgumentsHost) {
    const { mark } = await this.sessions.from<{ mark?: string }>(host);
    host.switchToHttp().getResponse<{ send(body: object): void }>().send({ mark });
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestService {
  constructor(
    @Inject(REQUEST) readonly request: object,
    readonly sessions: MongoSessions,
  ) {}

  session() {
    return this.sessions.from(this.request);
  }
}

@Controller()
class AskingController {
  constructor(
    private readonly sessions: MongoSessions,
    @Inject(getSessionsToken('admin')) private readonly admins: MongoSessions,
    private readonly service: RequestService,
  ) {}

  @UseGuards(Guard)
  @Get('guarded')
  guarded(@Session() session: Marked) {
    return session.mark;
  }

  @Get('same')
  async same(@Req() request: object, @Session() session: Marked, @Session({ name: 'admin' }) admin: Marked) {
    const raw = (request as { raw?: object }).raw ?? request;
    const ofAdmins = await Promise.all([request, raw].map((source) => this.admins.from(source)));
    return {
      request: (await this.sessions.from(request)) === session,
      raw: (await this.sessions.from(raw)) === session,
      graphql: (await this.sessions.from({ req: request })) === session,
      graphqlRaw: (await this.sessions.from({ req: { raw } })) === session,
      reply: (await this.sessions.from({ reply: { request } })) === session,
      requestScope: (await this.service.session()) === session,
      admin: ofAdmins.every((each) => each === admin),
    };
  }

  @UseFilters(Filter)
  @Get('filtered')
  filtered(@Session() session: Marked) {
    session.mark = 'before it failed';
    throw new Error('on purpose');
  }

  @Post('payload')
  async payload(@Body() payload: object) {
    const error = await errorOf(() => this.sessions.from(payload));
    return error.code;
  }
}

describe.each(PLATFORMS)('sessions.from() on %s', (platform) => {
  const app = sharedApp(() => ({
    platform,
    controllers: [AskingController],
    providers: [Guard, RequestService],
    sessions: [{ store: new MemorySessionStore() }, { name: 'admin', store: new MemorySessionStore() }],
  }));

  test('gives a guard the session of its ExecutionContext, which the guard can change', async () => {
    const client = app().client();
    expect((await client.get('/guarded')).body).toBe('guard ');
    expect((await client.get('/guarded')).body).toBe('guard guard ');
  });

  test('gives a filter the session of its ArgumentsHost', async () => {
    expect((await app().client().get('/filtered')).body).toBe('{"mark":"before it failed"}');
  });

  test('gives the same session for the request, the raw request, GraphQL contexts and @Inject(REQUEST)', async () => {
    const found = JSON.parse((await app().client().get('/same')).body) as Record<string, boolean>;
    expect(found).toEqual({
      request: true,
      raw: true,
      graphql: true,
      graphqlRaw: true,
      reply: true,
      requestScope: true,
      admin: true,
    });
  });

  test('refuses every payload with SESSION_NOT_MOUNTED', async () => {
    const payloads = [
      {},
      [],
      { request: {}, session: { userId: 'ada' } },
      { req: { session: {} }, raw: {} },
      { extra: { socket: {}, request: { headers: {} } } },
      { reply: { request: { raw: { session: {} } } } },
    ];
    for (const payload of payloads)
      expect((await app().client().post('/payload', payload)).body).toBe('SESSION_NOT_MOUNTED');
  });

  test('calls nothing of an object that it does not know', async () => {
    const sessions = app().nest.get(MongoSessions);
    const called: string[] = [];
    const trap = (name: string) => ({
      get: () => {
        called.push(name);
        return {};
      },
      enumerable: true,
    });
    const proxy = new Proxy(
      {},
      {
        get: (_target, name) => called.push(String(name)),
        has: () => called.push('has') > 0,
        getOwnPropertyDescriptor: () => void called.push('getOwnPropertyDescriptor'),
        getPrototypeOf: () => (called.push('getPrototypeOf'), null),
        ownKeys: () => (called.push('ownKeys'), []),
      },
    );
    const forged = Object.defineProperties(
      { getType: () => called.push('getType'), getArgByIndex: () => ({}), getHandler: () => ({}) },
      Object.fromEntries(['raw', 'req', 'request', 'reply', 'session', 'extra'].map((name) => [name, trap(name)])),
    );
    const sources = [
      null,
      undefined,
      'text',
      7,
      proxy,
      { raw: proxy },
      { req: proxy },
      { req: { raw: proxy } },
      forged,
    ];
    for (const source of sources) {
      const error = await errorOf(() => sessions.from(source as SessionSource));
      expect(error).toMatchObject({ code: 'SESSION_NOT_MOUNTED', httpStatus: 500 });
    }
    expect(called).toEqual([]);
  });

  test('looks at no prototype of a plain object, also if another library has let one be polluted', async () => {
    const sessions = app().nest.get(MongoSessions);
    const called: string[] = [];
    let found: Promise<unknown>;
    const names = ['req', 'reply', 'raw', 'request', 'extra', 'socket', 'getType'];
    try {
      for (const name of names)
        Reflect.defineProperty(Object.prototype, name, { get: () => void called.push(name), configurable: true });
      found = sessions.from({});
    } finally {
      for (const name of names) delete (Object.prototype as Record<string, unknown>)[name];
    }
    expect(await errorOf(() => found)).toMatchObject({ code: 'SESSION_NOT_MOUNTED' });
    expect(called).toEqual([]);
  });

  test('names the module that is not imported, and the second copy of the package', async () => {
    const sessions = app().nest.get(MongoSessions);
    const request = new IncomingMessage(new Socket());
    for (const source of [request, { raw: request }, { req: request }, { req: { raw: request } }])
      expect((await errorOf(() => sessions.from(source))).message).toContain('Import MongoSessionsModule');
    Object.assign(request, { [Symbol('nestjs-mongo-sessions')]: {} });
    for (const source of [request, { raw: request }, { req: request }])
      expect((await errorOf(() => sessions.from(source))).message).toContain('Two copies of nestjs-mongo-sessions');
  });

  test('tells an app that asks for the session of a request of another app', async () => {
    const other = await startApp({ platform, sessions: { store: new MemorySessionStore() } });
    let request: object | undefined;
    @Controller()
    class KeepingController {
      @Get()
      keep(@Req() given: object) {
        request = given;
      }
    }
    const serving = await startApp({
      platform,
      controllers: [KeepingController],
      sessions: { store: new MemorySessionStore() },
    });
    await serving.client().get('/');
    expect(await errorOf(() => other.nest.get(MongoSessions).from(request!))).toMatchObject({
      code: 'SESSION_NOT_MOUNTED',
      message: expect.stringContaining('belongs to another app') as string,
    });
  });
});
