import { setTimeout as delay } from 'node:timers/promises';
import type { JournalEntry } from './journal.js';
import { Visitor } from './visitor.js';

/** No more than so many answers a second and client, so that the load is bounded. */
const PAUSE_MS = 5;
/** Who has failed asks again a little later. */
const PAUSE_AFTER_FAILURE_MS = 50;
const SLICE_MS = 100;

/** What was answered in one slice of time. */
export interface Slice {
  /** Milliseconds since the beginning. */
  readonly at: number;
  acknowledged: number;
  failed: number;
}

/** Clients that are always at it, until they are held. */
export class Load {
  readonly visitors: readonly Visitor[];
  readonly slices: Slice[] = [];
  acknowledged = 0;
  failed = 0;
  readonly #begin = performance.now();
  #lastSuccess = performance.now();
  #longestGap = 0;
  #running: Promise<void>[] = [];
  #isHeld = true;

  constructor(origin: string, clients: number) {
    this.visitors = Array.from({ length: clients }, () => new Visitor(origin, (success) => this.#count(success)));
  }

  /** Milliseconds since the beginning. */
  now(): number {
    return Math.round(performance.now() - this.#begin);
  }

  get journal(): JournalEntry[] {
    return this.visitors.flatMap((visitor) => visitor.journal);
  }

  get unseen(): string[] {
    return this.visitors.flatMap((visitor) => visitor.unseen);
  }

  run(): void {
    this.#isHeld = false;
    this.resetGap();
    this.#running = this.visitors.map(async (visitor) => {
      while (!this.#isHeld) {
        const { failed } = this;
        await visitor.step();
        await delay(this.failed > failed ? PAUSE_AFTER_FAILURE_MS : PAUSE_MS);
      }
    });
  }

  /** Resolves when nothing is under way any more. */
  async hold(): Promise<void> {
    this.#isHeld = true;
    await Promise.all(this.#running);
  }

  resetGap(): void {
    this.#lastSuccess = performance.now();
    this.#longestGap = 0;
  }

  /** The longest time without any success since `resetGap`, in milliseconds. */
  get longestGap(): number {
    return Math.round(Math.max(this.#longestGap, performance.now() - this.#lastSuccess));
  }

  /** Resolves when so many more requests have succeeded. */
  async succeeds(times: number, timeoutMs: number): Promise<void> {
    const [goal, deadline] = [this.acknowledged + times, performance.now() + timeoutMs];
    while (this.acknowledged < goal) {
      if (performance.now() > deadline) throw new Error(`no recovery within ${timeoutMs} ms`);
      await delay(10);
    }
  }

  close(): void {
    for (const visitor of this.visitors) visitor.close();
  }

  #count(success: boolean): void {
    const at = Math.floor(this.now() / SLICE_MS) * SLICE_MS;
    if (this.slices.at(-1)?.at !== at) this.slices.push({ at, acknowledged: 0, failed: 0 });
    const slice = this.slices.at(-1)!;
    if (success) {
      this.acknowledged += 1;
      slice.acknowledged += 1;
      this.#longestGap = Math.max(this.#longestGap, performance.now() - this.#lastSuccess);
      this.#lastSuccess = performance.now();
    } else {
      this.failed += 1;
      slice.failed += 1;
    }
  }
}
