// A server that is no replica set has no change streams, no cluster time and no retried writes.
import mongoose from 'mongoose';
import { afterAll, expect, test } from 'vitest';
import { start } from '../../../tools/mongo-server.mjs';
import { describePorts, type PortStore } from '../../support/store/describe-ports.js';
import { mongoStore } from '../../support/store/mongo-store.js';

const { MONGODB_URI: _, ...env } = process.env;
// Before the tests are described, for they need the store by then.
const server = await start({ alone: true, env, log: () => {} });
const { store } = mongoStore({ collection: 'sessions', uri: server.uri, dbName: 'alone' });
afterAll(async () => {
  await store.stop();
  await server.stop();
});

describePorts('MongoSessionStore on a server alone', store);

test('listen says once why nothing will ever be heard', async () => {
  const reasons: unknown[] = [];
  await new Promise<void>((resolve) => {
    (store as unknown as PortStore).listen!(
      () => reasons.push('rang'),
      (reason) => {
        reasons.push(reason);
        resolve();
      },
    );
  });
  expect(reasons).toEqual(['MongoDB has change streams on a replica set or sharded cluster only']);
});

test('the server is alone indeed', async () => {
  const client = await new mongoose.mongo.MongoClient(server.uri).connect();
  expect(await client.db('admin').command({ hello: 1 })).not.toHaveProperty('setName');
  await client.close();
});
