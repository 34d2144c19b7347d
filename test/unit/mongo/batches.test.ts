// Hundreds of calls at once, some of which MongoDB refuses or never answers: each fails alone, and in its own time.
import mongoose from 'mongoose';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { SessionStore, StoredSession } from '../../../lib/core/store/session-store.interface.js';
import { proxyTo } from '../../support/fault-proxy/proxy-to.js';
import { failCommand, testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { newHash, pack, secretChange, storedSession, unpack } from '../../../lib/testing/contract/stored-sessions.js';
import { target } from '../../../lib/testing/contract/stored-sessions.js';

const MANY = 150;
const UNAVAILABLE = 'SESSION_STORE_UNAVAILABLE';
const FAILED = 'SESSION_STORE_FAILED';

const database = testDatabase();
const { client, db } = database;
const { store } = mongoStore({ client, collection: 'sessions' });

async function begin(count: number, values: (index: number) => Record<string, unknown> = () => ({})) {
  const sessions = Array.from({ length: count }, (_, index) => storedSession({ values: values(index) }));
  await Promise.all(sessions.map((session) => store.insert(session)));
  return sessions;
}

/** What each has resolved with, or the code of its error. */
async function results(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as { code: string }).code));
}

const valuesOf = async ({ handle }: StoredSession) => unpack(await store.find(handle));
const update = ({ handle }: StoredSession, values: Record<string, unknown>) =>
  store.update(target(handle, 0), { set: pack(values) });

describe('updates that are made together', () => {
  test('of one session in one command keep their order', async () => {
    const [session] = await begin(1);
    const all = Array.from({ length: 30 }, (_, n) => update(session!, { last: n, [`key ${n}`]: n }));
    expect(new Set(await results(all))).toEqual(new Set([true]));
    const values = (await valuesOf(session!))!;
    expect([values['last'], Object.keys(values).length]).toEqual([29, 31]);
  });

  test('of one session in several commands are all written', async () => {
    const [session] = await begin(1);
    const all = Array.from({ length: MANY }, (_, n) => update(session!, { [`key ${n}`]: n }));
    expect(new Set(await results(all))).toEqual(new Set([true]));
    expect(Object.keys((await valuesOf(session!))!)).toHaveLength(MANY);
  });

  const KIB_16 = 'x'.repeat(16 * 1024);
  const MIB_16 = 'x'.repeat(16 * 1024 * 1024 - 10_000);
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['with a name that the server refuses', {}, { 'a.': 1 }],
    ['with names that are in each other’s way', {}, { a: 1, 'a.b': 2 }],
    ['of a session that has no room for it', { large: MIB_16 }, { more: KIB_16 }],
    ['that is too large for any document', {}, { large: `${MIB_16}${KIB_16}` }],
  ])('and one %s: that one fails, the others are written', async (_, before, refused) => {
    const BAD = 77;
    const sessions = await begin(MANY, (n) => (n === BAD ? before : {}));
    const told = await results(sessions.map((session, n) => update(session, n === BAD ? refused : { n })));
    expect(told).toEqual(sessions.map((_session, n) => (n === BAD ? FAILED : true)));
    const values = await Promise.all(sessions.filter((_session, n) => n !== BAD).map(valuesOf));
    expect(values).toEqual(sessions.map((_session, n) => ({ n })).filter(({ n }) => n !== BAD));
    expect(Object.keys((await valuesOf(sessions[BAD]!))!)).toEqual(Object.keys(before));
  });

  test('and against a unique index of the app: the second one fails, the others are written', async () => {
    const unique = db.collection('unique');
    await unique.createIndex({ 'data.email': 1 }, { unique: true, sparse: true });
    const { store: strict } = mongoStore({ collection: unique });
    const sessions = Array.from({ length: MANY }, () => storedSession());
    await Promise.all(sessions.map((session) => strict.insert(session)));
    const emailOf = (n: number) => ([30, 60].includes(n) ? 'ada@example.com' : `${n}@example.com`);

    const calls = sessions.map(({ handle }, n) =>
      strict.update(target(handle, 0), { set: pack({ email: emailOf(n) }) }),
    );
    const told = await results(calls);

    expect(new Set([told[30], told[60]])).toEqual(new Set([FAILED, true]));
    expect(told.filter((result) => result === true)).toHaveLength(MANY - 1);
    const failure = await calls[told[30] === true ? 60 : 30]!.catch((error: Error) => error);
    expect((failure as Error).message).not.toContain('ada');
  });

  test('and a document in a form that no session has: only its own is answered by it', async () => {
    const sessions = await begin(MANY, (n) => ({ n }));
    await db
      .collection('sessions')
      .updateOne({ _id: mongoose.mongo.ObjectId.createFromHexString(sessions[5]!.handle) }, { $set: { data: 'none' } });
    const told = await results(sessions.map((session) => valuesOf(session)));
    expect(told).toEqual(sessions.map((_, n) => (n === 5 ? undefined : { n })));
  });
});

