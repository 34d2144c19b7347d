// Where on Fastify the session is opened: in a hook of its own, and in front of the middleware that needs it.
import { Controller, Get, type INestApplication, type MiddlewareConsumer, Module } from '@nestjs/common';
import type { NestModule } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MemorySessionStore, MongoSessionsModule, Session, type SessionObject } from '../../../lib/index.js';
import { type AppOptions, startApp } from '../../support/http.js';

type Visits = { visits?: number };
type RawRequest = FastifyRequest['raw'] & { session?: Visits; originalUrl?: string };
type Next = () => void;
/** A Fastify instance with @fastify/middie, or a context of one. */
type WithMiddleware = FastifyInstance & {
  use(middleware: (request: RawRequest, _: unknown, next: Next) => void): void;
};

@Controller()
class VisitsController {
  @Get('visits') visits(@Session() session: SessionObject<Visits>) {
    session.visits = (session.visits ?? 0) + 1;
    return { visits: session.visits };
  }
}

const fastifyOf = (app: INestApplication) => app.getHttpAdapter().getInstance() as WithMiddleware;

const start = (options: Partial<AppOptions> = {}) =>
  startApp({
    platform: 'fastify',
    sessions: { store: new MemorySessionStore() },
    controllers: [VisitsController],
    ...options,
  });

async function twoVisits(options: Partial<AppOptions>): Promise<unknown[]> {
  const app = await start(options);
  const browser = app.client();
  return [JSON.parse((await browser.get('/visits')).body), JSON.parse((await browser.get('/visits')).body)];
}

/** What the session is for somebody at that place: with the first request nothing yet, then one visit. */
function watcher() {
  const seen: unknown[] = [];
  const middleware = (request: RawRequest, _response: unknown, next: Next) => {
    seen.push(request.session?.visits ?? 'none');
    next();
  };
  return { seen, middleware };
}

function moduleWith(middleware: ReturnType<typeof watcher>['middleware']) {
  @Module({})
  class Watching implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(middleware).forRoutes('{*splat}');
    }
  }
  return Watching;
}

describe('without middleware', () => {
  test('sessions work, and no request pays for middleware', async () => {
    const urls: unknown[] = [];
    const configure = (app: INestApplication) => {
      fastifyOf(app).addHook('preHandler', (request, _reply, done) => {
        // Middleware would have been given it.
        urls.push((request.raw as RawRequest).originalUrl);
        done();
      });
    };
    expect(await twoVisits({ configure })).toEqual([{ visits: 1 }, { visits: 2 }]);
    expect(urls).toEqual([undefined, undefined]);
  });

  test('sessions work where Nest is told to leave middleware out altogether', async () => {
    expect(await twoVisits({ fastify: { skipMiddie: true } })).toEqual([{ visits: 1 }, { visits: 2 }]);
  });
});

describe('the session is there', () => {
  test('for hooks of main.ts', async () => {
    const seen: unknown[] = [];
    const configure = (app: INestApplication) => {
      fastifyOf(app).addHook('onRequest', (request, _reply, done) => {
        seen.push((request as { session?: Visits }).session?.visits ?? 'none');
        done();
      });
    };
    await twoVisits({ configure });
    expect(seen).toEqual(['none', 1]);
  });

  test('for the raw request in a handler', async () => {
    const seen: unknown[] = [];
    const configure = (app: INestApplication) => {
      fastifyOf(app).addHook('preHandler', (request, _reply, done) => {
        seen.push((request.raw as RawRequest).session === (request as { session?: unknown }).session);
        done();
      });
    };
    await twoVisits({ configure });
    expect(seen).toEqual([true, true]);
  });

  test('for middleware of modules', async () => {
    const { seen, middleware } = watcher();
    await twoVisits({ imports: [moduleWith(middleware)] });
    expect(seen).toEqual(['none', 1]);
  });

  test.each([
    ['before the app is complete', true],
    ['with the app', false],
  ])('for middleware and routes of a Fastify plugin that is loaded %s', async (_when, isAwaited) => {
    const { seen, middleware } = watcher();
    const configure = async (app: INestApplication) => {
      const loading = fastifyOf(app).register((context, _options, done) => {
        (context as WithMiddleware).use(middleware);
        context.get('/plugin', (request) => ({ visits: (request as { session?: Visits }).session?.visits }));
        done();
      });
      if (isAwaited) await loading;
    };
    const app = await start({ configure });
    const browser = app.client();
    await browser.get('/visits');
    expect((await browser.get('/plugin')).body).toBe('{"visits":1}');
    expect(seen).toEqual([1]);
  });

  test('in a testing module, whose adapter comes late', async () => {
    const module = await Test.createTestingModule({
      imports: [MongoSessionsModule.forRoot({ store: new MemorySessionStore() })],
      controllers: [VisitsController],
    }).compile();
    const app = module.createNestApplication(new FastifyAdapter());
    onTestFinished(() => app.close());
    await app.init();
    const fastify = fastifyOf(app);
    const first = await fastify.inject('/visits');
    const { name, value } = first.cookies[0]!;
    const second = await fastify.inject({ url: '/visits', cookies: { [name]: value } });
    expect([first.json(), second.json()]).toEqual([{ visits: 1 }, { visits: 2 }]);
  });
});

