// Of all orders of their steps, the races try one of each set that can't end differently. Here all are tried, and compared with it.
import { afterAll, describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../lib/index.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import type { SessionDocument } from '../../../lib/mongo/documents/session-document.interface.js';
import { decode } from '../../support/core/codec.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { leakScan } from '../../support/leak-scan/leak-scan.js';
import { isProof, writeProof } from '../../support/proof-out.js';
import { inProcess } from './support/in-process.js';
import { type OperationName, allPairs } from './support/operations.js';
import { overHttp } from './support/over-http.js';
import { type RaceTrack, documentsOf } from './support/race.js';
import { type Comparison, compareOrders } from './support/reduction.js';
import { TEN_MINUTES } from './support/try-all.js';

type Pairs = readonly (readonly OperationName[])[];

/** Of few steps, and of every kind. */
const FEW: Pairs = [
  ['set a', 'login keep'],
  ['read', 'logout'],
  ['delete a', 'regenerate keep'],
];

const compared: object[] = [];
afterAll(() => writeProof('reduction', { compared }));

async function compareAll(where: string, track: RaceTrack, pairs: Pairs): Promise<void> {
  const begin = performance.now();
  const sum = { all: 0, distinct: 0, wrong: [] as string[] };
  const compare = async (): Promise<void> => {
    for (const names of pairs) add(sum, await compareOrders(track, names, 'at once'));
  };
  await (leakScan()?.whileInventing(compare) ?? compare());
  const { all, distinct, wrong } = sum;
  compared.push({ where, races: pairs.length, all, distinct });
  const milliseconds = Math.round(performance.now() - begin);
  console.log(
    `${where}: ${pairs.length} races, ${all} orders, ${distinct} tried in their place, in ${milliseconds} ms`,
  );
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(all).toBeGreaterThan(distinct);
}

function add(sum: { all: number; distinct: number; wrong: string[] }, { all, distinct, wrong }: Comparison): void {
  sum.all += all;
  sum.distinct += distinct;
  sum.wrong.push(...wrong);
}

describe('each of all orders ends like the one that is tried in its place', () => {
  test('in process, on the store in memory', { timeout: TEN_MINUTES }, async () => {
    const store = new MemorySessionStore();
    const document: RaceTrack['document'] = async (handle) => {
      const stored = await store.find(handle);
      return stored && { data: decode(stored.data), user: stored.userId as string | undefined };
    };
    await compareAll('in process, in memory', inProcess(store, document), isProof ? allPairs() : FEW);
  });

  const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });
  const { store } = mongoStore({ db, collection: 'sessions' });
  const documents = documentsOf(db.collection<SessionDocument>('sessions'));

  test.runIf(isProof)('in process, on MongoDB', { timeout: TEN_MINUTES }, () =>
    compareAll('in process, on MongoDB', inProcess(store, documents), FEW),
  );

  describe.each(PLATFORMS)('over HTTP', (platform) => {
    const track = overHttp(platform, store, documents);

    test.runIf(isProof)(`on ${platform}`, { timeout: TEN_MINUTES }, () => compareAll(platform, track(), FEW));
  });
});
