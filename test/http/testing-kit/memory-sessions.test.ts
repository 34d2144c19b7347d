// An AppModule as apps have it, tested with the kit: MongooseModule and MongoSessionsModule by forRoot, and no option for tests.
import { randomBytes } from 'node:crypto';
import { Controller, Get, Inject, Module, Post, type Type } from '@nestjs/common';
import { MongooseModule, getConnectionToken } from '@nestjs/mongoose';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { createConnection } from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FreshSession, getSessionClockToken, getSessionStoreToken, MongoSessionsModule } from '../../../lib/index.js';
import { type Clock, Session, type SessionObject, type SessionOptions } from '../../../lib/index.js';
import type { SessionStore } from '../../../lib/index.js';
import { fromConnectMongo, fromCookie } from '../../../lib/moving-in/index.js';
import { MemorySessionStore, SessionClient, signInAs, TestClock } from '../../../lib/testing/index.js';
import { useMemorySessions } from '../../../lib/testing/index.js';
import { type Platform, PLATFORMS, testDatabase, TestLog } from '../../support/http.js';

interface Cart {
  items?: string[];
}

@Controller()
class ShopController {
  constructor(@Inject(getSessionClockToken()) private readonly clock: Clock) {}

  @Post('cart') add(@Session() session: SessionObject<Cart>) {
    session.items = [...(session.items ?? []), 'tea'];
  }

  @Get('cart') show(@Session() session: SessionObject<Cart>) {
    return { items: session.items ?? [], user: session.userId ?? null, now: this.clock.now() };
  }

  @Post('admin') administer(@Session({ name: 'admin' }) session: SessionObject<Cart>) {
    session.items = ['ledger'];
  }

  @FreshSession('10m')
  @Post('password')
  change() {}
}

const UNREACHABLE = 'mongodb://127.0.0.1:1/shop';

function appModule(uri: string, options: SessionOptions = { collection: 'sessions' }): Type {
  @Module({
    imports: [
      MongooseModule.forRoot(uri),
      MongoSessionsModule.forRoot(options),
      MongoSessionsModule.forRootAsync({ name: 'admin', useFactory: () => ({ collection: 'admin_sessions' }) }),
    ],
    controllers: [ShopController],
  })
  class AppModule {}
  return AppModule;
}

/** What a test of an app does whose models need no database either. */
const withoutDatabase = (builder: TestingModuleBuilder) =>
  builder.overrideProvider(getConnectionToken()).useValue(createConnection());

