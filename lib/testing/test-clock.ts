import type { Clock } from '../core/clock.interface.js';

/** A clock for the option `clock`, which goes on only when it is told to: no test has to wait for a session to expire. */
export class TestClock implements Clock {
  #now: number;

  /** @param start milliseconds since 1970, or a date; now by default */
  constructor(start: number | Date = Date.now()) {
    this.#now = Number(start);
  }

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
