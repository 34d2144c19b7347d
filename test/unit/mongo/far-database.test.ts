// A database that is far away, and connections that never answer: what a proxy makes of a real one.
import mongoose from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { StoredSession } from '../../../lib/core/store/session-store.interface.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, storedSession, target } from '../../../lib/testing/contract/stored-sessions.js';
import { proxyTo } from '../../support/fault-proxy/proxy-to.js';
import { testDatabase } from '../../support/mongo.js';

const database = testDatabase();
const proxy = proxyTo(database, { serverSelectionTimeoutMS: '30000', heartbeatFrequencyMS: '10000' });
beforeAll(() => proxy.open());
beforeEach(() => proxy.set(undefined));

const sessions = Array.from({ length: 64 }, () => storedSession());
const idOf = ({ handle }: StoredSession) => new mongoose.mongo.ObjectId(handle);
const near = mongoStore({ client: database.client, dbName: database.name, collection: 'sessions' }).store;
beforeAll(() => Promise.all(sessions.map((session) => near.insert(session))));
afterAll(() => near.stop());

async function connect(timeoutMs: number, options: mongoose.mongo.MongoClientOptions = {}) {
  const client = new mongoose.mongo.MongoClient(proxy.uri, options);
  onTestFinished(() => client.close(true));
  await client.connect();
  const { store } = mongoStore({ client, dbName: database.name, collection: 'sessions' }, { timeoutMs });
  return { client, store };
}

describe('A12: a database far away', () => {
  const VISITORS = 16;

  test.each([1, 10, 100, 400])('%i ms: a read takes little longer than a findOne() of its own', async (latency) => {
    const { client, store } = await connect(20_000);
    const collection = client.db(database.name).collection('sessions');
    const reads = sessions.slice(0, VISITORS);
    await Promise.all(reads.map((session) => collection.findOne({ _id: idOf(session) })));
    proxy.set({ kind: 'delay', ms: latency, commands: ['find'] });
    /** The median of what it takes, where requests come one after the other all the time. */
    const measure = async (read: (session: StoredSession) => Promise<unknown>) => {
      const times: number[] = [];
      const rounds = latency < 100 ? 20 : 5;
      const visit = async (session: StoredSession, index: number) => {
        await new Promise((resolve) => setTimeout(resolve, (index * latency) / VISITORS));
        for (let round = 0; round < rounds; round++) {
          const begin = performance.now();
          await read(session);
          times.push(performance.now() - begin);
        }
      };
      await Promise.all(reads.map(visit));
      return times.toSorted((a, b) => a - b)[times.length / 2]!;
    };
    const alone = await measure((session) => collection.findOne({ _id: idOf(session) }));
    const shared = await measure(({ handle }) => store.find(handle));
    expect(shared).toBeLessThan(1.1 * alone + 3);
  });

  test('a request does not wait for those that have left before it', async () => {
    const timeoutMs = 3000;
    const { client, store } = await connect(timeoutMs);
    const collection = client.db(database.name).collection('sessions');
    // As many connections as a client has that has been used a while.
    await Promise.all(sessions.slice(0, 20).map((session) => collection.findOne({ _id: idOf(session) })));
    proxy.set({ kind: 'delay', ms: timeoutMs * 0.7, commands: ['find', 'update'] });
    const calls = sessions.slice(0, 20).map(async ({ handle }, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 30));
      return index % 2 === 0 ? store.find(handle) : store.update(target(handle), { set: pack({ index }) });
    });
    const settled = await Promise.allSettled(calls);
    expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});

describe('A12: two of twenty connections that never answer', () => {
  test.each(['find', 'update'])('no %s fails for what it has shared with others', async (command) => {
    const { client, store } = await connect(4000, { minPoolSize: 20, maxPoolSize: 20 });
    const collection = client.db(database.name).collection('sessions');
    await Promise.all(sessions.map((session) => collection.findOne({ _id: idOf(session) })));
    proxy.set({ kind: 'black-hole', commands: [command], times: 2 });
    const calls: Promise<unknown>[] = [];
    for (let round = 0; round < 20; round++) {
      for (const { handle } of sessions)
        calls.push(command === 'find' ? store.find(handle) : store.update(target(handle), { set: pack({ round }) }));
      await new Promise(setImmediate);
    }
    const settled = await Promise.allSettled(calls);
    expect(proxy.strikes).toBe(2);
    expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  test('those that come one at a time are not held up', async () => {
    const { store } = await connect(8000, { maxPoolSize: 20 });
    for (const { handle } of sessions.slice(0, 20)) await store.find(handle);
    proxy.set({ kind: 'black-hole', commands: ['find'], times: 2 });
    const silent: Promise<unknown>[] = [];
    for (const { handle } of sessions.slice(0, 2)) {
      silent.push(store.find(handle).catch((error: Error) => error));
      await expect.poll(() => proxy.strikes, { interval: 5 }).toBe(silent.length);
    }
    const begin = performance.now();
    for (let round = 0; round < 50; round++) await store.find(sessions[round]!.handle);
    expect(performance.now() - begin).toBeLessThan(4000);
    proxy.set(undefined);
    await Promise.all(silent);
  });
});
