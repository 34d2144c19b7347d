// What encryption leaves in a real collection: nothing to read, nothing to exchange, and differences as before.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import type { SessionStore } from '../../../../lib/core/store/session-store.interface.js';
import type { SessionDocument } from '../../../../lib/mongo/documents/session-document.interface.js';
import { encrypting, errorOf, newKey, printed } from './support/encryption.js';
import { diffData } from '../../../support/core/codec.js';
import { testDatabase } from '../../../support/mongo.js';
import { mongoStore } from '../../../support/store/mongo-store.js';
import { pack, secretChange, storedSession, target } from '../../../../lib/testing/contract/stored-sessions.js';
import { unpack, using } from '../../../../lib/testing/contract/stored-sessions.js';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { describeSessionStore } from '../../../../lib/testing/contract/describe-session-store.js';

const { ObjectId } = mongoose.mongo;
const { db } = testDatabase();
const keys = [newKey(), newKey()];
let collections = 0;

/** A collection of its own, the store that encrypts, and the store without keys below it. */
function open({ hideKeyNames = false } = {}) {
  const name = `sessions${collections++}`;
  const { store: inner } = mongoStore({ collection: name, db });
  const collection = db.collection<SessionDocument>(name);
  const store = encrypting(inner, { keys, hideKeyNames }, { context: name });
  return {
    ...using(store),
    inner,
    store,
    collection,
    name,
    document: async (handle: string) => (await collection.findOne({ _id: new ObjectId(handle) }))!,
    dataOf: async (handle: string) => (await collection.findOne({ _id: new ObjectId(handle) }))!.data,
    setData: (handle: string, data: Record<string, unknown>) =>
      collection.updateOne({ _id: new ObjectId(handle) }, { $set: { data } }),
    /** Everything that the server has of the collection, as it sends it. */
    dump: async () => {
      const documents = await collection.find({}, { raw: true }).toArray();
      return Buffer.concat(documents as unknown as Uint8Array[]);
    },
    refusal: async (handle: string) => {
      const error = await errorOf(() => store.find(handle));
      expect(error.code).toBe('SESSION_UNDECODABLE');
      for (const word of WORDS) expect(printed(error)).not.toContain(word);
      return error.message;
    },
  };
}

const WORDS = ['first-value', 'second-value', 'third-value', 'fourth-value'];
const NAMES = ['first-name', 'second-name', 'third-name', 'deep-name'];
const VALUES = {
  'first-name': 'first-value',
  'second-name': { 'deep-name': ['second-value'] },
  'third-name': Buffer.from('third-value'),
};

