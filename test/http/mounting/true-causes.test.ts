// Where there is no session, the error says why.
import { type INestApplication, Controller, Get, Injectable, Module, Req } from '@nestjs/common';
import { ExternalContextCreator, LazyModuleLoader } from '@nestjs/core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { FreshSession, MemorySessionStore, MongoSessionsModule, Session } from '../../../lib/index.js';
import { PLATFORMS, startApp } from '../../support/http.js';

type Copy = typeof import('../../../lib/index.js');

/** Another copy of the package, as npm installs it into the node_modules of a library that wants another version. */
let other: Copy;
beforeAll(async () => {
  vi.resetModules();
  other = await import('../../../lib/index.js');
  expect(other.MongoSessionsModule).not.toBe(MongoSessionsModule);
});

const options = () => ({ store: new MemorySessionStore() });

describe.each(PLATFORMS)('B25: two copies of the package on %s', (platform) => {
  const start = (sessions: { module: unknown } | undefined, session: typeof Session) => {
    @Controller()
    class AskingController {
      @Get() ask(@session() found: unknown) {
        return found;
      }

      @Get('fresh')
      @other.FreshSession('1h')
      fresh() {}
    }
    return startApp({ platform, imports: sessions ? [sessions as never] : [], controllers: [AskingController] });
  };
  const message = /Two copies of nestjs-mongo-sessions are installed.*`npm ls nestjs-mongo-sessions`/;

  test("are named by the decorator of one that finds the other's sessions", async () => {
    const app = await start(MongoSessionsModule.forRoot(options()), other.Session);
    for (const path of ['/', '/fresh']) expect((await app.client().get(path)).status).toBe(500);
    expect(app.log.lines).toEqual([expect.stringMatching(message), expect.stringMatching(message)]);
  });

  test('are named if both have the default registration, on fastify when the app starts', async () => {
    const imports = [MongoSessionsModule.forRoot(options()), other.MongoSessionsModule.forRoot(options())];
    const taken = /request\.session is taken by .*another copy of this one \(`npm ls nestjs-mongo-sessions`\)/;
    if (platform === 'fastify') return expect(startApp({ platform, imports })).rejects.toThrow(taken);
    const app = await startApp({ platform, imports });
    expect((await app.client().get('/')).status).toBe(500);
    expect(app.log.lines).toEqual([expect.stringMatching(taken)]);
  });

  test('do no harm to each other with names of their own', async () => {
    const imports = [
      MongoSessionsModule.forRoot(options()),
      other.MongoSessionsModule.forRoot({ ...options(), name: 'admin' }),
    ];
    @Controller()
    class BothController {
      @Get() both(@Session() one: { id: unknown }, @other.Session({ name: 'admin' }) two: { id: unknown }) {
        return String(one !== two);
      }
    }
    const app = await startApp({ platform, imports, controllers: [BothController] });
    expect((await app.client().get('/')).body).toBe('true');
  });

  test('are not suspected where the module is just not imported', async () => {
    const app = await start(undefined, Session);
    expect((await app.client().get('/')).status).toBe(500);
    expect(app.log.lines).toEqual([
      expect.stringMatching(/no session\. Import MongoSessionsModule in the root module/),
    ]);
  });
});

describe.each(PLATFORMS)('B25: MongoSessionsModule loaded by LazyModuleLoader on %s', (platform) => {
  @Module({ imports: [MongoSessionsModule.forRoot(options())] })
  class LateModule {}

  @Injectable()
  class Loader {
    constructor(private readonly loader: LazyModuleLoader) {}

    load() {
      return this.loader.load(() => LateModule);
    }
  }

  @Controller()
  class LateController {
    constructor(private readonly loader: Loader) {}

    @Get('load') async load() {
      await this.loader.load();
    }

    @Get('see') see(@Req() request: { session?: unknown }) {
      return { session: typeof request.session };
    }
  }

  const start = (configure?: (app: INestApplication) => Promise<unknown>) =>
    startApp({
      platform,
      providers: [Loader],
      controllers: [LateController],
      configure: async (app) => void (await configure?.(app)),
    });
  const message = /loaded by LazyModuleLoader, too late.*Import it in the root module/;

  test('fails where it is loaded, in an app that listens', async () => {
    const app = await start();
    expect((await app.client().get('/load')).status).toBe(500);
    expect(app.log.lines).toEqual([expect.stringMatching(message)]);
    await expect(app.nest.get(Loader).load()).rejects.toThrow(message);
  });

  test('is told of when the app listens, if it was loaded before', async () => {
    const app = await start(async (nest) => {
      await nest.init();
      await nest.get(Loader).load();
    });
    expect(app.log.lines).toEqual([expect.stringMatching(message)]);
  });
});

describe('B25: @Session() in a handler without HTTP', () => {
  class Handlers {
    handle(@Session() session: unknown) {
      return session;
    }

    @FreshSession('1h')
    guarded() {}
  }

  /** Calls the handler as Nest itself does for a gateway, a resolver or a message. */
  async function call(type: string, method: 'handle' | 'guarded', ...args: unknown[]): Promise<unknown> {
    const app = await startApp({ platform: 'express', sessions: options(), providers: [Handlers] });
    const handlers = app.nest.get(Handlers);
    const creator = app.nest.get(ExternalContextCreator, { strict: false });
    const paramsFactory = { exchangeKeyForValue: () => undefined };
    const proxy = creator.create(
      handlers,
      handlers[method],
      method,
      '__routeArguments__',
      paramsFactory,
      undefined,
      undefined,
      undefined,
      type as 'http',
    );
    return proxy(...args);
  }
  const socket = { request: { headers: {} }, handshake: {} };
  const subscription = { operation: { operation: 'subscription' } };

  test.each<[what: string, type: string, args: unknown[], message: RegExp]>([
    [
      'a gateway',
      'ws',
      [socket, 'data'],
      /^This request has no session\. Its client is no socket of socket\.io or ws\. .*short-lived token/,
    ],
    ['a gateway of ws', 'ws', [{ on() {} }, 'data'], /no socket of socket\.io or ws/],
    [
      'a subscription by graphql-ws',
      'graphql',
      [{}, {}, { extra: { request: {} } }, subscription],
      /over graphql-ws, its `extra`/,
    ],
    [
      'a subscription by Mercurius',
      'graphql',
      [{}, {}, { reply: { request: { headers: {} } } }, subscription],
      /give the GraphQL context the request as `req`/,
    ],
    [
      'a GraphQL query over a socket',
      'graphql',
      [{}, {}, { extra: {} }, { operation: { operation: 'query' } }],
      /give the GraphQL context the request as `req`/,
    ],
    [
      'a GraphQL query whose request the module does not serve',
      'graphql',
      [{}, {}, { req: {} }, { operation: { operation: 'query' } }],
      /Import MongoSessionsModule in the root module, and give the GraphQL context the request as `req`/,
    ],
    [
      'a microservice',
      'rpc',
      [{ session: {}, raw: {} }, {}],
      /^A message of a microservice has no session\. Send `session\.handle` with it, and use `sessions\.edit/,
    ],
    [
      'a microservice that sends nothing',
      'rpc',
      [null, {}],
      /^A message of a microservice has no session\. Send `session\.handle` with it, and use `sessions\.edit/,
    ],
  ])('says what is the matter in %s', async (_what, type, args, message) => {
    for (const method of ['handle', 'guarded'] as const) {
      await expect(call(type, method, ...args)).rejects.toMatchObject({
        code: 'SESSION_NOT_MOUNTED',
        message: expect.stringMatching(message) as string,
      });
    }
  });
});
