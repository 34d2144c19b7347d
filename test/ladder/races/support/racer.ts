// One request that is driven step by step: it stops at each pause point that is in use until it is told to go on.
import { AsyncLocalStorage } from 'node:async_hooks';

/** Where a request can be stopped, in the order in which it comes by. */
export const PAUSE_POINTS = [
  'start',
  'after load',
  'before the diff',
  'before applied',
  'after applied',
  'before headers',
] as const;

export type PausePoint = (typeof PAUSE_POINTS)[number];

/**
 * Which orders of their steps are tried.
 *
 * - `all`: requests stop at every point.
 * - `distinct`: one of each set of orders that can't end differently. A step from or to any other point touches neither the store nor
 *   the clock nor what the browser holds: it changes places with every step of another request, so that requests stop only before what
 *   others can notice. And two requests that read next to each other find the same, whichever is first.
 *
 * reduction.test.ts compares the two.
 */
export type Orders = 'all' | 'distinct';

/** Before a read, each call of the store, the answer. */
export const VISIBLE_POINTS: ReadonlySet<PausePoint> = new Set(['start', 'before applied', 'before headers']);

export const POINTS: Readonly<Record<Orders, ReadonlySet<PausePoint>>> = {
  all: new Set(PAUSE_POINTS),
  distinct: VISIBLE_POINTS,
};

type RacerState = 'waiting' | 'running' | 'blocked' | 'done';

export class Racer {
  state: RacerState = 'running';
  at: PausePoint = 'start';
  #go = () => {};
  #stopped = () => {};
  #stops = 0;

  constructor(
    readonly index: number,
    private readonly points: ReadonlySet<PausePoint>,
  ) {}

  /** Runs what this request does; whatever is called from in there knows whose it is. */
  begin(task: () => Promise<void>): Promise<void> {
    return requests.run(this, async () => {
      try {
        await this.pause('start');
        await task();
      } finally {
        this.#stop('done');
      }
    });
  }

  /** Called by the request: stops here, if this point is in use. */
  async pause(point: PausePoint): Promise<void> {
    if (!this.points.has(point)) return;
    await new Promise<void>((resolve) => {
      this.#go = resolve;
      this.at = point;
      this.#stop('waiting');
    });
  }

  /**
   * Called by the request: awaits what it does, and tells the schedule if that neither ends nor gets to a pause point, for then
   * it waits for another request of the same process.
   */
  async perform<T>(act: () => T | Promise<T>): Promise<T> {
    const stops = this.#stops;
    let isOver = false;
    const acting = Promise.resolve(act()).finally(() => (isOver = true));
    acting.catch(() => {});
    await turn();
    if (!isOver && this.#stops === stops) this.#stop('blocked');
    return acting;
  }

  /** Called by the schedule: goes on to the next point. */
  async step(): Promise<void> {
    this.state = 'running';
    const stopped = new Promise<void>((resolve) => (this.#stopped = resolve));
    this.#go();
    await stopped;
  }

  #stop(state: RacerState): void {
    this.#stops += 1;
    this.state = state;
    this.#stopped();
  }
}

const requests = new AsyncLocalStorage<Racer>();

/** The request in which this is called; undefined: none that is driven. */
export function currentRacer(): Racer | undefined {
  return requests.getStore();
}

/** Goes on as that request: for a server, which gets it over a socket. */
export function asRacer<T>(racer: Racer | undefined, task: () => T): T {
  return racer ? requests.run(racer, task) : task();
}

/** When everything that waits for nothing outside of this process has been done. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
