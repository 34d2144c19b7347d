import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SourceOptions } from '../../../lib/core/options/resolved-options.interface.js';
import { loggedErrors } from '../../../lib/core/errors.js';
import { testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { proxyTo } from '../../support/fault-proxy/proxy-to.js';
import { pack, plain, storedSession, target } from '../../../lib/testing/contract/stored-sessions.js';

const database = testDatabase();
const proxy = proxyTo(database);
const { MongoClient } = mongoose.mongo;
const UNAVAILABLE = { code: 'SESSION_STORE_UNAVAILABLE', httpStatus: 503 };
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

interface Opened {
  readonly source: SourceOptions;
  close(): Promise<unknown>;
}

/** Each way to name a database, as an app would that starts before its database does: nobody waits for a connection. */
const SOURCES: [string, (uri: string) => Opened][] = [
  ['uri', (uri) => ({ source: { collection: 'sessions', uri }, close: async () => {} })],
  [
    'client',
    (uri) => {
      const client = new MongoClient(uri);
      return { source: { collection: 'sessions', client }, close: () => client.close() };
    },
  ],
  [
    'db',
    (uri) => {
      const client = new MongoClient(uri);
      return { source: { collection: 'sessions', db: client.db() }, close: () => client.close() };
    },
  ],
  [
    'collection',
    (uri) => {
      const client = new MongoClient(uri);
      return { source: { collection: client.db().collection('sessions') }, close: () => client.close() };
    },
  ],
  [
    'connection',
    (uri) => {
      const connection = mongoose.createConnection(uri);
      return { source: { collection: 'sessions', connection }, close: () => connection.close() };
    },
  ],
  [
    'connection with dbName',
    (uri) => {
      const connection = mongoose.createConnection(uri.replace(`/${database.name}`, '/elsewhere'), {
        dbName: database.name,
      });
      return { source: { collection: 'sessions', connection }, close: () => connection.close() };
    },
  ],
  [
    'connection by useDb()',
    (uri) => {
      const root = mongoose.createConnection(uri.replace(`/${database.name}`, '/elsewhere'));
      return { source: { collection: 'sessions', connection: root.useDb(database.name) }, close: () => root.close() };
    },
  ],
];
/** The connection belongs to the app, also one whose first attempt to connect has failed. */
const RECOVERING = SOURCES.filter(([name]) => !name.startsWith('connection'));
const CONNECTIONS = SOURCES.filter(([name]) => name.startsWith('connection'));

let opened: Opened;
let stores: ReturnType<typeof mongoStore>[] = [];
const open = (source: SourceOptions, options: Parameters<typeof mongoStore>[1] = {}) => {
  const parts = mongoStore(source, options);
  stores.push(parts);
  return parts;
};
afterEach(async () => {
  for (const { store } of stores) await store.stop();
  stores = [];
  await opened.close();
  await proxy.close();
});

/** Knows its port only after it was open once. */
beforeEach(async () => {
  await proxy.open();
});

describe.each(RECOVERING)('a server that is absent at first, by %s', (_, make) => {
  beforeEach(async () => {
    await proxy.close();
    opened = make(proxy.uri);
  });

  test('is used as soon as it comes, without a restart', async () => {
    const { store, model, lines } = open(opened.source, { timeoutMs: 5000, indexes: 'ensure' });
    const session = storedSession({ values: { a: 1 } });

    await store.start();
    // Once more, when the driver has given the first attempt up.
    expect(await errorOf(store.insert(session))).toMatchObject(UNAVAILABLE);
    expect(await errorOf(store.find(session.handle))).toMatchObject(UNAVAILABLE);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^error: MongoDB .*without a restart.*503/);
    await proxy.open();

    await vi.waitFor(() => store.insert(session), { timeout: 10_000 });
    expect(plain(await store.find(session.handle))).toEqual(plain(session));
    const stored = database.db.collection('sessions');
    await vi.waitFor(async () => expect(await stored.indexes()).toHaveLength(3), { timeout: 10_000 });
    expect(await model.findById(session.handle).lean()).toMatchObject({ epoch: 0, data: { a: 1 } });
    expect(lines.slice(1)).toEqual([expect.stringMatching(/^warn: MongoDB answers again/)]);
  });
});

