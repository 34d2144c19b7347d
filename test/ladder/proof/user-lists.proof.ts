// What the list of a user costs among a million sessions, and what a poll and a walk over everybody do.
import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../support/mongo.js';
import { writeProof } from '../../support/proof-out.js';
import type { PortStore } from '../../support/store/describe-ports.js';
import { mongoStore } from '../../support/store/mongo-store.js';

const MANY = 1_000_000;
const FEW = 1000;
/** Sessions of each user. */
const DEVICES = 5;
const ROUNDS = 400;
const WARM_UP = 100;

const { client, db } = testDatabase();
const { Binary, ObjectId } = mongoose.mongo;
const measured: Record<string, number> = {};
afterAll(() => writeProof('user-lists', measured));

/** A collection with so many sessions, of which every tenth has no user. */
async function fill(name: string, count: number) {
  const { store } = mongoStore(
    { client, dbName: db.databaseName, collection: name },
    { indexes: 'ensure', timeoutMs: 60_000 },
  );
  await store.start();
  const now = Date.now();
  const one = (n: number) => ({
    _id: new ObjectId(),
    secretHash: new Binary(randomBytes(32)),
    epoch: 1,
    data: { cart: ['a', 'b'], theme: 'dark' },
    ...(n % 10 && { userId: `user ${n % Math.ceil(count / DEVICES)}` }),
    createdAt: new Date(now),
    lastSeenAt: new Date(now - (n % 100_000)),
    expiresAt: new Date(now + 86_400_000),
    meta: { authenticatedAt: new Date(now), amr: ['pwd'] },
    v: 1,
  });
  for (let at = 0; at < count; at += 10_000) {
    const documents = Array.from({ length: Math.min(10_000, count - at) }, (_, n) => one(at + n));
    await db.collection(name).insertMany(documents, { ordered: false, writeConcern: { w: 1 } });
  }
  return store as unknown as PortStore;
}

const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

async function time(operation: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await operation();
  return performance.now() - begin;
}

test(`the list of a user among ${MANY} sessions takes at most 1.2 times what it takes among ${FEW}`, async () => {
  const [many, few] = [await fill('many', MANY), await fill('few', FEW)];
  const times: { many: number[]; few: number[] } = { many: [], few: [] };
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const list = async (store: PortStore, users: number) => {
      // Another user each time, so that no page of the index is always the same.
      const sessions = await store.findByUser(`user ${(1 + Math.abs(round) * 7919) % users}`, 100);
      if (sessions.length > DEVICES) throw new Error('more sessions than the user has');
    };
    // By turns, so that whatever else the machine does meets both.
    const [inMany, inFew] = [await time(() => list(many, MANY / DEVICES)), await time(() => list(few, FEW / DEVICES))];
    if (round >= 0) {
      times.many.push(inMany);
      times.few.push(inFew);
    }
  }
  const [inMany, inFew] = [median(times.many), median(times.few)];
  Object.assign(measured, { sessions: MANY, listAmongMany: inMany, listAmongFew: inFew, listRatio: inMany / inFew });
  const peeked = await many.handlesOf('user 1', undefined, 10);
  expect(peeked.length).toBeGreaterThan(0);

  const handles = await many.handlesOf(true, undefined, 1000);
  const peeks: number[] = [];
  for (let round = 0; round < 50; round++) peeks.push(await time(() => many.peek(handles)));
  measured['peekOf1000'] = median(peeks);

  let pages = 0;
  let found = 0;
  measured['walkOverEverybody'] = await time(async () => {
    for (let page = handles; page.length > 0; page = await many.handlesOf(true, page.at(-1), 1000)) {
      pages++;
      found += page.length;
    }
  });
  expect(found).toBe(MANY * 0.9);
  measured['pages'] = pages;
  // The worst page: nobody behind it has a user.
  await db.collection('many').updateMany({}, { $unset: { userId: '' } }, { writeConcern: { w: 1 } });
  measured['pageWithoutUsers'] = await time(() => many.handlesOf(true, undefined, 1000));
  console.log(measured);
  expect(measured['listRatio']).toBeLessThanOrEqual(1.2);
});
