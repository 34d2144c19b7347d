// Runs many races, counts them, and says what has gone wrong in the words of the schedule.
import { explore } from './explore.js';
import { INVARIANTS, type Invariant } from './invariants.js';
import type { OperationName } from './operations.js';
import { type Outcome, type RaceRules, type RaceTrack, race } from './race.js';

export interface Tally {
  tried: number;
  passed: number;
  /** The first of each sort. */
  readonly failures: Map<string, string>;
}

export interface Plan {
  readonly races: readonly (readonly OperationName[])[];
  readonly rules: readonly RaceRules[];
  /** So many races at the same time; each has a session of its own. */
  readonly atOnce?: number;
  /** Ends at the first failure. */
  readonly isForOneFailure?: boolean;
}

export async function runRaces(track: RaceTrack, { races, rules, atOnce = 8, isForOneFailure }: Plan): Promise<Tally> {
  const tally: Tally = { tried: 0, passed: 0, failures: new Map() };
  const jobs = races.flatMap((names) => rules.map((rule) => [names, rule] as const)).values();
  const isEnough = () => isForOneFailure === true && tally.failures.size > 0;
  const work = async () => {
    for (const [names, rule] of jobs) {
      if (isEnough()) return;
      await explore(async (choose) => count(tally, names, rule, await race(track, names, rule, choose)), isEnough);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return tally;
}

function count(tally: Tally, names: readonly OperationName[], { cookies }: RaceRules, outcome: Outcome): void {
  tally.tried += 1;
  if (outcome.violations.length === 0) tally.passed += 1;
  for (const { invariant, what } of outcome.violations) {
    const id = `${INVARIANTS[invariant]}: ${names.join(' | ')}`;
    const schedule = outcome.schedule.join(', ');
    if (!tally.failures.has(id)) tally.failures.set(id, `${id}\n  ${what}\n  cookies ${cookies}; ${schedule}`);
  }
}

/** Which invariants have caught something. */
export function caughtBy({ failures }: Tally): Invariant[] {
  const names = Object.keys(INVARIANTS) as Invariant[];
  return names.filter((name) => [...failures.keys()].some((id) => id.startsWith(INVARIANTS[name])));
}
