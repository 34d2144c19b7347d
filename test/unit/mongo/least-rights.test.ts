// The database user that docs/ recommends, on a server with access control: its rights are enough, and no others are asked for.
import mongoose from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MongoServer, start } from '../../../tools/mongo-server.mjs';
import { type Platform, PLATFORMS } from '../../support/app.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { storedSession, target } from '../../../lib/testing/contract/stored-sessions.js';
import { startWorld } from '../../support/world.js';

/** What docs/ name, word for word. */
const ACTIONS = ['find', 'insert', 'update', 'remove', 'createIndex'];
const USER_ACTIONS = ['find', 'insert', 'update', 'createIndex'];

const TTL = { key: { expiresAt: 1 }, name: 'expiresAt_1', expireAfterSeconds: 3600 };
const USER = { key: { userId: 1 }, name: 'userId_1', sparse: true };

const { MONGODB_URI: _, ...env } = process.env;
let server: MongoServer;
let root: mongoose.mongo.MongoClient;
let collection: mongoose.mongo.Collection;
let uri: string;
let count = 0;

const userAt = (user: string) => server.uri.replace('//', `//${user}:pw@`);

beforeAll(async () => {
  server = await start({ alone: true, auth: true, env, log: () => {} });
  const first = await new mongoose.mongo.MongoClient(server.uri).connect();
  await first.db('admin').command({ createUser: 'root', pwd: 'pw', roles: ['root'] });
  await first.close();
  root = await new mongoose.mongo.MongoClient(userAt('root')).connect();
}, 60_000);
afterAll(async () => {
  await root?.close();
  await server?.stop();
});

beforeEach(async () => {
  await withRights(ACTIONS);
});

/** A new collection, and a user who may do these things with it. */
async function withRights(actions: readonly string[], userActions: readonly string[] = USER_ACTIONS): Promise<void> {
  const name = `shop${count++}`;
  collection = root.db(name).collection('sessions');
  const admin = root.db('admin');
  const privileges = [
    { resource: { db: name, collection: 'sessions' }, actions },
    { resource: { db: name, collection: 'sessions.users' }, actions: userActions },
  ];
  await admin.command({ createRole: name, privileges, roles: [] });
  await admin.command({ createUser: name, pwd: 'pw', roles: [name] });
  uri = userAt(name).replace(/\/$/, `/${name}?authSource=admin`);
}

async function startStore(indexes: 'ensure' | 'check' = 'ensure', cleanup?: 'off'): Promise<string[]> {
  const { store, lines } = mongoStore({ collection: 'sessions', uri }, { indexes, ...(cleanup && { cleanup }) });
  await store.start();
  await store.stop();
  return lines;
}

const present = async () => (await collection.indexes()).slice(1).map(({ v: _v, ...index }) => index);

describe('A8: the recommended database user', () => {
  test('gets both indexes at the first start and keeps them at the next, without a warning', async () => {
    expect(await startStore()).toEqual([]);
    expect(await present()).toEqual([TTL, USER]);
    expect(await startStore()).toEqual([]);
  });

  test('gets the TTL index although another index has its name', async () => {
    await collection.createIndex({ other: 1 }, { name: 'expiresAt_1' });
    await collection.createIndex({ userId: -1 }, { name: 'userId_1' });
    expect(await startStore()).toEqual([]);
    expect((await present()).slice(2)).toEqual([
      { ...TTL, name: 'session_expiresAt' },
      { ...USER, name: 'session_userId' },
    ]);
    expect(await startStore()).toEqual([]);
  });

  test('is told the command for an index with another TTL, which mends it; an own index on userId serves', async () => {
    await collection.createIndex({ expiresAt: 1 }, { name: 'mine', expireAfterSeconds: 0 });
    await collection.createIndex({ userId: 1 }, { sparse: true, name: 'users' });
    const lines = await startStore();
    expect(lines).toEqual([expect.stringMatching(/An index on expiresAt .*no right.*Run: db\.runCommand\(/)]);
    const command = JSON.parse(/runCommand\((.*)\)$/.exec(lines[0]!)![1]!) as object;
    await root.db(collection.dbName).command(command);
    expect(await present()).toContainEqual({ ...TTL, name: 'mine' });
  });

  test('converts such an index if it has the right collMod too', async () => {
    await withRights([...ACTIONS, 'collMod']);
    await collection.createIndex({ expiresAt: 1 }, { name: 'mine', expireAfterSeconds: 0 });
    expect(await startStore()).toEqual([]);
    expect(await present()).toContainEqual({ ...TTL, name: 'mine' });
  });

  test("leaves a TTL index from before as it is with cleanup: 'off', whatever its rights", async () => {
    await withRights([...ACTIONS, 'listIndexes', 'collMod']);
    expect(await startStore()).toEqual([]);
    expect(await startStore('ensure', 'off')).toEqual([]);
    expect(await present()).toEqual([TTL, USER]);
  });

  test('is told once at the start with indexes: check', async () => {
    expect(await startStore('check')).toEqual([expect.stringContaining("can't be listed")]);
  });

  test('hears of a collation of the users only with the right listIndexes there', async () => {
    for (const [actions, expected] of [
      [USER_ACTIONS, []],
      [[...USER_ACTIONS, 'listIndexes'], [expect.stringMatching(/"sessions\.users" has a collation/)]],
    ] as const) {
      await withRights(ACTIONS, actions);
      const collation = { locale: 'en', strength: 2 };
      await root.db(collection.dbName).createCollection('sessions.users', { collation });
      expect(await startStore()).toEqual(expected);
    }
  });

  test('can do all that a store does', async () => {
    const { store, lines } = mongoStore({ collection: 'sessions', uri }, { indexes: 'ensure' });
    await store.start();
    const [first, second] = [storedSession(), storedSession()];
    for (const session of [first, second]) await store.insert(session);
    expect(await Promise.all([store.find(first.handle), store.find(second.handle)])).not.toContain(undefined);
    expect(await store.update(target(first.handle, 0), { unset: ['a'] })).toBe(true);
    expect(await store.remove(first.handle)).toBe(true);
    expect(await store.removeIfEmpty(target(second.handle, 0))).toBe(true);
    await store.stop();
    expect(lines).toEqual([]);
  });

  test.each(PLATFORMS)(
    'logs in, renews, changes atomically and logs out over HTTP, on %s',
    async (platform: Platform) => {
      const world = await startWorld(platform, { collection: 'sessions', uri, renewAfter: '1h', idleTimeout: '2h' });
      const browser = await world.browserOf('ann');
      await world.visit(browser, ({ session }) => session.increment('n'));
      await world.visit(browser, ({ session }) => session.login('ann', { keep: ['n'] }));
      world.clock.advance(3_600_000);
      await world.visit(browser);
      await world.visit(browser);
      expect(await world.dataOf(browser)).toEqual({ n: 1 });
      expect((await world.visit(browser, ({ session }) => session.logout())).status).toBe(200);
      expect(await world.isAlive(browser)).toBe(false);
      expect(await present()).toEqual([TTL, USER]);
      expect(world.app.log.lines.filter((line) => !line.includes('clock'))).toEqual([]);
    },
  );
});
