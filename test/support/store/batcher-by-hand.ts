// A queue whose commands a test answers by hand. No server, and no real time.
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { CommandBatcher, type CommandBatcherOptions } from '../../../lib/mongo/commands/command-batcher.js';
import type { PendingJob } from '../../../lib/mongo/commands/pending-job.js';

type Jobs = readonly PendingJob<string, string>[];

/** A command that a test answers by hand. */
export interface Sent {
  readonly names: string[];
  readonly signal: AbortSignal;
  /** Answers each of its jobs with its name in capitals, but for those that are left out. */
  answer(...leftOut: string[]): Promise<void>;
  /** Answers this one job, and no other one yet. */
  settle(name: string): void;
  fail(error: unknown): Promise<void>;
}

export const TIMEOUT = 1000;

export function batcherOf(options: Partial<CommandBatcherOptions<string, string>> = {}) {
  const sent: Sent[] = [];
  const batcher = new CommandBatcher<string, string>({
    action: 'find',
    timeoutMs: TIMEOUT,
    limits: { jobs: 100, bytes: 100 },
    bytesOf: () => 1,
    maxInFlight: () => 100,
    send: (jobs, { signal }) =>
      new Promise<void>((resolve, reject) => sent.push(command(jobs, signal, resolve, reject))),
    ...options,
  });
  return { batcher, sent };
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
    settle(name) {
      jobs.find(({ job }) => job === name)!.resolve(name.toUpperCase());
    },
    async fail(error) {
      failed(error);
      await turn();
    },
  };
}

/** Answers every command that is not answered yet. */
export async function answerAll(sent: Sent[]): Promise<void> {
  for (const each of sent) await each.answer();
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
    // One timer for deadlines and one for the next command at most; each is passed once for what was settled in time.
    expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
}
