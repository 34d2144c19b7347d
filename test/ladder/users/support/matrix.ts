// Which races are run, in which settings, and how often.
import { leakScan } from '../../../support/leak-scan/leak-scan.js';
import { type Choose, explore } from '../../races/support/explore.js';
import type { ActorName } from './actors.js';
import type { Crash, UserStore } from './stepped-users.js';
import { type Seed, type Setting, UserRace, type Violation } from './user-race.js';

export interface Plan {
  readonly store: () => UserStore;
  readonly settings: readonly Setting[];
  readonly races: readonly (readonly ActorName[])[];
  /** So many orders of each, chosen by chance; all of them if it is not given. */
  readonly samples?: number;
  readonly crash?: Crash;
  readonly seed?: Seed;
  /** Stops at the first violation. */
  readonly isEnough?: boolean;
}

export interface Failure {
  readonly violation: Violation;
  /** The first order that fails. */
  readonly schedule: string;
  count: number;
}

export interface Tally {
  tried: number;
  /** By race, setting and violation. */
  readonly failures: Map<string, Failure>;
}

/** Runs all of it. */
export async function runUserRaces(plan: Plan): Promise<Tally> {
  const { store, settings, races, samples, crash, seed, isEnough } = plan;
  const tally: Tally = { tried: 0, failures: new Map() };
  const all = settings.flatMap((setting) => races.map((names) => ({ setting, names })));
  const run = async () => {
    for (const { setting, names } of all) {
      const once = async (choose: Choose) => {
        const { violations, schedule } = await new UserRace(store(), setting, names, seed, crash).run(choose);
        tally.tried += 1;
        for (const violation of violations) note(tally, violation, setting, names, schedule);
      };
      const stops = () => isEnough === true && tally.failures.size > 0;
      if (samples === undefined) await explore(once, stops);
      else for (let n = 0; n < samples && !stops(); n++) await once(chooseAtRandom(n));
      if (stops()) return;
    }
  };
  // More tokens than a scan for leaks could keep in mind.
  await (leakScan()?.whileInventing(run) ?? run());
  return tally;
}

function note(
  { failures }: Tally,
  violation: Violation,
  setting: Setting,
  names: readonly string[],
  schedule: readonly string[],
): void {
  const key = `${violation}: ${names.join(' × ')}, ${JSON.stringify(setting)}`;
  const known = failures.get(key);
  if (known) known.count += 1;
  else failures.set(key, { violation, schedule: schedule.join(', '), count: 1 });
}

/** The same numbers in each run. */
export function chooseAtRandom(seed: number): Choose {
  let state = (seed + 1) * 0x9e3779b9;
  return (options) => {
    state = Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5;
    return ((state ^ (state >>> 14)) >>> 0) % options;
  };
}

const POLICIES = ['endIdlest', 'endOldest', 'refuse'] as const;

/** Limits and policies, with one session fewer than the limit where full would mean refused. */
export function settingsOf(limits: readonly number[], policies: readonly Setting['policy'][] = POLICIES): Setting[] {
  return limits.flatMap((limit) =>
    policies.map((policy) => ({ limit, policy, before: policy === 'refuse' ? limit - 1 : limit, isSeated: true })),
  );
}

/** The same with sessions that are older than the limit. */
export function unseated(settings: readonly Setting[]): Setting[] {
  return settings.map((setting) => ({ ...setting, isSeated: false }));
}
