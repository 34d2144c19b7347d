// What a change becomes as a command of MongoDB: no operator without a field, and no path twice.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { updateFromDiff, updateFromSecret } from '../../../lib/mongo/documents/update-from-diff.js';
import { pack, secretChange, storedSession, target, unpack } from '../../../lib/testing/contract/stored-sessions.js';
import { MemorySessionStore } from '../../../lib/core/store/memory-session.store.js';
import { testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';

const { mongo } = mongoose;
const times = { lastSeenAt: 1, expiresAt: 2 };
const dates = { lastSeenAt: new Date(1), expiresAt: new Date(2) };
const update = (change: Parameters<typeof updateFromDiff>[0]) => updateFromDiff(change, mongo.BSON);

describe('a commit', () => {
  test.each<[Parameters<typeof updateFromDiff>[0], object]>([
    [{}, { $setOnInsert: { v: 1 } }],
    [{ set: pack({}), unset: [] }, { $setOnInsert: { v: 1 } }],
    [{ unset: ['a', 'b'] }, { $unset: { 'data.a': '', 'data.b': '' } }],
    [{ times }, { $max: dates }],
    [{ times, permanent: 5 }, { $set: { ...dates, 'meta.permanent': 5 } }],
    [
      { times, permanent: null },
      { $set: dates, $unset: { 'meta.permanent': '' } },
    ],
    [{ permanent: null }, { $unset: { 'meta.permanent': '' } }],
    [{ permanent: 5 }, { $set: { 'meta.permanent': 5 } }],
  ])('of %j is %j', (change, expected) => {
    expect(update(change)).toEqual(expected);
  });

  test('sets what it sets, although it was to be removed too', () => {
    expect(update({ set: pack({ a: 'x' }), unset: ['a', 'b'] })).toEqual({
      $set: { 'data.a': 'x' },
      $unset: { 'data.b': '' },
    });
  });
});

describe('a new secret', () => {
  const made = (given: Parameters<typeof secretChange>[0]) => updateFromSecret(secretChange(given), mongo);

  test('that keeps everything leaves the data alone', () => {
    const command = made({ keep: true }) as { $set: object };
    expect(Object.keys(command)).toEqual(['$set', '$inc']);
    expect(command).toMatchObject({ $inc: { epoch: 1 } });
    expect(command.$set).not.toHaveProperty('data');
  });

  test('that keeps nothing sets the data to nothing', () => {
    expect(made({ keep: [] })).toMatchObject({ $set: { data: {} }, $inc: { epoch: 1 } });
  });

  test('that forgets a user removes the fields, one by one', () => {
    expect(made({ keep: true, userId: null, authenticatedAt: null, amr: null })).toMatchObject({
      $unset: { userId: '', 'meta.authenticatedAt': '', 'meta.amr': '' },
    });
  });

  test('that keeps some keys has the server pick them, as they are by then', () => {
    const [stage, ...others] = made({ keep: ['a'], userId: '$x', amr: null }) as { $set: Record<string, unknown> }[];
    expect(others).toEqual([]);
    expect(stage!.$set).toMatchObject({
      userId: { $literal: '$x' },
      'meta.amr': '$$REMOVE',
      epoch: { $add: ['$epoch', 1] },
    });
    expect(JSON.stringify(stage!.$set['data'])).toContain('{"$literal":["a"]}');
  });
});

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
