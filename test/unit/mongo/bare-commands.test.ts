// The commands that requests wait for, as the server gets them: what they ask for, when they are tried again, and what becomes of what the
// driver lends for them.
import mongoose from 'mongoose';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { BareCommands } from '../../../lib/mongo/commands/bare-commands.js';
import type { SessionCollection } from '../../../lib/mongo/documents/session-document.interface.js';
import { start } from '../../../tools/mongo-server.mjs';
import { proxyTo } from '../../support/fault-proxy/proxy-to.js';
import { failCommand, testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, storedSession, unpack, target } from '../../../lib/testing/contract/stored-sessions.js';

const database = testDatabase();
const { client, name, uri } = database;
// A server that is alone is one of this file's own, also in a run that is given one.
const { MONGODB_URI: _given, ...env } = process.env;
const proxy = proxyTo(database, { serverSelectionTimeoutMS: '5000' });

let clear: (() => Promise<void>) | undefined;
afterEach(async () => {
  await clear?.();
  clear = undefined;
});

function connect(options: mongoose.mongo.MongoClientOptions = {}, to = uri) {
  // A server that has failed is looked at again soon: now and then the driver waits for its next heartbeat.
  const own = new mongoose.mongo.MongoClient(to, { monitorCommands: true, heartbeatFrequencyMS: 500, ...options });
  onTestFinished(() => own.close());
  const finds: mongoose.mongo.CommandStartedEvent[] = [];
  const updates: mongoose.mongo.Document[] = [];
  own.on('commandStarted', (event) => {
    if (event.commandName === 'find') finds.push(event);
    if (event.commandName === 'update') updates.push(event.command);
  });
  const sessions = vi.spyOn(own, 'startSession');
  const { store } = mongoStore({ client: own, dbName: name, collection: 'sessions' }, { timeoutMs: 2000 });
  /** Sessions of the driver that were started for commands of ours, but for those that the driver itself starts. */
  const lent = () =>
    sessions.mock.results
      .filter((_, index) => sessions.mock.calls[index]?.[0]?.causalConsistency === false)
      .map(({ value }) => value as mongoose.mongo.ClientSession);
  return { own, store, finds, updates, lent };
}

async function stored(store: ReturnType<typeof connect>['store']) {
  const session = storedSession();
  await store.insert(session);
  return session;
}

describe('a session read alone', () => {
  test('is asked of the primary, for its one document, within the time', async () => {
    const { store, finds } = connect({ readPreference: 'secondaryPreferred', readConcern: { level: 'majority' } });
    const session = await stored(store);
    expect(await store.find(session.handle)).toEqual(session);
    expect(finds).toHaveLength(1);
    const { lsid, $clusterTime, ...command } = finds[0]!.command as Record<string, unknown>;
    expect([lsid, $clusterTime].every(Boolean)).toBe(true);
    expect(command).toEqual({
      ...{ find: 'sessions', filter: { _id: new mongoose.mongo.ObjectId(session.handle) }, batchSize: 2 },
      ...{ maxTimeMS: 2000, readConcern: { level: 'local' }, $db: name },
    });
  });

  test('is undefined when there is none', async () => {
    const { store } = connect();
    expect(await store.find(storedSession().handle)).toBeUndefined();
  });

  test.each([
    ['once where the driver may', true, 2],
    ['not where the app forbids it', false, 1],
  ])('is tried again %s', async (_when, retryReads, tries) => {
    const { store, finds } = connect({ retryReads });
    const session = await stored(store);
    clear = await failCommand(client, { failCommands: ['find'], errorCode: 11_600 });
    await expect(store.find(session.handle)).rejects.toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    expect(finds).toHaveLength(tries);
  });

  test('is answered by the second try', async () => {
    const { store, finds } = connect();
    const session = await stored(store);
    clear = await failCommand(client, { failCommands: ['find'], closeConnection: true, mode: { times: 1 } });
    expect(await store.find(session.handle)).toEqual(session);
    expect(finds).toHaveLength(2);
  });
});

describe('sessions read together', () => {
  test('that do not fit into one answer are all read, and nothing of it stays open on the server', async () => {
    const { store, finds } = connect();
    const text = 'x'.repeat(6 * 1024 * 1024);
    const sessions = [0, 1, 2, 3].map((n) => storedSession({ values: { n, text } }));
    for (const session of sessions) await store.insert(session);
    const { handle: unknown } = storedSession();
    const found = await Promise.all([...sessions.map(({ handle }) => store.find(handle)), store.find(unknown)]);
    expect(found.map((session) => unpack(session)?.['n'])).toEqual([0, 1, 2, 3, undefined]);
    // What the first answer had no room for, and what there is not.
    expect(finds.length).toBeGreaterThan(2);
    const idle = [{ $currentOp: { idleCursors: true } }, { $match: { type: 'idleCursor', ns: `${name}.sessions` } }];
    expect(await client.db('admin').aggregate(idle).toArray()).toEqual([]);
  });
});

