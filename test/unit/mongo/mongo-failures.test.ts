import mongoose from 'mongoose';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import type { SessionStore, StoredSession } from '../../../lib/core/store/session-store.interface.js';
import { type FailCommand, failCommand, testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, secretChange, storedSession, target } from '../../../lib/testing/contract/stored-sessions.js';

const { client, name, uri } = testDatabase();
// With a single connection, one that is not given back shows.
const subject = new mongoose.mongo.MongoClient(uri, { maxPoolSize: 1 });
afterAll(() => subject.close());

const source = { client: subject, collection: 'sessions' };
const { store } = mongoStore(source);

let clear: (() => Promise<void>) | undefined;
afterEach(async () => {
  await clear?.();
  clear = undefined;
});
const fail = async (data: FailCommand) => {
  clear = await failCommand(client, data);
};
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

const COMMANDS = ['find', 'insert', 'update', 'delete'];
const times = { lastSeenAt: 1, expiresAt: 2 };
const CALLS: [string, (store: SessionStore, session: StoredSession) => Promise<unknown>][] = [
  ['find', (it, { handle }) => it.find(handle)],
  ['insert', (it) => it.insert(storedSession())],
  ['update', (it, { handle }) => it.update(target(handle, 0), { set: pack({ a: 1 }), times })],
  ['replaceSecret', (it, { handle }) => it.replaceSecret(target(handle, 0), secretChange())],
  ['replaceSecret', (it, { handle }) => it.replaceSecret(target(handle, 0), secretChange({ keep: ['a'] }))],
  ['removeIfEmpty', (it, { handle }) => it.removeIfEmpty(target(handle, 0))],
  ['remove', (it, { handle }) => it.remove(handle)],
];

describe.each(CALLS)('%s', (action, call) => {
  test('ends at its deadline', async () => {
    const session = storedSession();
    await store.insert(session);
    const hasty = mongoStore(source, { timeoutMs: 100 }).store;
    // Without a deadline the answer would come, late but well. (The end of a failpoint waits for those that it blocks.)
    await fail({ failCommands: COMMANDS, blockConnection: true, blockTimeMS: 600, mode: { times: 1 } });

    const error = await errorOf(call(hasty, session));

    expect(error).toMatchObject({ name: 'SessionError', code: 'SESSION_STORE_UNAVAILABLE', httpStatus: 503 });
    expect((error as Error).message).toContain(`within 100 ms (${action})`);
  });

  test('says UNAVAILABLE when the connection breaks, twice, and works again afterwards', async () => {
    const session = storedSession({ values: { a: 1 } });
    await store.insert(session);
    await fail({ failCommands: COMMANDS, closeConnection: true });

    const error = await errorOf(call(store, session));

    expect(error).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', cause: { name: 'MongoNetworkError' } });
    await clear?.();
    expect(await errorOf(call(store, session))).toBeUndefined();
  });

  test('survives a connection that breaks once', async () => {
    const session = storedSession({ values: { a: 1 } });
    await store.insert(session);
    await fail({ failCommands: COMMANDS, closeConnection: true, mode: { times: 1 } });
    expect(await errorOf(call(store, session))).toBeUndefined();
  });

  test('says FAILED when the server refuses', async () => {
    await fail({ failCommands: COMMANDS, errorCode: 13 });
    const error = await errorOf(call(store, storedSession()));
    expect(error).toMatchObject({ code: 'SESSION_STORE_FAILED', httpStatus: 503, cause: { code: 13 } });
    expect((error as Error).message).toContain(`MongoServerError 13 (${action})`);
  });
});

test.each(['find', 'update'])('%s gives its connection back at the deadline', async (action) => {
  const [, call] = CALLS.find(([each]) => each === action)!;
  const patience = (timeoutMs: number) => mongoStore(source, { timeoutMs }).store;
  await fail({ failCommands: COMMANDS, blockConnection: true, blockTimeMS: 4000, mode: { times: 1 } });

  expect(await errorOf(call(patience(100), storedSession()))).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });

  // The server still has the first one, and there is no second connection to wait for.
  expect(await errorOf(patience(3000).find(storedSession().handle))).toBeUndefined();
});

test('stop() of a store with a uri waits for a silent server until the deadline', async () => {
  const { store: own } = mongoStore({ collection: 'sessions', uri }, { timeoutMs: 100 });
  await own.insert(storedSession());
  const close = vi.spyOn(mongoose.mongo.MongoClient.prototype, 'close').mockReturnValue(new Promise(() => {}));
  await own.stop();
  expect(close).toHaveBeenCalledOnce();
  close.mockRestore();
  await own.stop();
}, 5000);

describe('a write', () => {
  test('that no majority has confirmed in time is UNAVAILABLE', async () => {
    await fail({
      failCommands: COMMANDS,
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    });
    expect(await errorOf(store.insert(storedSession()))).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
  });

  test('fails alone', async () => {
    const [good, bad] = [storedSession(), storedSession()];
    await store.insert(bad);
    const results = await Promise.allSettled([store.insert(bad), store.insert(good), store.insert(storedSession())]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  test('against a unique index of the app says so, and keeps the value to itself', async () => {
    const unique = client.db(name).collection('unique');
    await unique.createIndex({ 'data.email': 1 }, { unique: true });
    const { store: strict } = mongoStore({ collection: unique });
    await strict.insert(storedSession({ values: { email: 'ada@example.com' } }));

    const error = await errorOf(strict.insert(storedSession({ values: { email: 'ada@example.com' } })));

    expect(error).toMatchObject({ code: 'SESSION_STORE_FAILED', cause: { code: 11000 } });
    expect((error as Error).message).toContain('unique index');
    expect((error as Error).message).not.toContain('ada');
  });
});

describe('start', () => {
  test('with failFast rejects when the server refuses', async () => {
    await fail({ failCommands: ['find'], errorCode: 13 });
    const { store: strict, lines } = mongoStore(source, { failFast: true });
    expect(await errorOf(strict.start())).toMatchObject({ code: 'SESSION_STORE_FAILED' });
    expect(lines).toEqual([]);
  });

  test('without failFast reports it once', async () => {
    await fail({ failCommands: ['find'], errorCode: 13 });
    const { store: patient, lines } = mongoStore(source, { indexes: 'ensure' });
    await patient.start();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^warn: .*MongoServerError 13/);
  });

  test('waits for indexes no longer than the deadline', async () => {
    await fail({ failCommands: ['createIndexes'], blockConnection: true, blockTimeMS: 3000, mode: { times: 1 } });
    const { store: patient, lines } = mongoStore(
      { client, collection: 'many sessions' },
      { indexes: 'ensure', timeoutMs: 300, failFast: true },
    );
    await patient.start();
    expect(await errorOf(patient.find(storedSession().handle))).toBeUndefined();
    expect(lines).toEqual([]);
    await patient.stop();
  });
});
