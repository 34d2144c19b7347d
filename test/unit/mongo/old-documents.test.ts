// What is sent to the collection of another session library: reads at the primary, removals that a majority acknowledges.
import mongoose from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openOldDocuments } from '../../../lib/mongo/old-documents.js';
import { testDatabase } from '../../support/mongo.js';

const { MongoClient, ObjectId, Long } = mongoose.mongo;
const { db, uri } = testDatabase();
const old = db.collection<{ _id: unknown; key?: unknown }>('old');

/** The documents as seen by a client with these settings, and the commands that it sends. */
function openWith(settings: mongoose.mongo.MongoClientOptions) {
  const client = new MongoClient(uri, { monitorCommands: true, ...settings });
  onTestFinished(() => client.close());
  const sent: Record<string, any>[] = []; // oxlint-disable-line typescript/no-explicit-any
  client.on('commandStarted', ({ command }) => void sent.push(command));
  const log = { warn() {}, error() {} };
  const collection = client.db(db.databaseName).collection('old');
  return { documents: openOldDocuments(collection, undefined, { timeoutMs: 5000, log }), sent };
}

describe('old documents', () => {
  test.each([
    ['a client of no settings', {}, { w: 'majority' }],
    [
      'a client that reads elsewhere and waits for nobody',
      { readPreference: 'secondaryPreferred', writeConcern: { w: 0 } },
      { w: 'majority' },
    ],
    ['a client with a write concern of its own', { writeConcern: { w: 1, journal: true } }, { w: 1, j: true }],
  ] as const)('are read at the primary, and removed as the sessions are, by %s', async (_, settings, writeConcern) => {
    await old.insertOne({ _id: 'a', key: Long.fromNumber(7) });
    const { documents, sent } = openWith(settings);
    expect(documents.collectionName).toBe('old');
    expect(await documents.find('_id', 'a')).toEqual({ _id: 'a', key: Long.fromNumber(7) });
    await documents.remove('_id', 'a');
    expect(await documents.find('_id', 'a')).toBeUndefined();
    const [find, remove] = sent;
    expect(find).toMatchObject({ find: 'old', filter: { _id: { $eq: 'a' } }, readConcern: { level: 'local' } });
    expect(find!['$readPreference']?.mode ?? 'primary').toBe('primary');
    expect(remove).toMatchObject({ delete: 'old', writeConcern, maxTimeMS: 5000 });
  });

  test('are found by ids of any type, and by no operator', async () => {
    const ids = ['text', 7, new ObjectId(), { nested: 'id' }];
    await old.insertMany(ids.map((_id) => ({ _id })));
    const { documents } = openWith({});
    for (const id of ids) expect(await documents.find('_id', id)).toEqual({ _id: id });
    for (const id of [{ $gt: '' }, { $exists: true }, /t/]) {
      expect(await documents.find('_id', id).catch(() => undefined)).toBeUndefined();
      await documents.remove('_id', id).catch(() => {});
    }
    expect(await old.countDocuments()).toBe(ids.length);
  });
});
