import type { Clock } from '../core/clock.interface.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A clock for the option `clock`, which goes on only when it is told to: no test has to wait for a
 * session to expire, to be swept, or to be looked at again.
 */
export class TestClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  /** @param start milliseconds since 1970, or a date; now by default */
  constructor(start: number | Date = Date.now()) {
    this.#now = Number(start);
  }

  now(): number {
    return this.#now;
  }

  /** Calls back what is due on the way, in order. It does not wait for what that starts. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#nextUntil(end); next; next = this.#nextUntil(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }

  startTimer(callback: () => void, milliseconds: number): () => void {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #nextUntil(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.reduce<Timer | undefined>((first, timer) => (first && first.at <= timer.at ? first : timer), undefined);
  }
}
