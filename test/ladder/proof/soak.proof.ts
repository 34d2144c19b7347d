// Sessions come and go for a long time: what the app holds in memory and in open sockets, listeners and timers stays what it was.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { type Platform, PLATFORMS, testDatabase } from '../../support/http.js';
import { writeProof } from '../../support/proof-out.js';
import { AppProcess, type Report } from './support/app-process.js';
import { machine } from './support/machine.js';
import { Churn } from './support/churn.js';

const SECONDS = Number(process.env['PROOF_SOAK_SECONDS'] ?? 600);
const SAMPLES = 40;
const CLIENTS = 4;
/** What an app may hold more at the end than at the beginning, after tens of thousands of requests. */
const HEAP_SLACK = 2 * 2 ** 20;

const { uri, db } = testDatabase();

test(`sessions come and go for ${SECONDS} seconds`, { timeout: SECONDS * 1000 + 120_000 }, async () => {
  const results = await Promise.all(PLATFORMS.map(soak));
  writeProof('soak', { seconds: SECONDS, clients: CLIENTS, results, machine: machine(inject('mongo')) });
  for (const { samples } of results) expectFlat(samples);
});

async function soak(platform: Platform) {
  const database = `${db.databaseName}_${platform}`;
  // Those that nobody ends are collected by MongoDB's own TTL monitor.
  const app = new AppProcess({ uri: uri.replace(db.databaseName, database), platform, idleTimeout: '15s' });
  await app.start();
  const churn = new Churn(app.origin, CLIENTS);
  const samples: (Report & { at: number; requests: number; documents: number })[] = [];
  try {
    churn.run();
    for (let sample = 1; sample <= SAMPLES; sample++) {
      await delay((SECONDS * 1000) / SAMPLES);
      await churn.hold();
      const documents = await db.client.db(database).collection('sessions').estimatedDocumentCount();
      const at = Math.round((sample * SECONDS) / SAMPLES);
      samples.push({ at, requests: churn.requests, documents, ...(await app.measure()) });
      churn.run();
    }
    await churn.hold();
    expect(churn.failures).toEqual([]);
    return { platform, requests: churn.requests, sessions: churn.sessions, samples };
  } finally {
    await churn.hold();
    await app.kill();
    await db.client.db(database).dropDatabase();
  }
}

/** The first quarter is for warming up: the second one is compared with the last one. */
function expectFlat(samples: readonly (Report & { documents: number })[]): void {
  const quarter = Math.floor(samples.length / 4);
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
  const median = (of: typeof early, key: 'heap' | 'documents') =>
    of.map((sample) => sample[key]).toSorted((a, b) => a - b)[Math.floor(of.length / 2)]!;
  const most = (of: typeof early, key: 'sockets' | 'timers' | 'listeners') =>
    Math.max(...of.map((sample) => sample[key]));
  expect(median(late, 'heap')).toBeLessThan(median(early, 'heap') + HEAP_SLACK);
  expect(most(late, 'sockets')).toBeLessThanOrEqual(most(early, 'sockets') + CLIENTS);
  expect(most(late, 'timers')).toBeLessThanOrEqual(most(early, 'timers') + CLIENTS);
  expect(most(late, 'listeners')).toBeLessThanOrEqual(most(early, 'listeners'));
}