describe('an update', () => {
  const change = { set: pack({ color: 'green' }) };
  const statement = (handle: string) => ({
    q: { _id: new mongoose.mongo.ObjectId(handle), epoch: 0, expiresAt: { $gt: new Date(target(handle).now) } },
    u: { $set: { 'data.color': 'green' } },
  });

  test('has the deadline, the number of its try, and is acknowledged by a majority', async () => {
    const { store, updates } = connect();
    const { handle } = await stored(store);
    expect(await store.update(target(handle, 0), change)).toBe(true);
    const { lsid, $clusterTime, txnNumber, ...command } = updates[0]!;
    expect([lsid, $clusterTime].every(Boolean)).toBe(true);
    expect(Number(txnNumber)).toBeGreaterThan(0);
    expect(command).toEqual({
      ...{ update: 'sessions', updates: [statement(handle)], ordered: false },
      ...{ maxTimeMS: 2000, writeConcern: { w: 'majority' }, $db: name },
    });
  });

  test('is acknowledged as the app has chosen', async () => {
    const { store, updates } = connect({ writeConcern: { w: 1, journal: true, wtimeoutMS: 700 } });
    await store.update(target((await stored(store)).handle, 0), change);
    expect(updates[0]!['writeConcern']).toEqual({ w: 1, j: true, wtimeout: 700 });
  });

  test.each([
    ['once where the driver may', true, 2],
    ['not where the app forbids it', false, 1],
  ])('is tried again %s', async (_when, retryWrites, tries) => {
    const { store, updates } = connect({ retryWrites });
    const { handle } = await stored(store);
    clear = await failCommand(client, { failCommands: ['update'], errorCode: 11_600 });
    await expect(store.update(target(handle, 0), change)).rejects.toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    expect(updates).toHaveLength(tries);
    expect(updates.map(({ txnNumber }) => txnNumber !== undefined)).toEqual(updates.map(() => retryWrites));
    expect(new Set(updates.map(({ txnNumber }) => String(txnNumber))).size).toBe(1);
  });

  test('is not tried again where that mends nothing', async () => {
    const { store, updates } = connect();
    const { handle } = await stored(store);
    clear = await failCommand(client, { failCommands: ['update'], errorCode: 13 });
    await expect(store.update(target(handle, 0), change)).rejects.toMatchObject({ code: 'SESSION_STORE_FAILED' });
    expect(updates).toHaveLength(1);
  });

  test('whose answer is lost is told again and done once', async () => {
    await proxy.open();
    const { own, updates } = connect({}, proxy.uri);
    const _id = new mongoose.mongo.ObjectId();
    const numbers = own.db(name).collection<{ n: number }>('numbers');
    await numbers.insertOne({ _id, n: 0 });
    proxy.set({ kind: 'cut-after', commands: ['update'], times: 1 });
    const commands = new BareCommands();
    const limits = { signal: new AbortController().signal, maxTimeMS: 2000 };
    const collection = numbers as unknown as SessionCollection;
    const once = { q: { _id }, u: { $inc: { n: 1 } } };
    expect(await commands.update(collection, limits, [once])).toEqual({ found: 1, failures: new Map() });
    expect([proxy.strikes, updates.length]).toEqual([1, 2]);
    expect(await numbers.findOne({ _id })).toEqual({ _id, n: 1 });
    // The next one has a number of its own.
    await commands.update(collection, limits, [once]);
    expect(await numbers.findOne({ _id })).toEqual({ _id, n: 2 });
    await commands.stop();
  });

  test('of a server that is alone has no number, for such a server refuses it', async () => {
    const server = await start({ alone: true, env, log: () => {} });
    onTestFinished(() => server.stop());
    const { store, updates } = connect({}, server.uri);
    const { handle } = await stored(store);
    const told = [
      await store.update(target(handle, 0), change),
      await store.update(target(handle, 0), { set: pack({ size: 7 }) }),
    ];
    expect(told).toEqual([true, true]);
    expect(unpack(await store.find(handle))).toMatchObject({ color: 'green', size: 7 });
    expect(updates.map(({ txnNumber }) => txnNumber !== undefined)).toEqual([true, false, false]);
  });
});

describe("the driver's own session", () => {
  /** Two reads that share a command. */
  const findBoth = (store: ReturnType<typeof connect>['store'], sessions: Awaited<ReturnType<typeof stored>>[]) =>
    Promise.all(sessions.map(({ handle }) => store.find(handle)));

  test('serves one shared read after the other', async () => {
    const { store, lent } = connect();
    const both = [await stored(store), await stored(store)];
    for (let round = 0; round < 20; round++) await findBoth(store, both);
    expect(lent()).toHaveLength(1);
  });

  test('is none that has failed', async () => {
    const { store, lent } = connect();
    const both = [await stored(store), await stored(store)];
    await findBoth(store, both);
    clear = await failCommand(client, { failCommands: ['find'], errorCode: 11_600, mode: { times: 1 } });
    expect(await findBoth(store, both)).toEqual(both);
    expect(lent().map(({ hasEnded }) => hasEnded)).toEqual([true]);
  });

  test('is given back when the store stops', async () => {
    const { store, lent } = connect();
    await findBoth(store, [await stored(store), await stored(store)]);
    expect(lent().map(({ hasEnded }) => hasEnded)).toEqual([false]);
    await store.stop();
    expect(lent().map(({ hasEnded }) => hasEnded)).toEqual([true]);
  });

  test('is another one after the client was closed and opened again', async () => {
    const { own, store, lent } = connect();
    const both = [await stored(store), await stored(store)];
    await findBoth(store, both);
    await own.close();
    await own.connect();
    expect(await findBoth(store, both)).toEqual(both);
    expect(lent().map(({ hasEnded }) => hasEnded)).toEqual([true, false]);
  });
});
