import { createRequire } from 'node:module';
import mongoose from 'mongoose';
import * as driver6 from 'mongodb6';
import { afterAll, describe, expect, test } from 'vitest';
import type { SourceOptions } from '../../../lib/core/options/resolved-options.interface.js';
import { systemClock } from '../../../lib/core/clock.interface.js';
import { createMongoStore } from '../../../lib/mongo/create-mongo-store.js';
import { sessionModelName } from '../../../lib/mongo/documents/session.schema.js';
import { testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { plain, storedSession } from '../../../lib/testing/contract/stored-sessions.js';
import { HAS_MONGOOSE_9 } from '../../support/peers.js';

const { client, db, name, uri } = testDatabase();
const { MongoClient } = mongoose.mongo;
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});
const newClient = (address = uri) => {
  const made = new MongoClient(address);
  closing.push(() => made.close());
  return made;
};
const newConnection = (options = {}, address = uri) => {
  const made = mongoose.createConnection(address, options);
  closing.push(() => made.close());
  return made;
};
/** Names another database than the test's. */
const otherUri = uri.replace(`/${name}`, '/nobody');

const SOURCES: [string, () => SourceOptions][] = [
  ['a uri', () => ({ collection: 'sessions', uri })],
  ['a uri and dbName', () => ({ collection: 'sessions', uri: otherUri, dbName: name })],
  ['a client that is connected', () => ({ collection: 'sessions', client, dbName: name })],
  ['a client that is not connected yet', () => ({ collection: 'sessions', client: newClient() })],
  ['a client and dbName', () => ({ collection: 'sessions', client: newClient(otherUri), dbName: name })],
  ['a db', () => ({ collection: 'sessions', db })],
  ['a db of another name than its client has', () => ({ collection: 'sessions', db: newClient(otherUri).db(name) })],
  ["the driver's collection", () => ({ collection: db.collection('sessions') })],
  ['a mongoose connection that is being opened', () => ({ collection: 'sessions', connection: newConnection() })],
  [
    'a mongoose connection with dbName',
    () => ({ collection: 'sessions', connection: newConnection({ dbName: name }, otherUri) }),
  ],
  [
    'a mongoose connection by useDb()',
    () => ({ collection: 'sessions', connection: newConnection({}, otherUri).useDb(name) }),
  ],
  ["mongoose's collection", () => ({ collection: newConnection().collection('sessions') })],
];

describe.each(SOURCES)('sessions in %s', (_, source) => {
  test('are kept there, and found by the model', async () => {
    const { store, model } = mongoStore(source());
    const session = storedSession({ values: { a: 1 }, userId: 'ada' });
    // The model first: nothing has been connected by a session yet.
    const asked = model.findOne({ userId: 'nobody' }).exec();
    await store.start();
    expect(await asked).toBeNull();

    await store.insert(session);

    expect(plain(await store.find(session.handle))).toEqual(plain(session));
    expect(await db.collection('sessions').countDocuments({ _id: new mongoose.mongo.ObjectId(session.handle) })).toBe(
      1,
    );
    const found = await model.findOne({ _id: session.handle, userId: 'ada' });
    expect(found).toMatchObject({
      userId: 'ada',
      epoch: 0,
      data: { a: 1 },
      expiresAt: new Date(session.expiresAt),
      v: 1,
    });
    expect(found!._id.toHexString()).toBe(session.handle);
    expect(JSON.stringify(found)).not.toContain('secretHash');
    await store.stop();
  });
});

describe('stop', () => {
  test('closes the client that the module has opened', async () => {
    const { store } = mongoStore({ collection: 'sessions', uri });
    await store.start();
    await store.stop();
    expect(await errorOf(store.find(storedSession().handle))).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    await store.stop();
  });

  test('before anything was opened is no error', async () => {
    expect(await errorOf(mongoStore({ collection: 'sessions', uri }).store.stop())).toBeUndefined();
  });

  test("leaves the app's client and connection open", async () => {
    const [own, connection] = [newClient(), newConnection()];
    for (const source of [{ client: own }, { db: own.db() }, { connection }]) {
      const { store } = mongoStore({ collection: 'sessions', ...source });
      await store.start();
      await store.stop();
    }
    expect(await own.db().command({ ping: 1 })).toMatchObject({ ok: 1 });
    expect(connection.readyState).toBe(mongoose.ConnectionStates.connected);
    expect(await connection.db!.command({ ping: 1 })).toMatchObject({ ok: 1 });
  });
});

