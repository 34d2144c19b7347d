// One session that is asked for alone: how it is asked for, and what becomes of what the driver lends for it.
import mongoose from 'mongoose';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { failCommand, testDatabase } from '../support/mongo.js';
import { mongoStore } from './support/mongo-store.js';
import { storedSession } from './support/stored-sessions.js';

const { client, name, uri } = testDatabase();

let clear: (() => Promise<void>) | undefined;
afterEach(async () => {
  await clear?.();
  clear = undefined;
});

function connect(options: mongoose.mongo.MongoClientOptions = {}) {
  const own = new mongoose.mongo.MongoClient(uri, { monitorCommands: true, ...options });
  onTestFinished(() => own.close());
  const finds: mongoose.mongo.CommandStartedEvent[] = [];
  own.on('commandStarted', (event) => {
    if (event.commandName === 'find') finds.push(event);
  });
  const sessions = vi.spyOn(own, 'startSession');
  const { store } = mongoStore({ client: own, dbName: name, collection: 'sessions' }, { timeoutMs: 2000 });
  /** Sessions of the driver that were started for commands of ours, but for those that the driver itself starts. */
  const lent = () =>
    sessions.mock.results
      .filter((_, index) => sessions.mock.calls[index]?.[0]?.causalConsistency === false)
      .map(({ value }) => value as mongoose.mongo.ClientSession);
  return { own, store, finds, lent };
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
      ...{ find: 'sessions', filter: { _id: new mongoose.mongo.ObjectId(session.handle) }, limit: 1 },
      ...{ singleBatch: true, maxTimeMS: 2000, readConcern: { level: 'local' }, $db: name },
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

describe("the driver's own session", () => {
  test('serves one read after the other', async () => {
    const { store, lent } = connect();
    const { handle } = await stored(store);
    for (let round = 0; round < 20; round++) await store.find(handle);
    expect(lent()).toHaveLength(1);
  });

  test('is none that has failed', async () => {
    const { store, lent } = connect();
    const session = await stored(store);
    await store.find(session.handle);
    clear = await failCommand(client, { failCommands: ['find'], errorCode: 11_600, mode: { times: 1 } });
    expect(await store.find(session.handle)).toEqual(session);
    expect(lent().map(({ hasEnded }) => hasEnded)).toEqual([true, false]);
  });

  test('is given back when the store stops', async () => {
    const { store, lent } = connect();
    const { handle } = await stored(store);
    await store.find(handle);
    expect(lent().map(({ hasEnded }) => hasEnded)).toEqual([false]);
    await store.stop();
    expect(lent().map(({ hasEnded }) => hasEnded)).toEqual([true]);
  });

  test('is another one after the client was closed and opened again', async () => {
    const { own, store, lent } = connect();
    const session = await stored(store);
    await store.find(session.handle);
    await own.close();
    await own.connect();
    expect(await store.find(session.handle)).toEqual(session);
    expect(lent().map(({ hasEnded }) => hasEnded)).toEqual([true, false]);
  });
});
