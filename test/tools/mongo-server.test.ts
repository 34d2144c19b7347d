import { expect, inject, test } from 'vitest';
import { failCommand, testDatabase } from '../support/mongo.js';

const { client, db, appName } = testDatabase();

test('the run has a MongoDB, and each file a database of its own', async () => {
  await db.collection<{ _id: string }>('things').insertOne({ _id: 'a' });
  expect(await db.collection('things').countDocuments()).toBe(1);
  expect(inject('mongo').version).toMatch(/^\d+\.\d+/);
});

test.runIf(inject('mongo').failpoints)('a failpoint hits its own client until it is cleared', async () => {
  expect(client.options.appName).toBe(appName);
  const clear = await failCommand(client, { failCommands: ['find'], errorCode: 2 });
  await expect(db.collection('things').findOne({})).rejects.toMatchObject({ code: 2 });
  await clear();
  await expect(db.collection('things').findOne({})).resolves.toBeDefined();
});