describe.each([{ hideKeyNames: false }, { hideKeyNames: true }])('in a real collection with %j', (options) => {
  /** Every kind of write, each of which could let something through. */
  async function write(store: SessionStore) {
    const session = storedSession({ values: VALUES, userId: 'the-user' });
    const { handle } = session;
    await store.insert(session);
    await store.update(target(handle, 0), { set: pack({ 'first-name': 'fourth-value' }), unset: ['second-name'] });
    await store.replaceSecret(target(handle, 0), secretChange({ keep: ['first-name', 'third-name'] }));
    await store.insert(storedSession({ values: VALUES }));
    return handle;
  }

  test('a dump holds no value', async () => {
    const opened = open(options);
    const handle = await write(opened.store);
    const dump = await opened.dump();
    for (const word of WORDS) expect(dump.includes(word)).toBe(false);
    expect(dump.includes('deep-name')).toBe(false);
    for (const name of options.hideKeyNames ? NAMES : []) expect(dump.includes(name)).toBe(false);
    // The very same dump holds all of it without encryption.
    const plain = open();
    await write(plain.inner);
    const plainDump = await plain.dump();
    for (const word of [...WORDS, ...NAMES]) expect(plainDump.includes(word)).toBe(true);
    expect(unpack(await opened.store.find(handle))).toMatchObject({ 'first-name': 'fourth-value' });
  });

  test('user and times can be queried as before', async () => {
    const { collection, store } = open(options);
    const session = storedSession({ values: VALUES, userId: 'ada' });
    await store.insert(session);
    const found = await collection.findOne({ userId: 'ada', expiresAt: { $gt: new Date(session.lastSeenAt) } });
    expect(found).toMatchObject({
      _id: new ObjectId(session.handle),
      createdAt: new Date(session.createdAt),
      lastSeenAt: new Date(session.lastSeenAt),
      expiresAt: new Date(session.expiresAt),
    });
  });

  test('two parallel writers from the same snapshot both keep their key', async () => {
    const { store, insert, values } = open(options);
    for (let round = 0; round < 20; round++) {
      const session = await insert({ values: { both: 0, gone: 1 } });
      const { handle } = session;
      const before = (await store.find(handle))!.data;
      const changes = [
        { both: 0, gone: 1, one: 'first-value' },
        { both: 0, two: 'second-value' },
      ];
      const written = await Promise.all(
        changes.map((after) => store.update(target(handle, 0), diffData(before, pack(after))!)),
      );
      expect(written).toEqual([true, true]);
      expect(await values(session)).toEqual({ both: 0, one: 'first-value', two: 'second-value' });
    }
  });

  test('a write of one value leaves the bytes of the others alone', async () => {
    const { store, insert, dataOf } = open(options);
    const { handle } = await insert({ values: { a: 1, b: 1 } });
    const before = Object.entries(await dataOf(handle));
    await store.update(target(handle, 0), { set: pack({ b: 1 }) });
    const after = Object.entries(await dataOf(handle));
    expect(after[0]).toEqual(before[0]);
    expect(after[1]![0]).toBe(before[1]![0]);
    // The same value again, and yet other bytes: nobody sees that it has not changed.
    expect(after[1]![1]).not.toEqual(before[1]![1]);
  });

  test("values can't be exchanged between two sessions", async () => {
    const { insert, dataOf, setData, refusal, values } = open(options);
    const [mine, theirs] = [await insert({ values: { admin: false } }), await insert({ values: { admin: true } })];
    const own = await dataOf(mine.handle);
    await setData(mine.handle, await dataOf(theirs.handle));
    expect(await refusal(mine.handle)).toContain(mine.handle);
    await setData(mine.handle, own);
    expect(await values(mine)).toEqual({ admin: false });
  });

  test("values can't be exchanged between two keys", async () => {
    const { insert, dataOf, setData, refusal, values } = open(options);
    const session = await insert({ values: { isAdmin: false, isReader: true } });
    const { handle } = session;
    type Entry = [string, unknown];
    const [[one, first], [two, second]] = Object.entries(await dataOf(handle)) as [Entry, Entry];
    await setData(handle, { [one]: second, [two]: first });
    await refusal(handle);
    await setData(handle, { [one]: second });
    await refusal(handle);
    await setData(handle, { [one]: first, copy: first });
    await refusal(handle);
    await setData(handle, { [two]: second, [one]: first });
    expect(await values(session)).toEqual({ isAdmin: false, isReader: true });
  });

  test("a document can't be moved to another collection", async () => {
    const [from, to] = [open(options), open(options)];
    const session = await from.insert({ values: { admin: true } });
    const { handle } = session;
    await to.collection.insertOne(await from.document(handle));
    await to.refusal(handle);
    expect(await from.values(session)).toEqual({ admin: true });
  });

  test('a document under another id is refused', async () => {
    const { insert, document, collection, refusal } = open(options);
    const { handle } = await insert({ values: { admin: true } });
    const other = storedSession().handle;
    await collection.insertOne({ ...(await document(handle)), _id: new ObjectId(other) });
    await refusal(other);
  });

  test('sessions from before are read, and encrypted value by value', async () => {
    const { inner, store, dump, values } = open(options);
    const session = storedSession({ values: VALUES });
    await inner.insert(session);
    expect(Buffer.from((await store.find(session.handle))!.data)).toEqual(Buffer.from(session.data));

    await store.update(target(session.handle, 0), { set: pack({ 'first-name': 'fourth-value' }) });
    const half = await dump();
    expect(half.includes('first-value') || half.includes('fourth-value')).toBe(false);
    expect(half.includes('second-value')).toBe(true);
    expect(await values(session)).toMatchObject({ 'first-name': 'fourth-value' });

    await store.update(target(session.handle, 0), { set: session.data });
    const whole = await dump();
    for (const word of [...WORDS, ...(options.hideKeyNames ? NAMES : [])]) expect(whole.includes(word)).toBe(false);
    expect(unpack(await store.find(session.handle))).toEqual(unpack(session));
  });
});

