// What an app sees to in its collection while it runs: indexes, whatever becomes of the collection, and the clocks.
import mongoose from 'mongoose';
import { describe, expect, test, vi } from 'vitest';
import { MongoSessions, type SessionOptions } from '../../../lib/index.js';
import { PLATFORMS, type TestApp, testDatabase } from '../../support/http.js';
import { startWith, startWorld } from '../../support/world.js';

const { db, uri } = testDatabase();
/** `request.sessionStore`, as far as it is used here. */
interface FaceStore {
  length(callback: (error: unknown, length: number) => void): void;
}

const MINUTE = 60_000;
const system = { now: () => Date.now() };

let count = 0;
const newCollection = () => db.collection(`upkeep_${count++}`);

const TTL = { key: { expiresAt: 1 }, name: 'expiresAt_1', expireAfterSeconds: 3600 };
const USER = { key: { userId: 1 }, name: 'userId_1', sparse: true };
const indexesOf = async (collection: mongoose.mongo.Collection) =>
  (await collection.indexes().catch(() => [])).slice(1).map(({ v: _, ...index }) => index);

describe.each(PLATFORMS)('B26: a collection that is lost while the app runs, on %s', (platform) => {
  const LOSSES: [string, (collection: mongoose.mongo.Collection) => Promise<unknown>][] = [
    ['dropped', (collection) => collection.drop()],
    ['renamed', (collection) => collection.rename(`${collection.collectionName}_old`)],
    ['emptied of its indexes', (collection) => collection.dropIndexes()],
  ];
  test.each(LOSSES)('gets its indexes again with the next session, without a restart: %s', async (_, lose) => {
    const collection = newCollection();
    const world = await startWorld(platform, { collection: collection.collectionName, db, clock: system });
    await world.browserWith();
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
    for (let round = 0; round < 2; round++) {
      await lose(collection);
      await world.browserWith();
      await vi.waitFor(async () => expect(await indexesOf(collection)).toEqual([TTL, USER]), { timeout: 20_000 });
      if (await db.listCollections({ name: `${collection.collectionName}_old` }).hasNext())
        await db.collection(`${collection.collectionName}_old`).drop();
    }
    // This test may drop an index while the server is still building it.
    expect(world.app.log.lines.filter((line) => !line.includes('interrupted'))).toEqual([]);
  });

  test.each(['check', 'off'] as const)('is left alone with indexes: %s', async (indexes) => {
    const collection = newCollection();
    const options: SessionOptions = { collection: collection.collectionName, db, clock: system, indexes };
    const world = await startWorld(platform, options);
    await world.browserWith();
    const lines = world.app.log.lines.length;
    expect(lines).toBe(indexes === 'check' ? 2 : 0);
    expect(await indexesOf(collection)).toEqual([]);
  });
});

describe.each(PLATFORMS)('A21: clocks at the start, on %s', (platform) => {
  const start = async (ahead: number, given: SessionOptions = {}): Promise<TestApp> => {
    const clock = { now: () => Date.now() + ahead };
    return (await startWorld(platform, { collection: newCollection().collectionName, db, clock, ...given })).app;
  };

  test.each([
    [2 * MINUTE, 'ahead of', 'ensure'],
    [-2 * MINUTE, 'behind', 'ensure'],
    [-60 * MINUTE, 'behind', 'off'],
  ] as const)('%s ms from the server is one warning, with indexes: %3$s', async (ahead, words, indexes) => {
    const app = await start(ahead, { indexes });
    const lines = app.log.lines.filter((line) => line.includes('clock'));
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^This app's clock is \\d+ s ${words} MongoDB's`))]);
    const seconds = Number(/(\d+) s/.exec(lines[0]!)![1]);
    expect(Math.abs(seconds - Math.abs(ahead) / 1000)).toBeLessThan(30);
  });

  test.each([0, 10_000, -10_000])('%s ms from the server is none', async (ahead) => {
    expect((await start(ahead)).log.lines).toEqual([]);
  });

  test('a session of an app whose clock is behind by more than the idle time stays', async () => {
    const collection = newCollection();
    const clock = { now: () => Date.now() - 45 * MINUTE };
    const { world, browser } = await startWith(platform, { collection: collection.collectionName, db, clock });
    // The servers that the tests start remove what has expired every second: this document goes, so one round has passed.
    await collection.insertOne({ expiresAt: new Date(0) });
    await vi.waitFor(async () => expect(await collection.countDocuments({ expiresAt: new Date(0) })).toBe(0), {
      timeout: 90_000,
      interval: 100,
    });
    expect(await world.isAlive(browser)).toBe(true);
  }, 120_000);
});

describe.each(PLATFORMS)('B19: BSON options of the app, on %s', (platform) => {
  test.each([
    { promoteValues: false },
    { raw: true },
    { promoteLongs: false },
    { useBigInt64: true },
    { promoteBuffers: true, bsonRegExp: true, ignoreUndefined: true },
  ] as mongoose.mongo.MongoClientOptions[])('%j changes nothing about indexes and clocks', async (options) => {
    const client = new mongoose.mongo.MongoClient(uri, options);
    const collection = newCollection();
    const start = async () =>
      (await startWorld(platform, { collection: collection.collectionName, client, clock: system })).app.log.lines;
    expect(await start()).toEqual([]);
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
    expect(await start()).toEqual([]);
    await db.command({ collMod: collection.collectionName, index: { name: 'expiresAt_1', expireAfterSeconds: 60 } });
    expect(await start()).toEqual([expect.stringContaining('expireAfterSeconds 60 instead of 3600: converted')]);
    expect(await indexesOf(collection)).toEqual([TTL, USER]);
    await client.close();
  });

  test.each([{ promoteValues: false }, { raw: true }, { useBigInt64: true }] as mongoose.mongo.MongoClientOptions[])(
    "%j changes nothing about a user's sessions",
    async (options) => {
      const client = new mongoose.mongo.MongoClient(uri, options);
      const { collectionName } = newCollection();
      const settings: SessionOptions = { collection: collectionName, client, maxSessions: 2 };
      const world = await startWorld(platform, settings);
      for (let each = 0; each < 3; each++) await world.browserOf('ada');
      expect(await world.app.nest.get(MongoSessions).of('ada').list()).toHaveLength(2);
      const faced = await startWorld(platform, { ...settings, requestSession: 'express-session' });
      const length = await faced.ask(faced.client(), ({ request }) => {
        const { sessionStore } = request as unknown as { sessionStore: FaceStore };
        return new Promise((resolve) => {
          sessionStore.length((_, found) => resolve(found));
        });
      });
      expect(length).toBe(2);
      await client.close();
    },
  );
});
