// graphql-sse as a handler in a controller of Nest, with its own client: a subscription is an HTTP request, and has its session.
import { EventEmitter, on } from 'node:events';
import { All, Controller, Req, Res } from '@nestjs/common';
import { GraphQLModule, GraphQLSchemaHost, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { ApolloDriver } from '@nestjs/apollo';
import { MercuriusDriver } from '@nestjs/mercurius';
import { createClient } from 'graphql-sse';
import { createHandler as createExpressHandler } from 'graphql-sse/lib/use/express';
import { createHandler as createFastifyHandler } from 'graphql-sse/lib/use/fastify';
import type { Observable } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MemorySessionStore, MongoSessions, RequireSession, Session, type SessionObject } from '../../lib/index.js';
import { cookieHeader, keepCookies } from '../../lib/testing/session-client.js';
import { type HttpClient, PLATFORMS } from '../support/http.js';
import { type World, startWorld } from '../support/world.js';

type Cart = { items?: string[] };

const changes = new EventEmitter();

/** What an iterator yields, until the session ends. */
function untilEnded<T>(source: AsyncIterableIterator<T>, ended: Observable<unknown>): AsyncIterableIterator<T> {
  const end = ended.subscribe(() => void source.return!());
  return {
    next: () => source.next(),
    return() {
      end.unsubscribe();
      return source.return!();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

@Resolver()
class CartResolver {
  constructor(private readonly sessions: MongoSessions) {}

  @Query(() => [String])
  items(@Session<Cart>('items') items: string[] = []) {
    return items;
  }

  @Mutation(() => [String])
  add(@Session() session: SessionObject<Cart>) {
    session.items = [...(session.items ?? []), 'pears'];
    return session.items;
  }

  @Mutation(() => Boolean)
  async enter(@Session() session: SessionObject<Cart>) {
    await session.login('ada', { keep: true });
    return true;
  }

  @Subscription(() => [String], { resolve: readItems })
  @RequireSession({ user: true })
  live(@Session() session: SessionObject<Cart>) {
    const source = on(changes, session.handle) as AsyncIterableIterator<[SessionObject<Cart>]>;
    process.nextTick(() => changes.emit(session.handle, session));
    return untilEnded(source, this.sessions.ended(session));
  }
}

async function readItems([session]: [SessionObject<Cart>]) {
  await session.reload();
  return session.items ?? [];
}

type Handler = (request: object, response: object) => Promise<void>;

/** Apps give the platform's request as `req`, or all that graphql-sse has. */
const CONTEXTS = {
  'the platform’s request': ({ raw }: { raw: object }) => ({ req: raw }),
  'the request of graphql-sse': (req: object) => ({ req }),
};

function controllerFor(createHandler: (options: never) => unknown, context: unknown) {
  @Controller('graphql/stream')
  class StreamController {
    #handler: Handler | undefined;

    constructor(private readonly host: GraphQLSchemaHost) {}

    @All()
    async stream(@Req() request: object, @Res() response: object) {
      const { schema } = this.host;
      this.#handler ??= createHandler({ schema, context } as never) as Handler;
      await this.#handler(request, response);
    }
  }
  return StreamController;
}

const HANDLERS = { express: createExpressHandler, fastify: createFastifyHandler };
const DRIVERS = { express: ApolloDriver, fastify: MercuriusDriver };

describe.each(PLATFORMS)('graphql-sse on %s', (platform) => {
  const start = (context: unknown = CONTEXTS['the platform’s request']) =>
    startWorld(
      platform,
      { store: new MemorySessionStore() },
      {
        imports: [GraphQLModule.forRoot({ driver: DRIVERS[platform], autoSchemaFile: true })],
        providers: [CartResolver],
        controllers: [controllerFor(HANDLERS[platform] as never, context)],
      },
    );

  /** A client with the cookies of a browser. */
  function connect(browser: HttpClient, singleConnection = false) {
    const fetchFn = async (input: string, init: RequestInit) => {
      const response = await fetch(input, init);
      keepCookies(browser.jar, response.headers.getSetCookie());
      return response;
    };
    const url = `${browser.origin}/graphql/stream`;
    const headers = () => ({ cookie: cookieHeader(browser.jar) ?? '' });
    const client = createClient({
      url,
      headers,
      fetchFn,
      retryAttempts: 0,
      singleConnection: singleConnection as false,
    });
    onTestFinished(() => client.dispose());
    return client;
  }
  const nextOf = async (results: AsyncIterator<unknown>) => (await results.next()).value as unknown;
  const ask = (browser: HttpClient, query: string, isSingle?: boolean) =>
    nextOf(connect(browser, isSingle).iterate({ query }));
  const tellOf = (world: World, browser: HttpClient) =>
    world.visit(browser.clone(), ({ session }) => void changes.emit(session.handle, session));

  test.each(Object.entries(CONTEXTS))('queries and mutations have the session, by %s', async (_what, context) => {
    const world = await start(context);
    const browser = world.client();
    expect(await ask(browser, '{ items }')).toEqual({ data: { items: [] } });
    expect([...browser.jar]).toEqual([]);
    expect(await ask(browser, 'mutation { add }')).toEqual({ data: { add: ['pears'] } });
    expect(await world.dataOf(browser)).toEqual({ items: ['pears'] });
    expect(await ask(browser, 'mutation { enter }')).toEqual({ data: { enter: true } });
    expect(await world.userOf(browser)).toBe('ada');
    expect(await ask(browser, '{ items }')).toEqual({ data: { items: ['pears'] } });
  });

  test('a mutation over a single connection is saved before it is answered', async () => {
    const world = await start();
    const browser = await world.browserWith({ items: ['apples'] });
    expect(await ask(browser, 'mutation { add }', true)).toEqual({ data: { add: ['apples', 'pears'] } });
    expect(await world.dataOf(browser)).toEqual({ items: ['apples', 'pears'] });
  });

  test('a subscription is guarded, and reads the session again with reload()', async () => {
    const world = await start();
    const refused = (await ask(world.client(), 'subscription { live }')) as { errors: unknown };
    const originalError = { statusCode: 401, message: 'Unauthorized', code: 'SESSION_REQUIRED', reason: 'none' };
    expect(refused.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', originalError } }]);

    const browser = await world.browserOf('ada');
    const results = connect(browser).iterate({ query: 'subscription { live }' });
    expect(await nextOf(results)).toEqual({ data: { live: [] } });
    await world.visit(browser, ({ session }) => void Object.assign(session, { items: ['apples'] }));
    await tellOf(world, browser);
    expect(await nextOf(results)).toEqual({ data: { live: ['apples'] } });
  });

  test.each([
    ['logout', 'logout'],
    ['login', 'login'],
  ] as const)('a subscription ends with takes of ended() at the %s', async (_what, method) => {
    const world = await start();
    const browser = await world.browserOf('ada');
    const results = connect(browser).iterate({ query: 'subscription { live }' });
    await nextOf(results);
    const rest = results.next();
    await world.visit(browser, ({ session }) => (method === 'login' ? session.login('ada') : session.logout()));
    expect(await rest).toEqual({ done: true, value: undefined });
    expect(changes.eventNames()).toEqual([]);
  });

  test('a client that leaves leaves no subscription behind', async () => {
    const world = await start();
    const browser = await world.browserOf('ada');
    const client = connect(browser);
    await nextOf(client.iterate({ query: 'subscription { live }' }));
    expect(changes.eventNames()).not.toEqual([]);
    client.dispose();
    await expect.poll(() => changes.eventNames()).toEqual([]);
  });
});
