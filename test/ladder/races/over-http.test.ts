// The same races through the bridges of both platforms, over sockets.
import { describe, test } from 'vitest';
import type { SessionDocument } from '../../../lib/mongo/documents/session-document.interface.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { isProof } from '../../support/proof-out.js';
import { REPRESENTATIVE, allPairs } from './support/operations.js';
import { overHttp } from './support/over-http.js';
import { documentsOf } from './support/race.js';
import { ONE_ORDER_EACH, TEN_MINUTES, racesOf } from './support/try-all.js';

const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });
const { store } = mongoStore({ db, collection: 'sessions' });
const documents = documentsOf(db.collection<SessionDocument>('sessions'));
const tryAll = racesOf('over-http');

describe.each(PLATFORMS)('over HTTP on %s', (platform) => {
  const track = overHttp(platform, store, documents);

  test('two requests', { timeout: TEN_MINUTES }, () =>
    tryAll('pairs', platform, track(), {
      races: isProof ? allPairs() : REPRESENTATIVE,
      rules: isProof ? ONE_ORDER_EACH : ONE_ORDER_EACH.slice(0, 1),
    }),
  );
});
