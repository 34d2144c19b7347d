// nestjs-cls, mounted by middleware, guard or interceptor: what it keeps of the request has the session, and neither disturbs the other.
import { setTimeout as sleep } from 'node:timers/promises';
import { ApolloDriver } from '@nestjs/apollo';
import { Body, Controller, type ExecutionContext, Get, Injectable, Post } from '@nestjs/common';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { CLS_CTX, CLS_REQ, ClsModule, ClsService } from 'nestjs-cls';
import { describe, expect, test } from 'vitest';
import { CurrentSession, MemorySessionStore, MongoSessions, type SessionObject } from '../../lib/index.js';
import { PLATFORMS, startApp, type Platform } from '../support/http.js';

type Data = { mark?: string };

/** A service that knows of its request by nestjs-cls alone. */
@Injectable()
class MarkService {
  constructor(
    private readonly cls: ClsService,
    private readonly current: CurrentSession<Data>,
    private readonly sessions: MongoSessions,
  ) {}

  /** Middleware keeps the request, guard and interceptor keep the context. */
  async session(): Promise<SessionObject<Data>> {
    const context = this.cls.get<ExecutionContext | undefined>(CLS_CTX);
    if (context) return this.sessions.from<Data>(context);
    return this.cls.get<{ session: SessionObject<Data> }>(CLS_REQ).session;
  }

  async mark(text: string, wait: number) {
    this.cls.set('mark', text);
    (await this.session()).mark = text;
    await sleep(wait);
    const session = await this.session();
    return { cls: this.cls.get<string>('mark'), session: session.mark, current: this.#currentMark(session) };
  }

  #currentMark(session: SessionObject<Data>): string | undefined {
    try {
      return this.current.session === session ? session.mark : 'another session';
    } catch (error) {
      return (error as { code: string }).code;
    }
  }
}

@Controller('cls')
class ClsController {
  constructor(private readonly service: MarkService) {}

  @Post()
  mark(@Body() { text, wait }: { text: string; wait: number }) {
    return this.service.mark(text, wait);
  }

  @Get()
  async read() {
    return { mark: (await this.service.session()).mark };
  }
}

@Resolver()
class ClsResolver {
  constructor(private readonly service: MarkService) {}

  @Query(() => String)
  async mark() {
    return (await this.service.mark('by a query', 0)).session;
  }
}

const DRIVERS = { express: ApolloDriver, fastify: MercuriusDriver };
const MOUNTS = ['middleware', 'guard', 'interceptor'] as const;
const CASES = PLATFORMS.flatMap((platform) => MOUNTS.map((mount) => [platform, mount] as const));

describe.each(CASES)('nestjs-cls on %s, mounted by %s', (platform: Platform, mount) => {
  const start = (ambient: boolean) =>
    startApp({
      platform,
      imports: [
        ClsModule.forRoot({ global: true, [mount]: { mount: true } }),
        GraphQLModule.forRoot({ driver: DRIVERS[platform], autoSchemaFile: true }),
      ],
      controllers: [ClsController],
      providers: [MarkService, ClsResolver],
      sessions: { store: new MemorySessionStore(), ambient },
    });

  test.each([true, false])('has the session of its request, with `ambient: %s`', async (ambient) => {
    const client = (await start(ambient)).client();
    const reply = await client.post('/cls', { text: 'first', wait: 0 });
    expect(JSON.parse(reply.body)).toEqual({
      cls: 'first',
      session: 'first',
      current: ambient ? 'first' : 'SESSION_NO_CONTEXT',
    });
    expect(JSON.parse((await client.get('/cls')).body)).toEqual({ mark: 'first' });
  });

  test('has it in a resolver', async () => {
    const client = (await start(false)).client();
    const { body } = await client.post('/graphql', { query: '{ mark }' });
    expect(JSON.parse(body)).toEqual({ data: { mark: 'by a query' } });
    expect(JSON.parse((await client.get('/cls')).body)).toEqual({ mark: 'by a query' });
  });

  test('keeps requests apart that run at the same time, as CurrentSession does', async () => {
    const app = await start(true);
    const texts = Array.from({ length: 40 }, (_, index) => `visitor ${index}`);
    const replies = await Promise.all(texts.map((text, index) => app.client().post('/cls', { text, wait: index % 4 })));
    const marks = replies.map(({ body }) => JSON.parse(body) as object);
    expect(marks).toEqual(texts.map((text) => ({ cls: text, session: text, current: text })));
  });
});
