// The harness finds mistakes: each is put into the library, and an invariant catches it.
import { afterAll, describe, expect, test } from 'vitest';
import type { SessionDocument } from '../../../lib/mongo/documents/session-document.interface.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { writeProof } from '../../support/proof-out.js';
import { FAULTS } from './support/faults.js';
import { inProcess } from './support/in-process.js';
import { INVARIANTS } from './support/invariants.js';
import { overHttp } from './support/over-http.js';
import { documentsOf } from './support/race.js';
import { caughtBy, runRaces } from './support/tally.js';

// How long a write takes to be on disk is not what is raced here.
const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });
const { store } = mongoStore({ db, collection: 'sessions' });
const collection = db.collection<SessionDocument>('sessions');
const documents = documentsOf(collection);
const rules = [{ orders: 'distinct', cookies: 'at once' }] as const;

const measured: object[] = [];
afterAll(() => writeProof('faults', { measured }));

describe('a seeded fault', () => {
  test.each(FAULTS)('$name: is caught', async ({ name, races, caughtBy: expected, seed }) => {
    const plan = { races: [races], rules };
    const right = await runRaces(inProcess(store, documents), plan);
    expect([...right.failures.values()]).toEqual([]);

    const wrong = await runRaces(inProcess(store, documents, seed(collection)), plan);

    const invariants = caughtBy(wrong);
    expect(invariants).toContain(expected);
    expect(wrong.tried).toBeGreaterThanOrEqual(wrong.passed);
    const told = invariants.map((invariant) => INVARIANTS[invariant]);
    measured.push({
      name,
      race: races,
      caughtBy: told,
      interleavings: wrong.tried,
      failed: wrong.tried - wrong.passed,
    });
    console.log(
      `${name}: ${wrong.tried - wrong.passed} of ${wrong.tried} interleavings fail, by "${told.join('", "')}"`,
    );
  });
});

// The one of the answers is the platform's own part, and has no store to be put into.
const IN_THE_STORE = FAULTS.filter(({ seed }) => seed(collection).around);

describe.each(PLATFORMS.flatMap((platform) => IN_THE_STORE.map((fault) => ({ platform, ...fault }))))(
  '$name on $platform',
  ({ platform, name, races, caughtBy: expected, seed }) => {
    const track = overHttp(platform, store, documents, seed(collection).around);

    test('is caught', async () => {
      const wrong = await runRaces(track(), { races: [races], rules });
      const invariants = caughtBy(wrong);
      expect(invariants).toContain(expected);
      const told = invariants.map((invariant) => INVARIANTS[invariant]);
      const failed = wrong.tried - wrong.passed;
      measured.push({ where: platform, name, race: races, caughtBy: told, interleavings: wrong.tried, failed });
    });
  },
);
