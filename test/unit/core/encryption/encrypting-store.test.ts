import { describe, expect, test } from 'vitest';
import { EncryptingSessionStore } from '../../../../lib/core/encryption/encrypting-session.store.js';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { MongoSessionStore } from '../../../../lib/mongo/mongo-session.store.js';
import { encrypting, newKey } from './support/encryption.js';
import { testDatabase } from '../../../support/mongo.js';
import { describeSessionStore } from '../../../../lib/testing/contract/describe-session-store.js';
import { mongoStore } from '../../../support/store/mongo-store.js';

const { db } = testDatabase();
const keys = [newKey(), newKey()];

describe.each([{ hideKeyNames: false }, { hideKeyNames: true }])('with %j', (given) => {
  const memory = new MemorySessionStore();
  const { store } = mongoStore({ collection: 'sessions', db });

  describeSessionStore('EncryptingSessionStore over memory', encrypting(memory, { keys, ...given }), {
    describe,
    test,
    expect,
  });
  describeSessionStore('EncryptingSessionStore over MongoDB', encrypting(store, { keys, ...given }), {
    describe,
    test,
    expect,
  });
});

test('every method of a store is there, the optional ones too', () => {
  const methodsOf = ({ prototype }: { prototype: object }) => Object.getOwnPropertyNames(prototype);
  expect(methodsOf(MongoSessionStore)).toContain('start');
  expect(methodsOf(EncryptingSessionStore)).toEqual(expect.arrayContaining(methodsOf(MongoSessionStore)));
});

test('a store without a start and an end is started and ended all the same', async () => {
  const store = encrypting(new MemorySessionStore(), { keys });
  await store.start?.();
  await store.stop?.();
});