describe('the Vary header names the cookie', () => {
  const varyOf = async (hook: 'onRequest' | 'onSend', change: (reply: FastifyReply) => void) => {
    const configure = (app: INestApplication) => {
      fastifyOf(app).addHook(hook, async (_request: FastifyRequest, reply: FastifyReply) => change(reply));
    };
    const app = await start({ configure });
    return (await app.client().get('/visits')).headers['vary'];
  };

  test.each<[string, 'onRequest' | 'onSend', (reply: FastifyReply) => unknown, string]>([
    ['that is there', 'onRequest', (reply) => reply.header('Vary', 'Origin'), 'Origin, Cookie'],
    ['of the raw response', 'onRequest', (reply) => reply.raw.setHeader('Vary', 'Origin'), 'Origin, Cookie'],
    ['that comes later', 'onSend', (reply) => reply.header('vary', 'Origin'), 'Origin, Cookie'],
    ['that is taken away later', 'onSend', (reply) => reply.removeHeader('Vary'), 'Cookie'],
    ['that says it already', 'onRequest', (reply) => reply.header('Vary', 'cookie, Origin'), 'cookie, Origin'],
    ['of everything', 'onRequest', (reply) => reply.header('Vary', '*'), '*'],
  ])('beside one %s', async (_which, hook, change, vary) => {
    expect(await varyOf(hook, (reply) => void change(reply))).toBe(vary);
  });
});

describe('with several registrations', () => {
  const store = () => ({ store: new MemorySessionStore() });
  const sessions = [store(), { ...store(), name: 'admin' }, { ...store(), name: 'guest' }];

  test('all of them are opened, for middleware too', async () => {
    const { seen, middleware } = watcher();
    @Controller()
    class AllController {
      @Get('all')
      all(
        @Session() own: SessionObject<Visits>,
        @Session({ name: 'admin' }) admin: SessionObject<Visits>,
        @Session({ name: 'guest' }) guest: SessionObject<Visits>,
      ) {
        own.visits = 1;
        admin.visits = 2;
        guest.visits = 3;
      }
    }
    const app = await start({ sessions, controllers: [AllController], imports: [moduleWith(middleware)] });
    const browser = app.client();
    await browser.get('/all');
    expect([...browser.jar.keys()].toSorted()).toEqual(['admin', 'guest', 'id']);
    await browser.get('/all');
    expect(seen).toEqual(['none', 1]);
  });

  test.each([1, 2])('what one of %i refuses goes to the error handling, once', async (count) => {
    const app = await start({
      sessions: sessions.slice(0, count),
      configure(nest) {
        const { server } = fastifyOf(nest);
        server.prependListener('request', (request: RawRequest) => {
          request.session = { visits: 7 };
        });
      },
    });
    const reply = await app.client().get('/visits');
    expect([reply.status, JSON.parse(reply.body)]).toEqual([
      500,
      expect.objectContaining({ statusCode: 500 }) as unknown,
    ]);
  });
});
