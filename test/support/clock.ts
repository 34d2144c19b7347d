import type { Clock } from '../../lib/core/clock.interface.js';

/** A clock that goes on when it is told to. */
export class TestClock implements Clock {
  constructor(private time = Date.now()) {}

  now(): number {
    return this.time;
  }

  advance(milliseconds: number): void {
    this.time += milliseconds;
  }
}