describe.each(PLATFORMS)('B11: useMemorySessions() on %s', (platform: Platform) => {
  const { db, uri } = testDatabase();

  async function start(builder: TestingModuleBuilder) {
    const module = await builder.setLogger(new TestLog()).compile();
    const app = module.createNestApplication(platform === 'express' ? new ExpressAdapter() : new FastifyAdapter());
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    const origin = (await app.getUrl()).replace('localhost', '127.0.0.1');
    return { app, client: new SessionClient(origin) };
  }
  const testing = (module: Type) => Test.createTestingModule({ imports: [module] });
  const read = async (client: SessionClient) => (await (await client.get('/cart')).json()) as Record<string, unknown>;

  test('leaves the database alone, in every registration', async () => {
    const { client, app } = await start(useMemorySessions(testing(appModule(uri))));
    await client.post('/cart');
    await client.post('/admin');
    expect(await read(client)).toMatchObject({ items: ['tea'] });
    expect(await db.collections()).toEqual([]);
    const stores = ['default', 'admin'].map((name) => app.get<MemorySessionStore>(getSessionStoreToken(name)));
    expect(stores.map(({ size }) => size)).toEqual([1, 1]);
  });

  test('needs no database, where the models of the app need none', async () => {
    const { client } = await start(withoutDatabase(useMemorySessions(testing(appModule(UNREACHABLE)))));
    await client.post('/cart');
    expect(await read(client)).toMatchObject({ items: ['tea'] });
  });

  test.each<[string, SessionOptions]>([
    ['uri', { collection: 'sessions', uri: UNREACHABLE, failFast: true }],
    ['connectionName', { collection: 'sessions', connectionName: 'none' }],
    [
      'encryption and secrets',
      {
        collection: 'sessions',
        failFast: true,
        secrets: [randomBytes(32).toString('base64')],
        encryption: { keys: [randomBytes(32).toString('base64')] },
      },
    ],
  ])('works with the option %s', async (_, options) => {
    const { client } = await start(withoutDatabase(useMemorySessions(testing(appModule(UNREACHABLE, options)))));
    await client.post('/cart');
    expect(await read(client)).toMatchObject({ items: ['tea'] });
  });

  test('works where the connection is any object', async () => {
    const builder = useMemorySessions(testing(appModule(UNREACHABLE)));
    const { client } = await start(builder.overrideProvider(getConnectionToken()).useValue({ close() {} }));
    await client.post('/cart');
    expect(await read(client)).toMatchObject({ items: ['tea'] });
  });

  test('keeps the other options of the app', async () => {
    const options: SessionOptions = { collection: 'sessions', cookie: { name: 'shop' }, idleTimeout: '5m' };
    const clock = new TestClock();
    const { client } = await start(useMemorySessions(testing(appModule(uri, options)), { clock }));
    await client.post('/cart');
    expect([...client.cookies.keys()]).toEqual(['shop']);
    clock.advance(5 * 60_000 - 1);
    expect(await read(client)).toMatchObject({ items: ['tea'], now: clock.now() });
    clock.advance(5 * 60_000);
    expect(await read(client)).toMatchObject({ items: [] });
  });

  test('moves the time of guards, too, and signs in', async () => {
    const [store, clock] = [new MemorySessionStore(), new TestClock()];
    const { app, client } = await start(useMemorySessions(testing(appModule(uri)), { store, clock }));
    const { headers, handle } = await signInAs(app, { userId: 'ada' });
    expect(await store.find(handle)).toMatchObject({ userId: 'ada', createdAt: clock.now() });
    expect((await client.post('/password', {}, { headers })).status).toBe(201);
    clock.advance(10 * 60_000);
    expect((await client.post('/password', {}, { headers })).status).toBe(401);
  });

  test('takes over no session of another library', async () => {
    const secrets = [randomBytes(32).toString('base64')];
    const until = new Date(Date.now() + 24 * 60 * 60_000);
    const inDatabase = fromConnectMongo({ collection: 'old', cookie: 'connect.sid', secrets, until });
    const decode = () => ({ data: { items: ['milk'] } });
    const movingIn = [inDatabase, fromCookie({ cookie: 'old', secrets, until, decode })];
    const { client } = await start(useMemorySessions(testing(appModule(uri, { collection: 'sessions', movingIn }))));
    client.cookies.set('old', 'sealed').set('connect.sid', 's:one.signature');
    expect(await read(client)).toMatchObject({ items: [] });
    expect([...client.cookies.keys()]).toEqual(['old', 'connect.sid']);
  });

  test('values stay unreadable in a store under encryption', async () => {
    const store = new MemorySessionStore();
    const options = { collection: 'sessions', encryption: { keys: [randomBytes(32).toString('base64')] } };
    const { app } = await start(useMemorySessions(testing(appModule(uri, options)), { store }));
    const { handle } = await signInAs(app, { data: { items: ['tea'] } });
    expect(Buffer.from((await store.find(handle))!.data).includes('tea')).toBe(false);
  });

  test('the public tokens replace the store and the clock of one registration', async () => {
    const [store, clock] = [new MemorySessionStore(), new TestClock(0)];
    const builder = testing(appModule(uri))
      .overrideProvider(getSessionStoreToken('admin'))
      .useValue(store)
      .overrideProvider(getSessionClockToken('admin'))
      .useValue(clock);
    const { client, app } = await start(builder);
    await client.post('/admin');
    expect(store.size).toBe(1);
    expect((await db.collections()).map(({ collectionName }) => collectionName)).toEqual(['sessions']);
    expect(app.get<SessionStore>(getSessionStoreToken())).not.toBe(store);
    expect(app.get<Clock>(getSessionClockToken()).now()).toBeGreaterThan(1_000_000_000_000);
    await db.dropCollection('sessions');
  });

  // Nest compares the very object in `imports`, and forRoot makes a new one: overrideModule(MongoSessionsModule) is ignored.
  test('overrideModule() replaces the very object in imports', async () => {
    const [theirs, ours] = [MongooseModule.forRoot(UNREACHABLE), MongoSessionsModule.forRoot('sessions')];
    @Module({ imports: [theirs, ours], controllers: [ShopController] })
    class AppModule {}
    @Module({})
    class Nothing {}
    const store = new MemorySessionStore();
    const builder = Test.createTestingModule({ imports: [AppModule] })
      .overrideModule(theirs)
      .useModule(Nothing)
      .overrideModule(ours)
      .useModule(MongoSessionsModule.forRoot({ store }));
    const { client } = await start(builder);
    await client.post('/cart');
    expect(store.size).toBe(1);
  });
});
