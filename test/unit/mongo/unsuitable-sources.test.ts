// Sources with settings of an app that would not suit sessions.
import mongoose from 'mongoose';
import { afterAll, expect, test } from 'vitest';
import type { SourceOptions } from '../../../lib/core/options/resolved-options.interface.js';
import { storedSession } from '../../../lib/testing/contract/stored-sessions.js';
import { testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';

const { db, uri } = testDatabase();

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

/** No member has such a tag. */
const UNSUITABLE = new mongoose.mongo.ReadPreference('secondary', [{ rack: 'none' }]);

test('a connection that is null is none, and not the one that the app has besides', () => {
  const source = { collection: 'sessions', connection: null } as unknown as SourceOptions;
  const connection = mongoose.createConnection(uri);
  closing.push(() => connection.close());
  expect(() => mongoStore(source, { connection })).toThrow('option `connection` is null');
});

test.each(['readPreference=secondary&readPreferenceTags=rack:none', 'readPreference=nearest&maxStalenessSeconds=120'])(
  'a uri with %s leads to the primary all the same',
  async (preference) => {
    const address = `${uri}&${preference}&serverSelectionTimeoutMS=1000`;
    const { store, model, lines } = mongoStore({ collection: 'sessions', uri: address }, { timeoutMs: 5000 });
    closing.push(async () => store.stop());
    await store.start();
    const session = storedSession({ userId: 'ada' });
    await store.insert(session);
    expect(await store.find(session.handle)).toMatchObject({ userId: 'ada' });
    expect(await model.countDocuments({ _id: session.handle })).toBe(1);
    expect(lines).toEqual([]);
  },
);

test('a collection that is read from secondaries gets its indexes, which only the primary is asked for', async () => {
  const collection = db.collection('indexed', { readPreference: UNSUITABLE });
  const { store, lines } = mongoStore({ collection }, { indexes: 'ensure' });
  await store.start();
  expect(lines).toEqual([]);
  expect((await db.collection('indexed').indexes()).map(({ name }) => name)).toEqual([
    '_id_',
    'expiresAt_1',
    'userId_1',
  ]);
});