describe.each(CONNECTIONS)('a server that is absent at first, by %s', (name, make) => {
  test('fails each operation with the fix, until the app opens its connection again', async () => {
    await proxy.close();
    opened = make(proxy.uri);
    const { store } = open(opened.source, { timeoutMs: 5000 });
    const session = storedSession({ values: { a: 1 } });
    expect(await errorOf(store.insert(session))).toMatchObject(UNAVAILABLE);
    const failure = (await errorOf(store.insert(session))) as Error;
    expect(failure).toMatchObject({ code: 'SESSION_STORE_FAILED', httpStatus: 503 });
    expect(failure.message).toContain('Call its openUri() once more');
    expect(loggedErrors.has(failure)).toBe(false);
    // For the log: the next request says nothing that this one has not said.
    expect(await errorOf(store.insert(session))).toBe(failure);
    expect(loggedErrors.has(failure)).toBe(true);
    await proxy.open();
    if (name !== 'connection') return;
    await (opened.source.connection as mongoose.Connection).openUri(proxy.uri);
    await vi.waitFor(() => store.insert(session), { timeout: 10_000 });
    expect(plain(await store.find(session.handle))).toEqual(plain(session));
  });
});

describe.each(SOURCES)('a server that is absent at first, by %s', (_, make) => {
  beforeEach(async () => {
    await proxy.close();
    opened = make(proxy.uri);
  });

  test('stops the start with failFast', async () => {
    const { store, lines } = open(opened.source, { failFast: true });
    expect(await errorOf(store.start())).toMatchObject(UNAVAILABLE);
    expect(lines).toEqual([]);
  });

  test('does not keep anyone waiting longer than the deadline', async () => {
    const { store } = open(opened.source, { timeoutMs: 50 });
    const error = await errorOf(store.find(storedSession().handle));
    expect(error).toMatchObject(UNAVAILABLE);
    expect((error as Error).message).toContain('50 ms');
  });
});

describe.each(SOURCES)('a server that goes away, by %s', (_, make) => {
  beforeEach(() => {
    opened = make(proxy.uri);
  });

  test('makes operations fail, until it is back', async () => {
    const { store, model } = open(opened.source);
    const session = storedSession({ values: { a: 1 } });
    await store.start();
    await store.insert(session);

    await proxy.close();
    expect(await errorOf(store.find(session.handle))).toMatchObject(UNAVAILABLE);
    expect(await errorOf(store.update(target(session.handle, 0), { set: pack({ a: 2 }) }))).toMatchObject(UNAVAILABLE);
    await proxy.open();

    await vi.waitFor(() => store.update(target(session.handle, 0), { set: pack({ a: 3 }) }), { timeout: 10_000 });
    expect(await model.findById(session.handle).lean()).toMatchObject({ data: { a: 3 } });
  });
});

describe('a connection that its owner', () => {
  const connect = (uri: string) => {
    const connection = mongoose.createConnection(uri);
    opened = { source: { collection: 'sessions', connection }, close: () => connection.close() };
    return connection;
  };

  test('has closed is not opened again behind his back', async () => {
    const connection = connect(proxy.uri);
    const { store } = open(opened.source, { timeoutMs: 2000 });
    await store.find(storedSession().handle);
    await connection.close();
    expect(await errorOf(store.find(storedSession().handle))).toMatchObject(UNAVAILABLE);
    expect(connection.readyState).toBe(mongoose.ConnectionStates.disconnected);
  });

  test('has closed after it never got through is not opened either', async () => {
    await proxy.close();
    const connection = connect(proxy.uri);
    const { store } = open(opened.source);
    expect(await errorOf(store.find(storedSession().handle))).toMatchObject(UNAVAILABLE);
    await connection.close();
    await proxy.open();
    expect(await errorOf(store.find(storedSession().handle))).toMatchObject(UNAVAILABLE);
  });

  test('opens only later is used from then on', async () => {
    const connection = mongoose.createConnection();
    opened = { source: { collection: 'sessions', connection }, close: () => connection.close() };
    const { store } = open(opened.source);
    const error = await errorOf(store.find(storedSession().handle));
    expect(error).toMatchObject(UNAVAILABLE);
    expect((error as Error).message).toContain('openUri()');
    await connection.openUri(proxy.uri);
    expect(await store.find(storedSession().handle)).toBeUndefined();
  });

  test('closes and opens again, elsewhere, is followed', async () => {
    const connection = connect(proxy.uri);
    const { store } = open(opened.source);
    const session = storedSession();
    await store.insert(session);
    await connection.close();
    await connection.openUri(database.uri);
    expect(plain(await store.find(session.handle))).toEqual(plain(session));
  });
});
