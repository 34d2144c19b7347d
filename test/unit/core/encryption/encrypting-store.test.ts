import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import type { SessionStore } from '../../../../lib/core/store/session-store.interface.js';
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

test('has every method that the store inside has, and no other', () => {
  const methodsOf = (store: object) => {
    const names = [...Object.getOwnPropertyNames(Object.getPrototypeOf(store)), ...Object.keys(store)];
    return names.filter((name) => name !== 'constructor' && name !== 'clear' && name !== 'size').toSorted();
  };
  const required = [
    ...['find', 'insert', 'remove', 'removeIfEmpty', 'renewToken', 'replaceSecret', 'replaceValue', 'update'],
  ];
  const memory = new MemorySessionStore();
  const without = (...names: string[]) =>
    Object.fromEntries(
      methodsOf(memory)
        .filter((name) => !names.includes(name))
        .map((name) => [name, memory[name as keyof MemorySessionStore]]),
    ) as unknown as SessionStore;
  const { store } = mongoStore({ collection: 'sessions', db });
  const start = ['start', 'stop'];
  expect(methodsOf(encrypting(store, { keys }))).toEqual(methodsOf(store));
  expect(methodsOf(encrypting(memory, { keys }))).toEqual([...methodsOf(memory), ...start].toSorted());
  const ports = methodsOf(memory).filter((name) => !required.includes(name));
  expect(ports).toHaveLength(11);
  for (const [name, gone] of [
    ['listen', ['listen']],
    ['peek', ['listen', 'peek']],
    ['findExpired', ['findExpired']],
    ['findSeated', ['changeUser', 'findSeated', 'findUsers', 'insertUser']],
    ['describe', ['describe', 'findByUser', 'handlesOf']],
    ['take', ['describe', 'findByUser', 'findExpired', 'handlesOf', 'take']],
  ] as const) {
    const left = [...methodsOf(memory), ...start].filter((method) => !(gone as readonly string[]).includes(method));
    expect([name, methodsOf(encrypting(without(name), { keys }))]).toEqual([name, left.toSorted()]);
  }
});

test('a store without a start and an end is started and ended all the same', async () => {
  const store = encrypting(new MemorySessionStore(), { keys });
  await store.start?.();
  await store.stop?.();
});
