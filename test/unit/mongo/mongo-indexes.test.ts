import type mongoose from 'mongoose';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { createToken } from '../../../lib/core/token/session-token.js';
import { failCommand, testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { storedSession } from '../../../lib/testing/contract/stored-sessions.js';

const { client, db } = testDatabase();

let clear: (() => Promise<void>) | undefined;
afterEach(async () => {
  await clear?.();
  clear = undefined;
});

let count = 0;
const newCollection = () => db.collection(`sessions ${count++} "quoted"`);

const start = async (collection: mongoose.mongo.Collection, indexes: 'ensure' | 'check' | 'off' = 'ensure') => {
  const { store, lines } = mongoStore({ collection }, { indexes });
  await store.start();
  return lines;
};
/** Key, name and whatever else counts of each index but that on _id. */
const indexesOf = async (collection: mongoose.mongo.Collection) =>
  (await collection.indexes()).slice(1).map(({ v: _, ...index }) => index);

const TTL = { key: { expiresAt: 1 }, name: 'expiresAt_1', expireAfterSeconds: 3600 };
const USER = { key: { userId: 1 }, name: 'userId_1', sparse: true };

/** Runs a command out of a message, as a person would in mongosh. */
const runInShell = async (command: string) => {
  for (const call of command.split('; ')) {
    const collectionCall = /^db\.getCollection\((".*?[^\\]")\)\.(createIndex|dropIndex|deleteMany)\((.*)\)$/.exec(call);
    if (collectionCall) {
      const [, name, method, given] = collectionCall;
      const collection = db.collection(JSON.parse(name!) as string);
      const parameters = JSON.parse(`[${given}]`) as [string, object];
      await (method === 'dropIndex' ? collection.dropIndex(parameters[0]) : collection.createIndex(...parameters));
    } else {
      const [, body] = /^db\.runCommand\((.*)\)$/.exec(call)!;
      await db.command(JSON.parse(body!) as mongoose.mongo.Document);
    }
  }
};
const commandIn = (line: string) => line.split('Run: ')[1]!;

describe("indexes: 'ensure'", () => {
  test('creates both on a new collection, in silence, and once more does nothing', async () => {
    const collection = newCollection();
    expect(await start(collection)).toEqual([]);
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
    expect(await start(collection)).toEqual([]);
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
  });

  test('of several apps that start at once creates them too', async () => {
    const collection = newCollection();
    const lines = await Promise.all(Array.from({ length: 8 }, () => start(collection)));
    expect(lines.flat()).toEqual([]);
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
  });

  test.each([
    ['of another name', { expiresAt: 1 }, { name: 'mine', expireAfterSeconds: 3600 }],
    ['that descends', { expiresAt: -1 }, { expireAfterSeconds: 3600 }],
  ] as const)('is content with a TTL index %s', async (_, key, options) => {
    const collection = newCollection();
    await collection.createIndex(key, options);
    expect(await start(collection)).toEqual([]);
    expect(await indexesOf(collection)).toHaveLength(2);
  });

  test('is content with any whole index on userId', async () => {
    const collection = newCollection();
    await collection.createIndex({ userId: 1 }, { name: 'users' });
    expect(await start(collection)).toEqual([]);
    expect(await indexesOf(collection)).toEqual([{ key: { userId: 1 }, name: 'users' }, TTL]);
  });

  test.each([
    ['without slack (conflict 85)', { expireAfterSeconds: 0 }, 'has expireAfterSeconds 0 instead of 3600'],
    ['without TTL (conflict 85)', {}, 'has no TTL'],
    ['with another name and time', { name: 'mine', expireAfterSeconds: 60 }, 'The index "mine"'],
  ])('converts an index on expiresAt %s, and says so', async (_, options, words) => {
    const collection = newCollection();
    await collection.createIndex({ expiresAt: 1 }, options);
    const lines = await start(collection);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(words);
    expect(lines[0]).toContain('converted');
    expect(await indexesOf(collection)).toEqual([
      { ...TTL, name: 'expiresAt_1', ...('name' in options && { name: 'mine' }) },
      USER,
    ]);
    expect(await start(collection)).toEqual([]);
  });

  test('takes another name when an index on something else has its own (conflict 86)', async () => {
    const collection = newCollection();
    await collection.createIndex({ other: 1 }, { name: 'expiresAt_1' });
    await collection.createIndex({ userId: 1 }, { name: 'userId_1', partialFilterExpression: { userId: 'root' } });
    expect(await start(collection)).toEqual([]);
    expect((await indexesOf(collection)).slice(2)).toEqual([
      { ...TTL, name: 'session_expiresAt' },
      { ...USER, name: 'session_userId' },
    ]);
    expect(await start(collection)).toEqual([]);
  });

  test('makes one beside a compound and a partial index, which do not serve', async () => {
    const collection = newCollection();
    await collection.createIndex({ expiresAt: 1, userId: 1 });
    await collection.createIndex({ expiresAt: -1 }, { partialFilterExpression: { epoch: { $gt: 5 } } });
    await collection.createIndex({ userId: 'hashed' });
    expect(await start(collection)).toEqual([]);
    expect(await indexesOf(collection)).toEqual(expect.arrayContaining([TTL, USER]));
  });

  test('reports a conversion that the server refuses, with the command that mends it', async () => {
    const collection = newCollection();
    await collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 60 });
    clear = await failCommand(client, { failCommands: ['collMod'], errorCode: 72 });
    const lines = await start(collection);
    await clear();

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('could not be mended');
    await runInShell(commandIn(lines[0]!));
    expect(await indexesOf(collection)).toEqual(expect.arrayContaining([TTL, USER]));
  });

  test('reports missing rights once for each index, with the commands', async () => {
    const collection = newCollection();
    clear = await failCommand(client, { failCommands: ['createIndexes'], errorCode: 13 });
    const lines = await start(collection);
    await clear();

    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/no index on expiresAt.*no right/);
    expect(lines[1]).toMatch(/no index on userId.*no right/);
    for (const line of lines) await runInShell(commandIn(line));
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
  });

  test('creates them all the same when it may not list them, in silence, and once more does nothing', async () => {
    const collection = newCollection();
    clear = await failCommand(client, { failCommands: ['listIndexes'], errorCode: 13 });
    expect(await start(collection)).toEqual([]);
    expect(await start(collection)).toEqual([]);
    await clear();
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
  });

  test('tells how to sweep on a server without TTL', async () => {
    clear = await failCommand(client, { failCommands: ['createIndexes'], errorCode: 238, mode: { times: 1 } });
    const lines = await start(newCollection());
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('has no TTL indexes');
    expect(lines[0]).toMatch(/db\.getCollection\(.*\)\.deleteMany\(\{"expiresAt":\{"\$lt":new Date\(\)\}\}\)$/);
  });

  test.each(['listIndexes', 'createIndexes'])('is made up for when the server goes away during %s', async (command) => {
    const collection = newCollection();
    const { store, lines } = mongoStore({ collection }, { indexes: 'ensure' });
    clear = await failCommand(client, { failCommands: [command], closeConnection: true });
    await store.start();
    await clear();
    expect(await indexesOf(collection).catch(() => [])).toEqual([]);

    await store.find(createToken(0).handle);

    await vi.waitFor(async () => expect(await indexesOf(collection)).toEqual([TTL, USER]), { timeout: 10_000 });
    expect(lines).toEqual([]);
  });
});

