import type { Clock } from '../../lib/core/clock.interface.js';

/** A clock that goes on when it is told to. */
export class TestClock implements Clock {
  constructor(private time = Date.UTC(2030, 0, 1)) {}

  now(): number {
    return this.time;
  }

  advance(milliseconds: number): void {
    this.time += milliseconds;
  }
}
