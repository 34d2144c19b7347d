// Every order in which requests with one old cookie can meet, and what ends the session with them; and processes that are killed.
import { afterAll, describe, expect, test } from 'vitest';
import { MemorySessionStore, type MovingStore, type SessionStore } from '../../../lib/index.js';
import { testDatabase } from '../../support/http.js';
import { leakScan } from '../../support/leak-scan/leak-scan.js';
import { isProof, writeProof } from '../../support/proof-out.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { type Choose, explore } from '../races/support/explore.js';
import { type ActorName, MoveRace } from './support/move-race.js';
import { type Setting, VIOLATIONS, type Violation } from './support/race-setting.js';

const TEN_MINUTES = 600_000;
type Store = SessionStore & MovingStore;

interface Plan {
  readonly race: readonly ActorName[];
  readonly setting?: Setting;
  /** As many orders, chosen by chance; all of them if it is not given. */
  readonly samples?: number | undefined;
  readonly store?: () => Store;
}

/** What was violated, with the first order that did it. */
async function runRaces({ race, setting, samples, store = () => new MemorySessionStore() }: Plan) {
  const failures = new Map<Violation, string>();
  let tried = 0;
  let failed = 0;
  const once = async (choose: Choose) => {
    tried += 1;
    const { violations, schedule } = await new MoveRace(store(), race, setting).run(choose);
    if (violations.length > 0) failed += 1;
    for (const violation of violations) if (!failures.has(violation)) failures.set(violation, schedule.join(', '));
  };
  const run = async () => {
    if (samples === undefined) await explore(once);
    else for (let seed = 0; seed < samples; seed++) await once(chooseAtRandom(seed));
  };
  await (leakScan()?.whileInventing(run) ?? run());
  return { tried, failed, failures };
}

/** By their kind. */
const measured: Record<string, { races: number; interleavings: number; passed: number }> = {};
afterAll(() => writeProof('moves', { isComplete: isProof, invariants: Object.values(VIOLATIONS), measured }));

async function tryAll(kind: string, plan: Plan): Promise<void> {
  const { tried, failed, failures } = await runRaces(plan);
  const { races = 0, interleavings = 0, passed = 0 } = measured[kind] ?? {};
  measured[kind] = { races: races + 1, interleavings: interleavings + tried, passed: passed + tried - failed };
  console.log(
    `${plan.race.join(' × ')} ${JSON.stringify(plan.setting ?? {})}: ${tried} interleavings, ${failures.size} failures`,
  );
  expect([...failures]).toEqual([]);
  expect(tried).toBeGreaterThan(plan.samples === undefined ? 2 : 0);
}

/** The same numbers in each run. */
function chooseAtRandom(seed: number): Choose {
  let state = (seed + 1) * 0x9e3779b9;
  return (options) => {
    state = Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5;
    return ((state ^ (state >>> 14)) >>> 0) % options;
  };
}

const PAIRS: (readonly ActorName[])[] = [
  ['move', 'move'],
  ['move', 'logout'],
  ['logout', 'logout'],
  ['move', 'login'],
  ['move', 'regenerate'],
  ['move', 'empty'],
  ['move', 'revoke'],
  ['move', 'upsert'],
  ['logout', 'upsert'],
  ['move', 'minutes'],
  ['move', 'hours'],
];
const TRIPLES: (readonly ActorName[])[] = [
  ['move', 'move', 'logout'],
  ['move', 'move', 'empty'],
  ['move', 'move', 'revoke'],
  ['move', 'logout', 'minutes'],
  ['move', 'move', 'hours'],
  ['move', 'logout', 'upsert'],
  ['move', 'login', 'logout'],
  ['move', 'move', 'move'],
];
const title = (race: readonly ActorName[]) => race.join(' and ');

describe('requests with one old cookie', () => {
  test.each(PAIRS.map((race) => [title(race), race] as const))(
    '%s, in every order',
    { timeout: TEN_MINUTES },
    (_, race) => tryAll('two requests, every order', { race }),
  );

  test.each(TRIPLES.map((race) => [title(race), race] as const))(
    '%s, in orders chosen by chance',
    { timeout: TEN_MINUTES },
    (_, race) => tryAll('three requests, orders chosen by chance', { race, samples: isProof ? 8000 : 400 }),
  );

  test.each(
    [...PAIRS, ...TRIPLES].filter((race) => !race.includes('upsert')).map((race) => [title(race), race] as const),
  )('that holds the session itself: %s, in orders chosen by chance', { timeout: TEN_MINUTES }, (_, race) =>
    tryAll('a cookie that holds the session, by chance', {
      race,
      setting: { isSealed: true },
      samples: isProof ? 2000 : 150,
    }),
  );

  test.each([
    ['move', 'move'],
    ['move', 'logout'],
    ['move', 'revoke'],
  ] as const)('of a user: %s and %s, in orders chosen by chance', { timeout: TEN_MINUTES }, (...race) =>
    tryAll('the session of a user, by chance', { race, setting: { hasUser: true }, samples: isProof ? 2000 : 200 }),
  );
});

describe('a process that is killed', () => {
  test.each(Array.from({ length: 6 }, (_, at) => at))(
    'before its call number %d leaves a state from which others go on',
    { timeout: TEN_MINUTES },
    async (crashAt) => {
      for (const isSealed of [false, true])
        for (const race of [
          ['move', 'move'],
          ['move', 'logout'],
          ['logout', 'move'],
        ] as const)
          await tryAll('a process that is killed, by chance', {
            ...{ race, setting: { crashAt, isSealed }, samples: isProof ? 500 : 60 },
          });
    },
  );
});

const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });
describe('on MongoDB', () => {
  test.each([...PAIRS, ...TRIPLES].map((race) => [title(race), race] as const))(
    '%s, in orders chosen by chance',
    { timeout: TEN_MINUTES },
    async (_, race) => {
      const { store } = mongoStore({ collection: 'moves', db });
      const samples = isProof ? 60 : 4;
      await tryAll('on MongoDB, by chance', { race, store: () => store as unknown as Store, samples });
    },
  );
});