describe("indexes: 'check'", () => {
  test('reports what is missing, with commands that mend it, and changes nothing', async () => {
    const collection = newCollection();
    await collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 60 });
    const lines = await start(collection, 'check');
    expect(lines).toHaveLength(2);
    expect(await indexesOf(collection)).toEqual([{ ...TTL, expireAfterSeconds: 60 }]);

    for (const line of lines) await runInShell(commandIn(line));

    expect(await start(collection, 'check')).toEqual([]);
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
  });

  test('reports once when it may not list them, with the commands', async () => {
    const collection = newCollection();
    clear = await failCommand(client, { failCommands: ['listIndexes'], errorCode: 13 });
    const lines = await start(collection, 'check');
    await clear();

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/can't be listed.*no right/);
    await runInShell(lines[0]!.split(': db.getC')[1]!.replace(/^/, 'db.getC'));
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
  });

  test('reports both on a new collection', async () => {
    const lines = await start(newCollection(), 'check');
    expect(lines).toHaveLength(2);
  });
});

describe("indexes: 'off'", () => {
  test('neither looks nor creates', async () => {
    const collection = newCollection();
    clear = await failCommand(client, { failCommands: ['listIndexes', 'createIndexes'], errorCode: 13 });
    expect(await start(collection, 'off')).toEqual([]);
    await clear();
    await collection.insertOne({});
    expect(await indexesOf(collection)).toEqual([]);
  });
});

// The servers that the tests start look every second, others once a minute.
test.skipIf(inject('mongo').kind === 'uri')('expired sessions go, also by an index that was converted', async () => {
  const collection = newCollection();
  await collection.createIndex({ expiresAt: 1 });
  const { store } = mongoStore({ collection }, { indexes: 'ensure' });
  const [past, future] = [storedSession({ expiresAt: 1000 }), storedSession()];
  await store.insert(past);
  await store.insert(future);
  await store.start();
  await vi.waitFor(async () => expect(await store.find(past.handle)).toBeUndefined(), {
    timeout: 20_000,
    interval: 200,
  });
  expect(await store.find(future.handle)).toBeDefined();
});

test("the model's syncIndexes() keeps them", async () => {
  const collection = newCollection();
  const { store, model } = mongoStore({ collection }, { indexes: 'ensure' });
  await store.start();
  expect(await model.syncIndexes()).toEqual([]);
  expect(await indexesOf(collection)).toEqual([TTL, USER]);
});
