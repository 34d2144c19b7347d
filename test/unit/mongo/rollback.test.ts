// A login that a failover takes back. Its epoch then comes a second time, which only `w: 1` makes possible.
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type MongoServer, start } from '../../../tools/mongo-server.mjs';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, secretChange, storedSession, target, unpack } from '../../../lib/testing/contract/stored-sessions.js';

const { MONGODB_URI: _given, ...env } = process.env;
let server: MongoServer;
beforeAll(async () => {
  server = await start({ members: 3, durable: true, failpoints: false, env, log: () => {} });
});
afterAll(() => server.stop());

/** A login that only the primary has heard of, and a failover; what the login's caller was told, and the next primary's store. */
async function loginBeforeFailover(writeConcern: mongoose.mongo.WriteConcernSettings) {
  const client = new mongoose.mongo.MongoClient(server.uri, { writeConcern });
  onTestFinished(() => client.close());
  const { store } = mongoStore({ client, dbName: 'rollback', collection: 'sessions' }, { timeoutMs: 1500 });
  const session = storedSession({ values: { cart: 1 } });
  // On all three, so that every one of them can become the primary with it.
  await client
    .db('rollback')
    .collection('warmup')
    .insertOne({}, { writeConcern: { w: 3 } });
  await store.insert(session);
  await client
    .db('rollback')
    .collection('warmup')
    .insertOne({}, { writeConcern: { w: 3 } });
  const { primary } = await client.db('admin').command({ hello: 1 });
  const isPrimary = ({ port }: { port: number }) => (primary as string).endsWith(`:${port}`);
  const others = server.members.filter((member) => !isPrimary(member));
  // Not stopped, for what is on its way to them would reach them after all.
  await Promise.all(others.map((other) => other.kill()));
  const told = await store
    .replaceSecret(target(session.handle), secretChange({ userId: 'ada' }))
    .catch((error: { code: string }) => error.code);
  await server.members.find(isPrimary)!.kill();
  onTestFinished(() => server.members.find(({ pid }) => pid === undefined)?.restart());
  await Promise.all(others.map((other) => other.restart()));
  await expect
    .poll(() => store.find(session.handle).catch(() => undefined), { timeout: 20_000 })
    .toMatchObject({ epoch: 0 });
  return { store, session, told };
}

describe('A26: a login that a failover has taken back', () => {
  test('was not acknowledged, because a majority must have it', async () => {
    const { told } = await loginBeforeFailover({});
    expect(told).toBe('SESSION_STORE_UNAVAILABLE');
  });

  test('with w: 1 was acknowledged, and what it began can be written into the next login', async () => {
    const { store, session, told } = await loginBeforeFailover({ w: 1 });
    expect(told).toBe(true);
    await store.replaceSecret(target(session.handle), secretChange({ userId: 'eve' }));
    // A request of ada's, who was logged in at epoch 1, as eve is now.
    expect(await store.update(target(session.handle, 1), { set: pack({ cart: 'of ada' }) })).toBe(true);
    const stored = await store.find(session.handle);
    expect([stored?.userId, unpack(stored)]).toEqual(['eve', { cart: 'of ada' }]);
  });
});
