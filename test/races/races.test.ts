// Every order in which parallel requests of one session can meet, on a real MongoDB, and what must hold after each.
import { afterAll, describe, expect, test } from 'vitest';
import type { SessionDocument } from '../../lib/mongo/session-document.interface.js';
import { mongoStore } from '../store/support/mongo-store.js';
import { PLATFORMS } from '../support/app.js';
import { leakScan } from '../support/leak-scan/leak-scan.js';
import { testDatabase } from '../support/mongo.js';
import { isProof, writeProof } from '../support/proof-out.js';
import { inProcess } from './support/in-process.js';
import { INVARIANTS } from './support/invariants.js';
import { type OperationName, OPERATION_NAMES, TRIPLES, allPairs } from './support/operations.js';
import { overHttp } from './support/over-http.js';
import type { RaceRules, RaceTrack } from './support/race.js';
import { ALL_POINTS, PAUSE_POINTS, VISIBLE_POINTS } from './support/racer.js';
import { type Plan, runRaces } from './support/tally.js';

// How long a write takes to be on disk is not what is raced here.
const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });
const { store } = mongoStore({ db, collection: 'sessions' });
const collection = db.collection<SessionDocument>('sessions');

const COOKIES: readonly RaceRules['cookies'][] = ['at once', 'one by one'];
const visible = COOKIES.map((cookies) => ({ points: VISIBLE_POINTS, cookies }));
const everyPoint = [{ points: ALL_POINTS, cookies: 'at once' }] as const;
const TEN_MINUTES = 600_000;

/** Those whose steps differ most from each other. */
const REPRESENTATIVE: readonly (readonly OperationName[])[] = [
  ['set a', 'set b'],
  ['set a', 'login keep'],
  ['set a again', 'logout'],
  ['delete a', 'regenerate keep'],
  ['increment', 'increment'],
  ['increment', 'login'],
  ['empty', 'set b'],
  ['login', 'login'],
  ['login', 'logout'],
  ['read', 'touch'],
];

const measured: object[] = [];

/** Runs them all; says how many there were. */
async function tryAll(name: string, where: string, track: RaceTrack, plan: Plan): Promise<void> {
  const begin = performance.now();
  const run = () => runRaces(track, plan);
  // More tokens than a scan for leaks could keep in mind.
  const { tried, passed, failures } = await (leakScan()?.whileInventing(run) ?? run());
  const milliseconds = Math.round(performance.now() - begin);
  measured.push({ name, where, races: plan.races.length, interleavings: tried, passed, milliseconds });
  console.log(`${name}, ${where}: ${plan.races.length} races, ${tried} interleavings tried, ${passed} passed`);
  expect([...failures.values()].slice(0, 10)).toEqual([]);
  expect(tried).toBeGreaterThan(plan.races.length);
}

afterAll(() =>
  writeProof('races', {
    isComplete: isProof,
    operations: OPERATION_NAMES,
    pausePoints: PAUSE_POINTS,
    invariants: Object.values(INVARIANTS),
    measured,
  }),
);

describe('in process', () => {
  const [several, one] = [inProcess(store, collection), inProcess(store, collection, { isOneProcess: true })];

  test('two requests, whatever they do and in whatever order others notice it', { timeout: TEN_MINUTES }, () =>
    tryAll('pairs, before what others notice', 'in process', several, {
      races: allPairs(),
      rules: isProof ? visible : visible.slice(0, 1),
    }),
  );

  test('requests of one process that wait for each other', { timeout: TEN_MINUTES }, () =>
    tryAll(`pairs that wait, ${isProof ? 'at every point' : 'before what others notice'}`, 'in one process', one, {
      races: WAITING,
      rules: isProof ? everyPoint : visible.slice(0, 1),
    }),
  );

  test('three requests', { timeout: 2 * TEN_MINUTES }, () =>
    tryAll('triples, before what others notice', 'in process', several, {
      races: isProof ? TRIPLES : TRIPLES.slice(0, 1),
      rules: visible.slice(0, 1),
    }),
  );

  test.runIf(isProof)('two requests, stopped at every point', { timeout: 4 * TEN_MINUTES }, () =>
    tryAll('pairs, at every point', 'in process', several, { races: allPairs(), rules: everyPoint }),
  );
});

/** Atomic changes of one session wait for each other within a process. */
const WAITING: readonly (readonly OperationName[])[] = [
  ['increment', 'increment'],
  ['increment', 'login keep'],
  ['increment', 'logout'],
];

describe.each(PLATFORMS)('over HTTP on %s', (platform) => {
  const track = overHttp(platform, store, collection);

  test('two requests, in whatever order others notice it', { timeout: TEN_MINUTES }, () =>
    tryAll('pairs, before what others notice', platform, track(), {
      races: isProof ? allPairs() : REPRESENTATIVE,
      rules: isProof ? visible : visible.slice(0, 1),
    }),
  );

  test.runIf(isProof)('two requests, stopped at every point', { timeout: 2 * TEN_MINUTES }, () =>
    tryAll('pairs, at every point', platform, track(), {
      // Those of six steps each: the longer ones are tried in process.
      races: REPRESENTATIVE.filter((names) => !names.some((name) => ['empty', 'set a again'].includes(name))),
      rules: everyPoint,
    }),
  );
});
