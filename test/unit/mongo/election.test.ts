// A replica set of three whose primary is killed: what waits for the election is answered by the next primary, and a login that the
// failover takes back, whose epoch then comes a second time, which only `w: 1` makes possible.
import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { membersBy, replicaSet } from '../../support/replica-set.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, secretChange, storedSession, target, unpack } from '../../../lib/testing/contract/stored-sessions.js';

const SESSIONS = 8;
/** How long there are requests: twice as long as an election takes here. */
const ROUNDS = 60;
const EVERY_MS = 100;

const set = replicaSet();

async function killPrimary(client: mongoose.mongo.MongoClient) {
  const { primary } = await membersBy(set.server, client);
  await primary.kill();
  return primary;
}

/** Reads and writes that begin all the time while the primary is killed; what has failed here, and after how long. */
async function throughElection(timeoutMs: number) {
  const client = new mongoose.mongo.MongoClient(set.server.uri);
  onTestFinished(() => client.close());
  const source = { client, dbName: 'election', collection: 'sessions' };
  const { store, lines } = mongoStore(source, { timeoutMs });
  const patient = mongoStore(source, { timeoutMs: 60_000 }).store;
  const sessions = Array.from({ length: SESSIONS }, () => storedSession());
  for (const session of sessions) await patient.insert(session);
  const failures: number[] = [];
  const call = async (operation: Promise<unknown>) => {
    const begin = performance.now();
    await operation.catch((error: Error) => {
      // The driver itself now and then gives up, after its one retry, what it has sent in the moment of the kill.
      if (!error.cause) failures.push(performance.now() - begin);
    });
  };
  const calls: Promise<void>[] = [];
  const killed = killPrimary(client);
  for (let round = 0; round < ROUNDS; round++) {
    for (const { handle } of sessions) calls.push(call(store.find(handle)));
    calls.push(call(store.update(target(sessions[0]!.handle), { set: pack({ round }) })));
    calls.push(call(store.insert(storedSession())));
    await delay(EVERY_MS);
  }
  await Promise.all(calls);
  await (await killed).restart();
  // The next one has a primary to read from.
  expect(await patient.find(sessions[0]!.handle)).toBeDefined();
  return { failures, lines, count: calls.length };
}

describe('A13: an election', () => {
  test('costs no operation that has the time to wait for it', async () => {
    const { failures, count } = await throughElection(25_000);
    expect(count).toBeGreaterThan(500);
    expect(failures).toEqual([]);
  }, 90_000);

  test('that takes longer than the deadline is no outage: whoever comes waits for the next primary', async () => {
    const timeoutMs = 250;
    const { failures, lines } = await throughElection(timeoutMs);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.filter((elapsed) => elapsed < timeoutMs - 20)).toEqual([]);
    expect(lines).toEqual([]);
  }, 90_000);
});

/** A login that only the primary has heard of, and a failover; what the login's caller was told, and the next primary's store. */
async function loginBeforeFailover(writeConcern: mongoose.mongo.WriteConcernSettings) {
  const client = new mongoose.mongo.MongoClient(set.server.uri, { writeConcern });
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
  const { primary, others } = await membersBy(set.server, client);
  // Not stopped, for what is on its way to them would reach them after all.
  await Promise.all(others.map((other) => other.kill()));
  const told = await store
    .replaceSecret(target(session.handle), secretChange({ userId: 'ada' }))
    .catch((error: { code: string }) => error.code);
  await primary.kill();
  onTestFinished(() => set.server.members.find(({ pid }) => pid === undefined)?.restart());
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
