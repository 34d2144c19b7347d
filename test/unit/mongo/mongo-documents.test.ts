import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { everyType, hex, pack, secretChange, storedSession } from '../../../lib/testing/contract/stored-sessions.js';
import { target } from '../../../lib/testing/contract/stored-sessions.js';

const { db, uri } = testDatabase();
const { Binary, BSONRegExp, Decimal128, Long, ObjectId } = mongoose.mongo;
const collection = db.collection('sessions');

const idOf = (handle: string) => new ObjectId(handle);
/** The server's own word for the type of each of these fields. */
const typesOf = async (handle: string, fields: readonly string[]) => {
  const types = Object.fromEntries(fields.map((field) => [field, { $type: `$${field}` }]));
  const [found] = await collection.aggregate([{ $match: { _id: idOf(handle) } }, { $project: types }]).toArray();
  return fields.map((field) =>
    field.split('.').reduce<unknown>((value, key) => (value as mongoose.mongo.Document)[key], found),
  );
};

describe('the document of a session', () => {
  const { store } = mongoStore({ collection });

  test('has the fields and types of the format', async () => {
    const session = storedSession({ values: { a: 1 }, userId: 'ada', permanent: 7_776_000_000, epoch: 0 });
    await store.insert(session);

    const document = await collection.findOne({ _id: idOf(session.handle) });

    expect(document).toEqual({
      _id: idOf(session.handle),
      secretHash: new Binary(session.secretHash),
      epoch: 0,
      data: { a: 1 },
      userId: 'ada',
      createdAt: new Date(session.createdAt),
      lastSeenAt: new Date(session.lastSeenAt),
      expiresAt: new Date(session.expiresAt),
      meta: { permanent: 7_776_000_000 },
      v: 1,
    });
    const fields = ['_id', 'secretHash', 'epoch', 'data', 'createdAt', 'lastSeenAt', 'expiresAt', 'v'];
    const types = ['objectId', 'binData', 'int', 'object', 'date', 'date', 'date', 'int'];
    expect(await typesOf(session.handle, fields)).toEqual(types);
  });

  test('keeps these types after an update and a new secret', async () => {
    const session = storedSession();
    await store.insert(session);
    const times = { lastSeenAt: session.lastSeenAt + 1, expiresAt: session.expiresAt + 1 };
    await store.update(target(session.handle, 0), { set: pack({ a: 1 }), times });
    for (const [epoch, keep] of ([true, ['a'], []] as const).entries()) {
      await store.replaceSecret(target(session.handle, epoch), secretChange({ keep }));
      const types = await typesOf(session.handle, [
        ...['secretHash', 'epoch', 'data', 'createdAt', 'lastSeenAt', 'expiresAt'],
      ]);
      expect(types).toEqual(['binData', 'int', 'object', 'date', 'date', 'date']);
    }
  });

  test('has exactly the types of the data, after insert and after update', async () => {
    const names = {
      double: 'double',
      nan: 'double',
      int: 'int',
      long: 'long',
      smallLong: 'long',
      decimal: 'decimal',
      text: 'string',
      yes: 'bool',
      nothing: 'null',
      date: 'date',
      id: 'objectId',
      binary: 'binData',
      uuid: 'binData',
      regexp: 'regex',
      list: 'array',
      deep: 'object',
      code: 'javascript',
      scoped: 'javascriptWithScope',
      symbol: 'symbol',
      timestamp: 'timestamp',
      min: 'minKey',
      max: 'maxKey',
    };
    const fields = Object.keys(names).map((key) => `data.${key}`);
    const inserted = storedSession({ values: everyType() });
    const updated = storedSession();
    await store.insert(inserted);
    await store.insert(updated);
    await store.update(target(updated.handle, 0), { set: pack(everyType()) });

    expect(await typesOf(inserted.handle, fields)).toEqual(Object.values(names));
    expect(await typesOf(updated.handle, fields)).toEqual(Object.values(names));
  });

  test.each([
    ['an ObjectId', new ObjectId()],
    ['a number', 7],
    ['a Long', Long.fromString('9007199254740993')],
    ['a Decimal128', Decimal128.fromString('1.5')],
    ['a UUID', new mongoose.mongo.UUID()],
    ['a text that looks like a field', '$data'],
    ['a document', { realm: 'a', id: { n: 1 } }],
    ['an array', ['a', 1]],
    ['a Date', new Date(5)],
  ])('takes %s as the user', async (_, userId) => {
    const session = storedSession({ userId });
    await store.insert(session);
    expect((await store.find(session.handle))!.userId).toEqual(userId);
    expect(await collection.countDocuments({ _id: idOf(session.handle), userId })).toBe(1);
    await store.replaceSecret(target(session.handle, 0), secretChange({ userId: 'other' }));
    await store.replaceSecret(target(session.handle, 1), secretChange({ userId, keep: ['a'] }));
    expect((await store.find(session.handle))!.userId).toEqual(userId);
  });

  test('loses nothing of what others have added to it', async () => {
    const session = storedSession({ permanent: 5 });
    await store.insert(session);
    await collection.updateOne({ _id: idOf(session.handle) }, { $set: { note: 'mine', 'meta.device': 'phone' } });
    await store.update(target(session.handle, 0), { set: pack({ a: 1 }), permanent: null });
    await store.replaceSecret(target(session.handle, 0), secretChange({ keep: ['a'] }));
    expect(await collection.findOne({ _id: idOf(session.handle) })).toMatchObject({
      note: 'mine',
      meta: { device: 'phone' },
      data: { a: 1 },
    });
  });

  test('may have been written by hand: numbers of another type are as good', async () => {
    const session = storedSession({ permanent: 5 });
    await store.insert(session);
    const byHand = { epoch: Long.fromNumber(0), v: 1.0, 'meta.permanent': Long.fromNumber(9) };
    await collection.updateOne({ _id: idOf(session.handle) }, { $set: byHand });
    expect(await store.find(session.handle)).toMatchObject({ epoch: 0, permanent: 9 });
    expect(await store.update(target(session.handle, 0), { set: pack({ a: 1 }) })).toBe(true);
  });
});

