// Runs a set of races as one test, and keeps how many orders were tried for docs/94-proof.md.
import { afterAll, expect } from 'vitest';
import { leakScan } from '../../../support/leak-scan/leak-scan.js';
import { isProof, writeProof } from '../../../support/proof-out.js';
import { INVARIANTS } from './invariants.js';
import { OPERATION_NAMES } from './operations.js';
import type { RaceRules, RaceTrack } from './race.js';
import { PAUSE_POINTS } from './racer.js';
import { type Plan, runRaces } from './tally.js';

export const ONE_ORDER_EACH: readonly RaceRules[] = [
  { orders: 'distinct', cookies: 'at once' },
  { orders: 'distinct', cookies: 'one by one' },
];
export const EVERY_ORDER: readonly RaceRules[] = [{ orders: 'all', cookies: 'at once' }];
export const TEN_MINUTES = 600_000;

/** Call it once a file, at its top: what has been tried is kept as `races-<name>.json`. */
export function racesOf(file: string) {
  const measured: object[] = [];
  afterAll(() =>
    writeProof(`races-${file}`, {
      isComplete: isProof,
      operations: OPERATION_NAMES,
      pausePoints: PAUSE_POINTS,
      invariants: Object.values(INVARIANTS),
      measured,
    }),
  );

  return async (name: string, where: string, track: RaceTrack, plan: Plan): Promise<void> => {
    const begin = performance.now();
    const run = () => runRaces(track, plan);
    // More tokens than a scan for leaks could keep in mind.
    const { tried, passed, failures } = await (leakScan()?.whileInventing(run) ?? run());
    const milliseconds = Math.round(performance.now() - begin);
    measured.push({ name, where, races: plan.races.length, interleavings: tried, passed, milliseconds });
    const races = `${name}, ${where}: ${plan.races.length} races`;
    console.log(`${races}, ${tried} interleavings tried, ${passed} passed, in ${milliseconds} ms`);
    expect([...failures.values()].slice(0, 10)).toEqual([]);
    expect(tried).toBeGreaterThan(plan.races.length);
  };
}
