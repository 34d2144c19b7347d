// The clock of tests: time and timers that go on when they are told to.
import { expect, test } from 'vitest';
import { startTimer } from '../../../lib/core/clock.interface.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

test('advance() runs what is due on the way, in order and at its time, and nothing else', () => {
  const clock = new TestClock(0);
  const ran: [name: string, at: number][] = [];
  const start = (name: string, after: number) => clock.startTimer(() => ran.push([name, clock.now()]), after);
  start('third', 300);
  start('first', 100);
  start('never', 301);
  const cancel = start('cancelled', 200);
  clock.startTimer(() => start('second', 50), 100);
  cancel();
  clock.advance(99);
  expect(ran).toEqual([]);
  clock.advance(201);
  expect(ran).toEqual([
    ['first', 100],
    ['second', 150],
    ['third', 300],
  ]);
  expect(clock.now()).toBe(300);
});

test('a clock without timers has those of Node, which keep no process alive', async () => {
  const clock = { now: () => 0 };
  const called: string[] = [];
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const cancel = startTimer(clock, () => called.push('cancelled'), 1);
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(timers);
  cancel();
  await new Promise<void>((resolve) => void startTimer(clock, resolve, 1));
  expect(called).toEqual([]);
});
