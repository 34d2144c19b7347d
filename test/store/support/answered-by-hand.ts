// A queue whose commands a test answers by hand. No server, and no real time.
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { JobQueue, type JobQueueOptions, type Waiting } from '../../../lib/mongo/job-queue.js';

type Jobs = readonly Waiting<string, string>[];

/** A command that a test answers by hand. */
interface Sent {
  readonly names: string[];
  readonly signal: AbortSignal;
  /** Answers each of its jobs with its name in capitals, but for those that are left out. */
  answer(...leftOut: string[]): Promise<void>;
  fail(error: unknown): Promise<void>;
}

export const TIMEOUT = 1000;

export function queueOf(options: Partial<JobQueueOptions<string, string>> = {}) {
  const sent: Sent[] = [];
  const queue = new JobQueue<string, string>({
    action: 'find',
    timeoutMs: TIMEOUT,
    limits: { jobs: 100, bytes: 100 },
    bytesOf: () => 1,
    send: (jobs, signal) => new Promise<void>((resolve, reject) => sent.push(command(jobs, signal, resolve, reject))),
    ...options,
  });
  return { queue, sent };
}

function command(jobs: Jobs, signal: AbortSignal, done: () => void, failed: (error: unknown) => void): Sent {
  return {
    names: jobs.map(({ job }) => job),
    signal,
    async answer(...leftOut) {
      for (const waiting of jobs) if (!leftOut.includes(waiting.job)) waiting.resolve(waiting.job.toUpperCase());
      done();
      await turn();
    },
    async fail(error) {
      failed(error);
      await turn();
    },
  };
}

/** What becomes of a promise, to be looked at without waiting for it. */
export function watch(promise: Promise<string>): { outcome: unknown } {
  const seen = { outcome: undefined as unknown };
  promise.then(
    (value) => (seen.outcome = value),
    (error: unknown) => (seen.outcome = error),
  );
  return seen;
}

export const turn = () => vi.advanceTimersByTimeAsync(0);

/** For a whole file. */
export function withFakeTimers(): void {
  beforeEach(() => void vi.useFakeTimers());

  afterEach(async () => {
    // A queue has one alarm at most, which rings once for what was settled in time, and is not set again.
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
}
