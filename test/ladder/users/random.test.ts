// Logins, revocations, logouts and crashes of one user in orders chosen by chance; and many logins at once against what others do.
import { afterAll, describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../lib/index.js';
import { testDatabase } from '../../support/http.js';
import { leakScan } from '../../support/leak-scan/leak-scan.js';
import { isProof, writeProof } from '../../support/proof-out.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { ACTORS, type ActorName } from './support/actors.js';
import { countThenInsert } from './support/faults.js';
import { chooseAtRandom } from './support/matrix.js';
import { ManyLogins } from './support/many-logins.js';
import type { UserStore } from './support/stepped-users.js';
import { type Setting, UserRace } from './support/user-race.js';

const ROUNDS = isProof ? 10_000 : 300;
const TEN_MINUTES = 600_000;
/** Of logins that end: who revokes everybody or is a stranger asks for other rules. */
const NAMES = Object.keys(ACTORS).filter(
  (name) => !['revokeEverybody', 'a stranger revokes'].includes(name),
) as ActorName[];

const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });
const newStore = () => mongoStore({ db, collection: 'sessions' }).store as UserStore;

describe('a user', () => {
  test(`whose sessions meet in ${ROUNDS} ways chosen by chance`, { timeout: TEN_MINUTES }, async () => {
    const failures: string[] = [];
    const kinds = { over: 0, under: 0, survivor: 0, failed: 0, foreign: 0 };
    const run = async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { race, words } = raceOf(round);
        const { violations } = await race.run(chooseAtRandom(round));
        for (const violation of violations) kinds[violation] += 1;
        if (violations.length > 0) failures.push(`${words}: ${violations.join(', ')}`);
      }
    };
    await (leakScan()?.whileInventing(run) ?? run());
    writeProof('user-random', { rounds: ROUNDS, ...kinds });
    expect(failures.slice(0, 5)).toEqual([]);
  });
});

function raceOf(round: number): { race: UserRace; words: string } {
  const choose = chooseAtRandom(1_000_000 + round);
  const limit = 1 + choose(3);
  const policy = (['endIdlest', 'endOldest', 'refuse'] as const)[choose(3)]!;
  const names = Array.from({ length: 2 + choose(2) }, () => NAMES[choose(NAMES.length)]!);
  const setting: Setting = { limit, policy, before: 1 + choose(limit), isSeated: choose(2) === 0 };
  const crash = choose(20) === 0 ? { index: 0, at: choose(7) } : undefined;
  const race = new UserRace(new MemorySessionStore(), setting, names, {}, crash);
  return { race, words: `${round}: ${names.join(' × ')}, ${JSON.stringify({ ...setting, crash })}` };
}

describe('many logins of one user at the same moment, on MongoDB', () => {
  const limit = 3;
  const measured: object[] = [];
  afterAll(() => writeProof('user-logins', { limit, measured }));

  test('never leave more sessions than the limit, at any moment', async () => {
    const logins = new ManyLogins(newStore, limit);
    const counts = await logins.run(isProof ? 40 : 15);
    measured.push({ name: 'a seat by compare-and-set', counts });
    expect(Math.max(...counts.map(({ sessions }) => sessions))).toBe(limit);
    expect(counts.at(-1)!.sessions).toBe(limit);
  });

  test('leave more than the limit where others count first, which is what this test has to notice', async () => {
    const logins = new ManyLogins(newStore, limit, countThenInsert);
    const counts = await logins.run(isProof ? 40 : 15);
    measured.push({ name: 'count, then log in', counts });
    expect(Math.max(...counts.map(({ sessions }) => sessions))).toBeGreaterThan(limit);
  });
});
