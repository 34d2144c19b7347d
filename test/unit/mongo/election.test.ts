// A replica set of three whose primary is killed: what waits for the election is answered by the next primary.
import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type MongoServer, start } from '../../../tools/mongo-server.mjs';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, storedSession, target } from '../../../lib/testing/contract/stored-sessions.js';

const SESSIONS = 8;
/** How long there are requests: twice as long as an election takes here. */
const ROUNDS = 60;
const EVERY_MS = 100;

const { MONGODB_URI: _given, ...env } = process.env;
let server: MongoServer;
beforeAll(async () => {
  server = await start({ members: 3, failpoints: false, env, log: () => {} });
});
afterAll(() => server.stop());

async function killPrimary(client: mongoose.mongo.MongoClient) {
  const { primary } = await client.db('admin').command({ hello: 1 });
  const member = server.members.find(({ port }) => (primary as string).endsWith(`:${port}`))!;
  await member.kill();
  return member;
}

/** Reads and writes that begin all the time while the primary is killed; what has failed here, and after how long. */
async function throughElection(timeoutMs: number) {
  const client = new mongoose.mongo.MongoClient(server.uri);
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
