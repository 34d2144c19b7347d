import type { Clock } from '../../../lib/core/clock.interface.js';

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  constructor(private time = Date.UTC(2030, 0, 2, 3, 4, 5)) {}

  now(): number {
    return this.time;
  }

  /** Moves it by so many milliseconds. */
  advance(milliseconds: number): void {
    this.time += milliseconds;
  }

  /** Sets it to a moment, in milliseconds since 1970. */
  set(time: number): void {
    this.time = time;
  }
}