test('hiding names on a living collection leaves no name behind that was written since', async () => {
  const { name, inner, store, insert, dump } = open();
  const { handle } = await insert({ values: VALUES });
  const hiding = encrypting(inner, { keys, hideKeyNames: true }, { context: name });
  expect((await dump()).includes('first-name')).toBe(true);

  await hiding.update(target(handle, 0), { set: pack(VALUES) });

  const data = await dump();
  for (const each of NAMES) expect(data.includes(each)).toBe(false);
  expect(unpack(await store.find(handle))).toEqual(unpack(storedSession({ values: VALUES })));
});

describe.each([{ hideKeyNames: false }, { hideKeyNames: true }])('with %j', (given) => {
  const memory = new MemorySessionStore();
  const { store } = mongoStore({ collection: 'sessions', db });

  const runner = { describe, test, expect };

  describeSessionStore('EncryptingSessionStore over memory', encrypting(memory, { keys, ...given }), runner);
  describeSessionStore('EncryptingSessionStore over MongoDB', encrypting(store, { keys, ...given }), runner);
});

test('has every method that the store inside has, and no other', () => {
  const methodsOf = (store: object) => {
    const names = [...Object.getOwnPropertyNames(Object.getPrototypeOf(store)), ...Object.keys(store)];
    return names.filter((name) => name !== 'constructor' && name !== 'clear' && name !== 'size').toSorted();
  };
  const writes = ['insert', 'remove', 'removeIfEmpty', 'renewToken', 'replaceSecret', 'replaceValue', 'update'];
  const memory = new MemorySessionStore();
  const without = (...names: string[]) =>
    Object.fromEntries(
      methodsOf(memory)
        .filter((name) => !names.includes(name))
        .map((name) => [name, memory[name as keyof MemorySessionStore]]),
    ) as unknown as SessionStore;
  const { store } = mongoStore({ collection: 'sessions', db });
  const all = [...methodsOf(memory), 'start', 'stop'];
  expect(methodsOf(encrypting(store, { keys }))).toEqual(methodsOf(store));
  expect(methodsOf(encrypting(memory, { keys }))).toEqual(all.toSorted());
  expect(methodsOf(memory).filter((name) => !['find', ...writes].includes(name))).toHaveLength(14);
  for (const [name, gone] of [
    ['listen', ['listen']],
    ['peek', ['listen', 'peek']],
    ['findExpired', ['findExpired']],
    ['count', ['count']],
    ['findSeated', ['changeUser', 'findSeated', 'findUsers', 'insertUser']],
    ['describe', ['describe', 'findByUser', 'handlesOf']],
    ['bury', ['bury', 'insertIfFree']],
    ['take', ['bury', 'describe', 'findByUser', 'findExpired', 'handlesOf', 'insertIfFree', 'take']],
  ] as const) {
    const left = all.filter((method) => !(gone as readonly string[]).includes(method));
    expect([name, methodsOf(encrypting(without(name), { keys }))]).toEqual([name, left.toSorted()]);
  }
});

test('a store without a start and an end is started and ended all the same', async () => {
  const store = encrypting(new MemorySessionStore(), { keys });
  await store.start?.();
  await store.stop?.();
});