describe('the model', () => {
  test('is the same one for two registrations on one collection, and another for another', () => {
    const connection = newConnection();
    const models = ['a', 'a', 'b'].map((collection) => mongoStore({ collection, connection }).model);
    expect(models[1]).toBe(models[0]);
    expect(models[2]).not.toBe(models[0]);
    expect(models.map(({ modelName }) => modelName)).toEqual(['a', 'a', 'b'].map(sessionModelName));
    expect(models.map((model) => model.collection.collectionName)).toEqual(['a', 'a', 'b']);
  });

  test('tells the databases of one client apart', () => {
    const [one, two] = ['one', 'two'].map((dbName) => mongoStore({ collection: 'a', client, dbName }).model);
    expect([one!.db.name, two!.db.name]).toEqual(['one', 'two']);
  });

  test('of many registrations adds the listeners of one to the client', async () => {
    const own = newClient();
    await own.connect();
    const before = own.listenerCount('serverHeartbeatSucceeded');
    for (let n = 0; n < 12; n++) mongoStore({ collection: `s${n}`, client: own });
    expect(own.listenerCount('serverHeartbeatSucceeded') - before).toBeLessThanOrEqual(1);
  });

  test("is not the app's mongoose's business: its disconnect() leaves the client open", async () => {
    const own = newClient();
    const { store } = mongoStore({ collection: 'sessions', client: own });
    await store.start();
    await mongoose.disconnect();
    expect(await own.db().command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  test('creates neither collection nor index by itself', async () => {
    const { model, store } = mongoStore({
      collection: 'untouched',
      connection: newConnection({ autoIndex: true, autoCreate: true }),
    });
    await store.start();
    await model.init();
    expect(await db.listCollections({ name: 'untouched' }).toArray()).toEqual([]);
  });
});

describe('a client of another copy of the driver', () => {
  // mongoose 8 has the driver 6 itself.
  test.skipIf(!HAS_MONGOOSE_9)('and another major version is refused, with the reason and the fix', async () => {
    const foreign = new driver6.MongoClient(uri);
    closing.push(() => foreign.close());
    const sources = [
      { collection: 'sessions', client: foreign },
      { collection: 'sessions', db: foreign.db() },
      { collection: foreign.db().collection('sessions') },
    ];
    for (const source of sources) {
      expect(() => mongoStore(source)).toThrow(
        /another major version of the MongoDB driver.*Create it from mongoose's copy/,
      );
      expect(() => mongoStore(source)).toThrow(expect.objectContaining({ code: 'SESSION_OPTION_INVALID' }));
    }
    await foreign.connect();
    expect(() => mongoStore(sources[0]!)).toThrow(/another major version/);
  });

  test('and the same major version works; its model says what it needs', async () => {
    const { MongoClient: OtherClient } = loadAgain('mongodb') as typeof mongoose.mongo;
    expect(OtherClient).not.toBe(MongoClient);
    const foreign = new OtherClient(uri);
    closing.push(() => foreign.close());
    const { store, model } = mongoStore({ collection: 'sessions', client: foreign }, { indexes: 'ensure' });
    await store.start();
    const session = storedSession({ values: { a: 1 }, userId: new mongoose.mongo.ObjectId() });
    await store.insert(session);
    expect(plain(await store.find(session.handle))).toEqual(plain(session));

    for (const query of [
      () => model.find(),
      () => model.countDocuments(),
      () => model.create({ epoch: 1 }),
      () => model.updateMany({}, { epoch: 1 }),
    ]) {
      expect(await errorOf(query() as Promise<unknown>)).toMatchObject({ code: 'SESSION_OPTION_INVALID' });
    }
    expect(await errorOf(model.aggregate([]).exec())).toBeInstanceOf(Error);
  });
});

/** A second copy of an installed CommonJS package and of all that it loads, as an app with two installations has it. */
function loadAgain(id: string): unknown {
  const require = createRequire(createRequire(import.meta.url).resolve('mongoose'));
  const kept = { ...require.cache };
  for (const file of Object.keys(require.cache)) if (/[\\/](mongodb|bson)[\\/]/.test(file)) delete require.cache[file];
  try {
    return require(id);
  } finally {
    Object.assign(require.cache, kept);
  }
}

describe('options that can never work are refused', () => {
  const refusal = (source: object, connection?: unknown) => {
    const log = { warn: () => {}, error: () => {} };
    try {
      createMongoStore({ source, connection, timeoutMs: 1, indexes: 'off', failFast: false, clock: systemClock, log });
    } catch (error) {
      return error as Error & { code?: string };
    }
    return undefined;
  };

  test.each([
    ['connection', { collection: 's' }],
    ['connection', { collection: 's', connection: mongoose }],
    ['connection', { collection: 's', connection: {} }],
    ['client', { collection: 's', client: {} }],
    ['client', { collection: 's', client: 'mongodb://user:hunter2@host' }],
    ['db', { collection: 's', db: client }],
    ['uri', { collection: 's', uri: 'http://user:hunter2@host' }],
    ['uri', { collection: 's', uri: 'mongodb://user:hunter2@' }],
    ['collection', { collection: {}, db }],
    ['collection', { collection: 5, db }],
  ])('%s', (option, source) => {
    const error = refusal(source);
    expect(error).toMatchObject({ name: 'SessionError', code: 'SESSION_OPTION_INVALID' });
    expect(error!.message).toContain(`option \`${option}\``);
    expect(error!.message).not.toContain('hunter2');
    expect(String(error!.cause)).not.toContain('hunter2');
  });

  test("the app's own connection is the fallback, and only that", () => {
    const fallback = newConnection();
    expect(refusal({ collection: 's' }, fallback)).toBeUndefined();
    const parts = mongoStore({ collection: 's', db }, { connection: fallback });
    expect(parts.model.db.base).not.toBe(mongoose);
  });
});
