// Every order in which parallel requests of one session can meet, on a real MongoDB, and what must hold after each.
import { describe, test } from 'vitest';
import type { SessionDocument } from '../../../lib/mongo/documents/session-document.interface.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { testDatabase } from '../../support/http.js';
import { isProof } from '../../support/proof-out.js';
import { inProcess } from './support/in-process.js';
import { TRIPLES, WAITING, allPairs } from './support/operations.js';
import { documentsOf } from './support/race.js';
import { EVERY_ORDER, ONE_ORDER_EACH, TEN_MINUTES, racesOf } from './support/try-all.js';

// How long a write takes to be on disk is not what is raced here.
const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });
const { store } = mongoStore({ db, collection: 'sessions' });
const documents = documentsOf(db.collection<SessionDocument>('sessions'));
const tryAll = racesOf('in-process');

describe('in process', () => {
  const [several, one] = [inProcess(store, documents), inProcess(store, documents, { isOneProcess: true })];

  test('two requests, whatever they do', { timeout: TEN_MINUTES }, () =>
    tryAll('pairs', 'in process', several, {
      races: allPairs(),
      rules: isProof ? ONE_ORDER_EACH : ONE_ORDER_EACH.slice(0, 1),
    }),
  );

  // What they share is more than store and browser: here no order is left out.
  test('requests of one process that wait for each other', { timeout: TEN_MINUTES }, () =>
    tryAll(`pairs that wait${isProof ? ', stopped at every point' : ''}`, 'in one process', one, {
      races: WAITING,
      rules: isProof ? EVERY_ORDER : ONE_ORDER_EACH.slice(0, 1),
    }),
  );

  test('three requests', { timeout: TEN_MINUTES }, () =>
    tryAll('triples', 'in process', several, {
      races: isProof ? TRIPLES : TRIPLES.slice(0, 1),
      rules: ONE_ORDER_EACH.slice(0, 1),
    }),
  );
});
