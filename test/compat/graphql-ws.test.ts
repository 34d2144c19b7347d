// @Session() in subscriptions over graphql-ws, with its own client, by Apollo on Express and Mercurius on Fastify.
import { EventEmitter, once } from 'node:events';
import { MercuriusDriver } from '@nestjs/mercurius';
import { Context, GraphQLModule, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { describe, expect, test } from 'vitest';
import {
  MemorySessionStore,
  MongoSessions,
  RequireSession,
  Session,
  SessionUser,
  type SessionObject,
} from '../../lib/index.js';
import { PLATFORMS } from '../support/http.js';
import { startWorld, tokenOf, type World } from '../support/world.js';
import { DRIVERS, type Handshake, connect } from './support/graphql-ws.js';

type Cart = { items?: string[] };

const tick = new EventEmitter();

/** What a subscription sends: each text as the value of its field. */
async function* send(field: string, texts: readonly string[]) {
  yield* texts.map((text) => ({ [field]: text }));
}

async function readItems(session: SessionObject<Cart>) {
  await session.reload();
  return session.items!.join();
}

@Resolver()
class CartResolver {
  constructor(private readonly sessions: MongoSessions) {}

  @Query(() => Boolean)
  ping() {
    return true;
  }

  @Mutation(() => Boolean)
  async add(@Session() session: SessionObject<Cart>) {
    await session.push('items', ['pears']);
    return true;
  }

  @Mutation(() => Boolean)
  async set(@Session() session: SessionObject<Cart>) {
    session.items = ['plums'];
    await session.save();
    return true;
  }

  @Mutation(() => Boolean)
  async enter(@Session() session: SessionObject<Cart>) {
    await session.login('eve');
    return true;
  }

  @Subscription(() => String)
  items(@Session<Cart>('items') items: string[] = []) {
    return send('items', items);
  }

  @Subscription(() => String)
  @RequireSession({ user: true })
  async mine(@SessionUser({ required: true }) user: { id: string }, @Context() context: object) {
    const session = await this.sessions.from(context);
    return send('mine', [`${user.id} ${session.userId as string}`]);
  }

  @Subscription(() => String, { resolve: readItems })
  async *reloads(@Session() session: SessionObject<Cart>) {
    yield session;
    await once(tick, 'tick');
    yield session;
  }

  @Subscription(() => String)
  async *live(@Session() session: SessionObject<Cart>) {
    yield { live: session.userId as string };
    await new Promise(() => {});
  }
}

describe.each(PLATFORMS)('subscriptions over graphql-ws on %s', (platform) => {
  const start = async ({
    withPorts = false,
    driver = DRIVERS[platform],
    trustProxy = false,
    sockets = {},
  }: { withPorts?: boolean; driver?: object; trustProxy?: boolean; sockets?: { close?: boolean } } = {}) => {
    const world = await startWorld(
      platform,
      { loadUser: (id) => ({ id }), sockets, ...(withPorts && { store: new MemorySessionStore() }) },
      {
        imports: [GraphQLModule.forRoot({ autoSchemaFile: true, ...driver } as never)],
        providers: [CartResolver],
        trustProxy,
      },
    );
    return world;
  };

  /** All results of an operation: data, or the message of an error. */
  async function ask(
    world: World,
    cookie: string | undefined,
    query: string,
    handshake?: Handshake,
  ): Promise<unknown[]> {
    const results: unknown[] = [];
    try {
      for await (const { data, errors } of connect(world, cookie, handshake).iterate({ query }))
        results.push(errors ? errors[0]!.message : data);
    } catch (error) {
      // Mercurius ends the operation, Apollo gives a result with an error.
      results.push((error as Error[])[0]!.message);
    }
    return results;
  }

  test('have the session of their handshake, also by its keys, in each of two apps of the same classes', async () => {
    for (const world of [await start(), await start()]) {
      const cookie = `id=${tokenOf(await world.browserWith({ items: ['apples', 'plums'] }))}`;
      expect(await ask(world, cookie, 'subscription { items }')).toEqual([{ items: 'apples' }, { items: 'plums' }]);
      expect(await ask(world, undefined, 'subscription { items }')).toEqual([]);
    }
  });

  test('are guarded by @RequireSession, and have the user of their session', async () => {
    const world = await start();
    const cookie = `id=${tokenOf(await world.browserOf('ada'))}`;
    expect(await ask(world, cookie, 'subscription { mine }')).toEqual([{ mine: 'ada ada' }]);
    for (const visitor of [undefined, 'id=nonsense'])
      expect(await ask(world, visitor, 'subscription { mine }')).toEqual([expect.stringContaining('needs a session')]);
    const refused = connect(world, undefined).iterate({ query: 'subscription { mine }' });
    const errors = await refused.next().then(
      ({ value }) => (value as { errors: unknown }).errors,
      (given: unknown) => given,
    );
    const originalError = { statusCode: 401, message: 'Unauthorized', code: 'SESSION_REQUIRED', reason: 'none' };
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', originalError } }]);
  });

  test('mutations over the socket act by atomic operations, and refuse a login with SESSION_NO_CLIENT', async () => {
    const world = await start();
    const browser = await world.browserWith({ items: ['apples'] });
    const cookie = `id=${tokenOf(browser)}`;
    expect(await ask(world, cookie, 'mutation { add }')).toEqual([{ add: true }]);
    expect(await world.dataOf(browser)).toEqual({ items: ['apples', 'pears'] });
    expect(await ask(world, cookie, 'mutation { enter }')).toEqual([
      expect.stringContaining('needs a response that carries a cookie'),
    ]);
    expect(await world.userOf(browser)).toBeNull();
  });

  test('mutations of a visitor without a session store nothing, and are refused', async () => {
    const world = await start();
    for (const mutation of ['add', 'set']) {
      const [refused] = await ask(world, undefined, `mutation { ${mutation} }`);
      expect(refused).toContain('can not begin one');
    }
    expect(world.eventTypes()).not.toContain('created');
  });

  test('end when their session does', async () => {
    const world = await start({ withPorts: true });
    const browser = await world.browserOf('ada');
    const client = connect(world, `id=${tokenOf(browser)}`);
    const closed = new Promise<{ code: number }>((resolve) => client.on('closed', (event) => resolve(event as never)));
    const results = client.iterate({ query: 'subscription { live }' });
    expect(await results.next()).toMatchObject({ value: { data: { live: 'ada' } } });
    const rest = results.next().catch((error: unknown) => error);
    await world.visit(browser, ({ session }) => session.logout());
    expect((await closed).code).toBe(4401);
    await rest;
  });

  test('never see what a login has made of their session, neither the next operation nor reload()', async () => {
    const world = await start({ sockets: { close: false } });
    const browser = await world.browserWith({ items: ['apples'] });
    const client = connect(world, `id=${tokenOf(browser)}`);
    const next = async (results: AsyncIterator<unknown>) =>
      results.next().then(
        ({ value }) => value as { errors?: { message: string }[] },
        (errors: { message: string }[]) => ({ errors }),
      );
    const reloads = client.iterate({ query: 'subscription { reloads }' });
    expect(await next(reloads)).toEqual({ data: { reloads: 'apples' } });
    await world.visit(browser, async ({ session }) => {
      await session.login('ada');
      session['items'] = ['secret'];
    });
    // The socket is open for as long as an operation runs.
    const after = await next(client.iterate({ query: 'subscription { items }' }));
    expect(after.errors?.[0]?.message).toContain('goes on with another token');
    tick.emit('tick');
    expect((await next(reloads)).errors?.[0]?.message).toContain('has ended');
  });

  // Mercurius puts what a client says there among the headers of its handshake.
  test('believe nothing of connection_init about the host that a page has asked', async () => {
    const world = await start({ trustProxy: true });
    const cookie = `id=${tokenOf(await world.browserWith({ items: ['apples'] }))}`;
    const forwarded = { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https' };
    const handshake = { origin: 'https://evil.test', connectionParams: forwarded };
    expect(await ask(world, cookie, 'subscription { items }', handshake)).toEqual([]);
    expect(world.eventTypes()).toContain('rejected: origin');
    const own = { origin: world.app.origin, connectionParams: { 'x-forwarded-host': 'evil.test' } };
    expect(await ask(world, cookie, 'subscription { items }', own)).toEqual([{ items: 'apples' }]);
  });

  if (platform === 'express') return;
  test('name the fix if Mercurius is not asked to tell the socket', async () => {
    const driver = { driver: MercuriusDriver, subscription: { fullWsTransport: true } };
    const world = await start({ driver });
    const cookie = `id=${tokenOf(await world.browserWith({ items: ['apples'] }))}`;
    expect(await ask(world, cookie, 'subscription { items }')).toEqual([
      expect.stringContaining('Give Mercurius `subscription: { context: (socket) => ({ socket }) }`'),
    ]);
  });
});