describe('a document that is no session of this version', () => {
  const session = storedSession();
  const whole = {
    secretHash: new Binary(session.secretHash),
    epoch: 0,
    data: {},
    createdAt: new Date(1),
    lastSeenAt: new Date(1),
    expiresAt: new Date(1),
    v: 1,
  };

  test.each([
    ['v', 2],
    ['v', undefined],
    ['secretHash', undefined],
    ['secretHash', 'text'],
    ['secretHash', new Binary(Buffer.alloc(31))],
    ['secretHash', new Binary(Buffer.alloc(33))],
    ['epoch', undefined],
    ['epoch', 'x'],
    ['epoch', 1.5],
    ['data', undefined],
    ['data', 'text'],
    ['data', [1]],
    ['data', new Binary(Buffer.alloc(5))],
    ['createdAt', 5],
    ['lastSeenAt', null],
    ['expiresAt', '2030-01-01'],
  ])('counts as none when its %s is %j, and is reported once', async (field, value) => {
    const { store, lines } = mongoStore({ collection });
    const { handle } = storedSession();
    await collection.insertOne({ _id: idOf(handle), ...whole, [field]: value }, { ignoreUndefined: true });

    expect(await store.find(handle)).toBeUndefined();
    expect(await store.find(handle)).toBeUndefined();

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(handle);
    expect(lines[0]).toContain(`field \`${field}\``);
  });

  /** The server stores any options, and the library refuses unknown ones. */
  const undecodable = Object.assign(new BSONRegExp('a'), { options: 'z' });

  test.each(['userId', 'amr'])('counts as none when its %s is there and can not be decoded', async (field) => {
    const { store, lines } = mongoStore({ collection });
    const { handle } = storedSession();
    const value = field === 'amr' ? { meta: { amr: [undecodable] } } : { [field]: undecodable };
    await collection.insertOne({ _id: idOf(handle), ...whole, ...value });
    expect(await store.find(handle)).toBeUndefined();
    expect(lines).toEqual([expect.stringContaining('(a value can not be decoded)')]);
  });

  test.each([{}, { other: undecodable }])('is not mistaken when it is whole, and has %j besides', async (others) => {
    const { store, lines } = mongoStore({ collection });
    const { handle } = storedSession();
    await collection.insertOne({ _id: idOf(handle), ...whole, ...others });
    expect(await store.find(handle)).toMatchObject({ handle, epoch: 0 });
    expect(lines).toEqual([]);
  });
});

describe("the client's own settings", () => {
  test.each([
    ['promoteValues: false', { promoteValues: false }],
    ['useBigInt64', { useBigInt64: true }],
    ['raw', { raw: true }],
    ['ignoreUndefined', { ignoreUndefined: true }],
    ['bsonRegExp', { bsonRegExp: true }],
    ['read from a secondary', { readPreference: 'secondary' as const }],
  ])('do not change what sessions are: %s', async (_, settings) => {
    const { store } = mongoStore({ collection: db.client.db(db.databaseName, settings).collection('sessions') });
    const session = storedSession({ values: everyType(), userId: 'ada' });
    await store.insert(session);
    expect(await store.update(target(session.handle, 0), { set: pack({ a: 1 }) })).toBe(true);
    expect(await store.update(target(session.handle, 1), { set: pack({ a: 1 }) })).toBe(false);
    expect(hex((await store.find(session.handle))!.data)).toContain(hex(pack({ a: 1 })).slice(8, -2));
    expect(await store.remove(session.handle)).toBe(true);
    expect(await store.remove(session.handle)).toBe(false);
  });

  test.each([
    ['none', {}, { w: 'majority' }],
    ['w: 0', { writeConcern: { w: 0 as const } }, { w: 'majority' }],
    ['w: 1', { writeConcern: { w: 1 } }, { w: 1 }],
    ['journal', { writeConcern: { j: true } }, { j: true, w: 'majority' }],
  ])('decide on the write concern, which is a majority otherwise: %s', async (_, settings, expected) => {
    const sent: mongoose.mongo.Document[] = [];
    const own = new mongoose.mongo.MongoClient(uri, { monitorCommands: true });
    own.on('commandStarted', ({ command }) => sent.push(command));
    const { store } = mongoStore({ collection: own.db(db.databaseName, settings).collection('sessions') });
    const session = storedSession();
    await store.insert(session);
    await store.update(target(session.handle, 0), { set: pack({ a: 1 }) });
    await store.replaceSecret(target(session.handle, 0), secretChange({ keep: ['a'] }));
    await store.find(session.handle);
    await store.removeIfEmpty(target(session.handle, 0));
    await store.remove(session.handle);
    await own.close();

    const writes = sent.filter((command) => 'insert' in command || 'update' in command || 'delete' in command);
    expect(writes.map(({ writeConcern }) => writeConcern as unknown)).toEqual(writes.map(() => expected));
    expect(writes).toHaveLength(5);
    expect(sent.find((command) => 'find' in command)).toMatchObject({ readConcern: { level: 'local' } });
  });
});
