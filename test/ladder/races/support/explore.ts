// Every schedule of a race, one after the other: a depth-first search that starts anew for each.
import { type Orders, type Racer, turn } from './racer.js';

/** Says which of so many goes on. */
export type Choose = (options: number) => number;

/** Runs `run` once for every way to choose; returns how often. Stops early when `run` says so. */
export async function explore(run: (choose: Choose) => Promise<void>, isEnough = () => false): Promise<number> {
  let count = 0;
  let taken: number[] = [];
  let options: number[] = [];
  do {
    const prefix = taken;
    const before = options;
    taken = [];
    options = [];
    await run((of) => {
      const at = taken.length;
      if (at < before.length && before[at] !== of)
        throw new Error('The same choices led elsewhere: not deterministic.');
      options.push(of);
      taken.push(prefix[at] ?? 0);
      return taken[at]!;
    });
    count += 1;
    while (taken.length > 0 && taken.at(-1)! + 1 === options.at(-1)) {
      taken.pop();
      options.pop();
    }
    if (taken.length > 0) taken.push(taken.pop()! + 1);
  } while (taken.length > 0 && !isEnough());
  return count;
}

/** Drives these requests, each of which does what its name says, to their end; returns the schedule in words. */
export async function drive(
  racers: readonly Racer[],
  names: readonly string[],
  orders: Orders,
  choose: Choose,
): Promise<string[]> {
  const schedule: string[] = [];
  let reader = -1;
  for (;;) {
    // A request that waits for another one in the same process may have been let go by the last step.
    if (racers.some(({ state }) => state === 'blocked')) await turn();
    const waiting = racers.filter(({ state }) => state === 'waiting');
    if (waiting.length === 0) break;
    const [isHeldBack, lastReader] = [heldBack(waiting, names), reader];
    const options = waiting.filter((racer) => {
      if (isHeldBack(racer)) return false;
      // It could have read just before the one that did: that order is tried as well.
      return !(orders === 'distinct' && racer.at === 'start' && racer.index < lastReader);
    });
    const next = options[options.length > 1 ? choose(options.length) : 0]!;
    reader = next.at === 'start' ? next.index : -1;
    schedule.push(`${next.index + 1} ${next.at}`);
    await next.step();
  }
  if (racers.some(({ state }) => state !== 'done')) throw new Error(`Nobody goes on: ${schedule.join(', ')}`);
  return schedule;
}

/** Of those that do the same, it is all the same which one begins: the first one does. */
function heldBack(waiting: readonly Racer[], names: readonly string[]): (racer: Racer) => boolean {
  const first = new Map<string, Racer>();
  for (const racer of waiting) {
    const name = names[racer.index]!;
    if (racer.at === 'start' && !first.has(name)) first.set(name, racer);
  }
  return (racer) => racer.at === 'start' && first.get(names[racer.index]!) !== racer;
}
