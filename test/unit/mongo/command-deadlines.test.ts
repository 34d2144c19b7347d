// Each job has a deadline of its own, whatever becomes of those that it travels with. No server, and no real time.
import { describe, expect, test, vi } from 'vitest';
import { TIMEOUT, batcherOf, turn, watch, withFakeTimers } from '../../support/store/batcher-by-hand.js';

const unavailable = expect.objectContaining({ code: 'SESSION_STORE_UNAVAILABLE' }) as unknown;

withFakeTimers();

describe('the deadline', () => {
  test('is that of each job, under way or not', async () => {
    const { batcher, sent } = batcherOf({ limits: { jobs: 1, bytes: 100 }, maxInFlight: () => 2 });
    const early = ['a', 'b', 'c'].map((name) => watch(batcher.run(name)));
    await vi.advanceTimersByTimeAsync(TIMEOUT / 2);
    const late = watch(batcher.run('d'));
    await vi.advanceTimersByTimeAsync(TIMEOUT / 2 - 1);
    expect(early.map(({ outcome }) => outcome)).toEqual([undefined, undefined, undefined]);
    await vi.advanceTimersByTimeAsync(1);
    expect(early.map(({ outcome }) => outcome)).toEqual([unavailable, unavailable, unavailable]);
    expect(late.outcome).toBeUndefined();
    // Nobody waits for the first two any more, so the last one can leave; the third never has.
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.map(({ names }) => names)).toEqual([['a'], ['b'], ['d']]);
    await sent[2]!.answer();
    expect(late.outcome).toBe('D');
  });

  test('takes one timer, however many there are, and none after it', async () => {
    const { batcher, sent } = batcherOf({ limits: { jobs: 1, bytes: 100 } });
    for (let round = 0; round < 50; round++) {
      const result = batcher.run(`${round}`);
      await turn();
      await sent[round]!.answer();
      await result;
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('keeps no process alive by itself', async () => {
    vi.useRealTimers();
    const { batcher, sent } = batcherOf();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const result = batcher.run('a');
    expect(timers()).toBe(before);
    await new Promise(setImmediate);
    vi.useFakeTimers();
    await sent[0]!.answer();
    expect(await result).toBe('A');
  });

  test('ends a command when nobody waits for it any more, and not before', async () => {
    const { batcher, sent } = batcherOf();
    const first = watch(batcher.run('a'));
    await turn();
    await vi.advanceTimersByTimeAsync(TIMEOUT - 1);
    expect(sent[0]!.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent[0]!.signal.aborted).toBe(true);
    expect(first.outcome).toEqual(unavailable);
    expect(String(first.outcome)).toContain(`within ${TIMEOUT} ms (find)`);
  });

  test('of one job does not end the command of another', async () => {
    const { batcher, sent } = batcherOf({ maxInFlight: () => 2 });
    // Two fill the way, so that the two others share the next command, though the second of them comes later.
    const fillers = [batcher.run('x')];
    await turn();
    fillers.push(batcher.run('y'));
    await turn();
    const early = watch(batcher.run('a'));
    await vi.advanceTimersByTimeAsync(TIMEOUT / 4);
    const late = watch(batcher.run('b'));
    await sent[0]!.answer();
    await sent[1]!.answer();
    await Promise.all(fillers);
    expect(sent[2]!.names).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync((TIMEOUT * 3) / 4);
    expect(early.outcome).toEqual(unavailable);
    expect(sent[2]!.signal.aborted).toBe(false);
    await sent[2]!.answer();
    expect(late.outcome).toBe('B');
  });

  test('that has ended a command does not end the next one', async () => {
    const { batcher, sent } = batcherOf();
    void watch(batcher.run('a'));
    await turn();
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    await sent[0]!.fail(new Error('aborted'));
    const next = watch(batcher.run('b'));
    await turn();
    expect(sent[1]!.signal.aborted).toBe(false);
    await sent[1]!.answer();
    expect(next.outcome).toBe('B');
  });

  test('of a command is not that of another that is under way with it', async () => {
    const { batcher, sent } = batcherOf();
    const first = batcher.run('a');
    await turn();
    await sent[0]!.answer();
    await first;
    const stuck = watch(batcher.run('b'));
    await turn();
    await vi.advanceTimersByTimeAsync(1);
    const other = watch(batcher.run('c'));
    await turn();
    await vi.advanceTimersByTimeAsync(TIMEOUT - 1);
    expect(stuck.outcome).toEqual(unavailable);
    // The first two were one after the other, and may have shared theirs.
    expect(sent.slice(1).map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await sent[2]!.answer();
    expect(other.outcome).toBe('C');
  });

  test('once over, an answer changes nothing', async () => {
    const { batcher, sent } = batcherOf();
    const job = watch(batcher.run('a'));
    await turn();
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    await sent[0]!.answer();
    expect(job.outcome).toEqual(unavailable);
  });
});
