// A new secret together with new data, which are written only if the data are still what was read: stores, not sessions.
import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../lib/core/store/memory-session.store.js';
import { testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, secretChange, storedSession, target, unpack } from '../../../lib/testing/contract/stored-sessions.js';

const { db } = testDatabase();

describe.each([
  ['MemorySessionStore', () => new MemorySessionStore()],
  ['MongoSessionStore', () => mongoStore({ collection: 'sessions', db }).store],
])('A25: replaceSecret() with data of %s', (_, open) => {
  const keeps = [true, [], ['a']] as const;

  test.each(keeps)('puts them in the place of what keep says, with keep %j', async (keep) => {
    const store = open();
    const session = storedSession({ values: { a: 1, 'a%2Eb': 'x' } });
    await store.insert(session);
    const data = { expected: session.data, next: pack({ b: { c: [2] } }) };
    expect(await store.replaceSecret(target(session.handle, 0), secretChange({ keep, data }))).toBe(true);
    const found = await store.find(session.handle);
    expect([unpack(found), found!.epoch]).toEqual([{ b: { c: [2] } }, 1]);
  });

  test.each([
    ['another value', { a: 2 }],
    ['another key', { b: 1 }],
    ['one key more', { a: 1, b: 1 }],
    ['no key', {}],
  ])('writes nothing if the store has %s', async (_stored, values) => {
    const store = open();
    const session = storedSession({ values });
    await store.insert(session);
    const data = { expected: pack({ a: 1 }), next: pack({ b: 2 }) };
    expect(await store.replaceSecret(target(session.handle, 0), secretChange({ keep: true, data }))).toBe(false);
    const found = await store.find(session.handle);
    expect([unpack(found), found!.epoch]).toEqual([values, 0]);
  });
});
