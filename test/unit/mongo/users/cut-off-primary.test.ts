// A replica set of three, and a primary that the others have left: it still answers, also about what it will have to take back.
import mongoose from 'mongoose';
import { expect, onTestFinished, test } from 'vitest';
import { storedSession } from '../../../../lib/testing/contract/stored-sessions.js';
import type { PortStore } from '../../../support/store/describe-ports.js';
import { membersBy, replicaSet } from '../../../support/replica-set.js';
import { mongoStore } from '../../../support/store/mongo-store.js';

const set = replicaSet();

const patient = { timeout: 30_000, interval: 100 };

function connect(writeConcern: mongoose.mongo.WriteConcernSettings = {}) {
  const client = new mongoose.mongo.MongoClient(set.server.uri, { writeConcern });
  onTestFinished(() => client.close());
  const source = { client, dbName: 'seats', collection: 'sessions' };
  return { client, store: mongoStore(source, { timeoutMs: 1500 }).store as unknown as PortStore };
}

test('findSeated calls no session absent whose removal a failover takes back', async () => {
  const { client, store } = connect();
  // Acknowledged by the primary alone: what a write with a majority looks like to whoever reads there before it fails.
  const careless = connect({ w: 1 });
  const session = storedSession({ userId: 'ada' });
  await store.insert(session);
  await careless.store.find(session.handle);
  // On all three, so that every one of them can become the primary with it.
  await client
    .db('seats')
    .collection('warmup')
    .insertOne({}, { writeConcern: { w: 3 } });
  const { primary, others } = await membersBy(set.server, client);
  await Promise.all(others.map((other) => other.kill()));
  expect(await careless.store.take(session.handle, { userId: 'ada' })).toMatchObject({ userId: 'ada' });
  const seated = async () => {
    const { asOf } = await store.findUsers(['ada']);
    return store.findSeated([session.handle], 'ada', asOf);
  };
  // The cut-off primary has no such session, and says so to everybody who asks it alone.
  expect(await store.find(session.handle)).toBeUndefined();
  await expect(seated()).rejects.toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
  await primary.kill();
  await Promise.all(others.map((other) => other.restart()));
  await expect.poll(() => seated().catch(() => []), patient).toHaveLength(1);
  await primary.restart();
}, 120_000);

test('a direct connection to a secondary reads nothing, as what it has may be out of date', async () => {
  const { client, store } = connect();
  const session = storedSession({ userId: 'ada' });
  await store.insert(session);
  await client
    .db('seats')
    .collection('warmup')
    .insertOne({}, { writeConcern: { w: 3 } });
  const { primary, others } = await membersBy(set.server, client);
  const directly = ({ port }: { port: number }) => {
    const uri = `mongodb://127.0.0.1:${port}/seats?directConnection=true`;
    const there = mongoStore({ uri, collection: 'sessions' }, { timeoutMs: 5000 }).store as unknown as PortStore;
    onTestFinished(() => there.stop?.());
    return there;
  };
  expect(await directly(primary).find(session.handle)).toMatchObject({ userId: 'ada' });
  const secondary = directly(others[0]!);
  for (const read of [
    () => secondary.find(session.handle),
    () => Promise.all([secondary.find(session.handle), secondary.find(storedSession().handle)]),
    () => secondary.findByUser('ada', 10),
  ]) {
    await expect(read()).rejects.toMatchObject({
      code: 'SESSION_STORE_UNAVAILABLE',
      message: expect.stringContaining('`directConnection`') as string,
    });
  }
});

test('listen hears of an end after another member was elected', async () => {
  const { client, store } = connect();
  const writer = connect().store;
  let rings = 0;
  const stop = store.listen!(
    () => rings++,
    () => {},
  );
  onTestFinished(() => stop());
  await expect.poll(() => rings, patient).toBeGreaterThan(0);
  const { primary } = await membersBy(set.server, client);
  await primary.kill();
  const insert = async () => {
    const session = storedSession();
    await writer.insert(session);
    return session;
  };
  await expect
    .poll(
      () =>
        insert().then(
          () => true,
          () => false,
        ),
      patient,
    )
    .toBe(true);
  // As soon as it hears the new primary, whatever has happened meanwhile.
  await expect
    .poll(async () => {
      const { handle } = await insert();
      const before = rings;
      await writer.remove(handle);
      return expect
        .poll(() => rings, { timeout: 1000, interval: 10 })
        .toBeGreaterThan(before)
        .then(
          () => true,
          () => false,
        );
    }, patient)
    .toBe(true);
  await primary.restart();
}, 120_000);