describe('while MongoDB does not answer', () => {
  const TIMEOUT = 600;
  const GRACE = 300;
  const proxy = proxyTo(database, { maxPoolSize: '8', serverSelectionTimeoutMS: '5000' });
  let behind: mongoose.mongo.MongoClient;
  let hasty: SessionStore;
  beforeAll(async () => {
    await proxy.open();
    behind = new mongoose.mongo.MongoClient(proxy.uri);
    hasty = mongoStore({ client: behind, collection: 'sessions' }, { timeoutMs: TIMEOUT }).store;
  });
  afterAll(() => behind.close(true));
  afterEach(() => proxy.set(undefined));

  test('each call ends at its own deadline, and calls work again as soon as it does', async () => {
    const sessions = await begin(MANY);
    await Promise.all(sessions.slice(0, 8).map(({ handle }) => hasty.find(handle)));
    proxy.set({ kind: 'black-hole', commands: ['find', 'update', 'delete', 'insert'] });

    const early: number[] = [];
    const late: number[] = [];
    const calls = sessions.map(async ({ handle }, n) => {
      await new Promise((resolve) => setTimeout(resolve, (n % 5) * 60));
      const start = performance.now();
      // A machine that is busy is late with this one as well.
      let isDue = false;
      const grace = setTimeout(() => setTimeout(() => (isDue = true), GRACE), TIMEOUT);
      const call = [
        () => hasty.find(handle),
        () => hasty.update(target(handle, 0), { set: pack({ n }) }),
        () => hasty.replaceSecret(target(handle, 0), secretChange({ secretHash: newHash() })),
        () => hasty.remove(handle),
      ][n % 4]!;
      try {
        return await call();
      } finally {
        const elapsed = performance.now() - start;
        if (elapsed < TIMEOUT - 20) early.push(elapsed);
        if (isDue) late.push(elapsed);
        clearTimeout(grace);
      }
    });
    expect(new Set(await results(calls))).toEqual(new Set([UNAVAILABLE]));
    expect({ early, late }).toEqual({ early: [], late: [] });

    proxy.set(undefined);
    // Others, for of these nobody can tell whether the server got it in the last moment.
    const others = await begin(MANY);
    await expect
      .poll(async () => results(others.map(({ handle }, n) => hasty.update(target(handle, 0), { set: pack({ n }) }))), {
        timeout: 10_000,
      })
      .toEqual(others.map(() => true));
    expect(await Promise.all(others.map(valuesOf))).toEqual(others.map((_, n) => ({ n })));
    // Two more listen and measure.
    expect(proxy.connections).toBeLessThanOrEqual(8 + 2);
  });

  test('to one command: what is asked for later does not wait for it', async () => {
    const sessions = await begin(MANY, (n) => ({ n }));
    proxy.set({ kind: 'black-hole', commands: ['find'], times: 1 });
    const lost = results(sessions.slice(0, 4).map(({ handle }) => hasty.find(handle)));
    await expect.poll(() => proxy.strikes, { interval: 5 }).toBe(1);
    const start = performance.now();
    const found = await results(sessions.slice(4).map(async ({ handle }) => unpack(await hasty.find(handle))));
    expect(found).toEqual(sessions.slice(4).map((_, n) => ({ n: n + 4 })));
    expect(performance.now() - start).toBeLessThan(TIMEOUT);
    // What shared a silent connection is asked for once more.
    expect(new Set((await lost).map((each) => typeof each))).toEqual(new Set(['object']));
  });

  test.runIf(inject('mongo').failpoints)(
    'A5: but refuses one command: what was in it is sent again, each by itself, and all is written',
    async () => {
      const sessions = await begin(MANY, (n) => ({ n }));
      const end = await failCommand(client, { failCommands: ['update'], errorCode: 13, mode: { times: 1 } });
      try {
        const told = await results(sessions.map((session, n) => update(session, { n: -n })));
        expect(new Set(told)).toEqual(new Set([true]));
        expect(await Promise.all(sessions.map(valuesOf))).toEqual(sessions.map((_, n) => ({ n: -n })));
      } finally {
        await end();
      }
    },
  );

  test.runIf(inject('mongo').failpoints)(
    'but refuses every command: nothing is written, and nothing fails after it',
    async () => {
      const sessions = await begin(MANY, (n) => ({ n }));
      const end = await failCommand(client, { failCommands: ['update'], errorCode: 13 });
      try {
        const told = await results(sessions.map((session, n) => update(session, { n: -n })));
        expect(new Set(told)).toEqual(new Set([FAILED]));
      } finally {
        await end();
      }
      const told = await results(sessions.map((session) => update(session, { again: 1 })));
      expect(new Set(told)).toEqual(new Set([true]));
      expect(await Promise.all(sessions.map(valuesOf))).toEqual(sessions.map((_, n) => ({ n, again: 1 })));
    },
  );
});
