// Whether leaving out orders loses nothing: each of all orders must end as the one that is tried in its place.
import { explore } from './explore.js';
import type { OperationName } from './operations.js';
import { type RaceRules, type RaceTrack, race } from './race.js';
import { type Orders, type PausePoint, VISIBLE_POINTS } from './racer.js';

export interface Comparison {
  /** How many orders there are with every point, and how many are tried in their place. */
  readonly all: number;
  readonly distinct: number;
  /** Orders with none in their place, or one that ends otherwise, and those that are in the place of none. */
  readonly wrong: string[];
}

export async function compareOrders(
  track: RaceTrack,
  names: readonly OperationName[],
  cookies: RaceRules['cookies'],
): Promise<Comparison> {
  const each = (orders: Orders, hear: (schedule: readonly string[], noticed: string) => void) =>
    explore(async (choose) => {
      const { schedule, noticed, violations } = await race(track, names, { orders, cookies }, choose);
      hear(schedule, JSON.stringify([noticed, violations]));
    });
  const expected = new Map<string, string>();
  const distinct = await each('distinct', (schedule, noticed) => void expected.set(schedule.join(', '), noticed));
  const unused = new Set(expected.keys());
  const wrong: string[] = [];
  const all = await each('all', (schedule, noticed) => {
    const place = inItsPlace(schedule).join(', ');
    unused.delete(place);
    if (expected.get(place) !== noticed)
      wrong.push(`${names.join(' | ')}: ${schedule.join(', ')}: ${noticed}, but ${expected.get(place)} by ${place}`);
  });
  return { all, distinct, wrong: [...wrong, ...[...unused].map((place) => `in the place of none: ${place}`)] };
}

/** The order that is tried in the place of this one. */
function inItsPlace(schedule: readonly string[]): string[] {
  const steps = schedule.filter((step) => VISIBLE_POINTS.has(step.slice(2) as PausePoint));
  const isLater = (one: string | undefined, other: string | undefined) =>
    one?.endsWith(' start') && other?.endsWith(' start') && one > other;
  for (let at = 0; at < steps.length - 1; at++) {
    if (!isLater(steps[at], steps[at + 1])) continue;
    [steps[at], steps[at + 1]] = [steps[at + 1]!, steps[at]!];
    at = -1;
  }
  return steps;
}
