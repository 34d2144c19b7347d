// Jobs that wait together travel together, and each keeps its own deadline and its own failure. No server, and no real time.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JobQueue, type JobQueueOptions, type Waiting } from '../../lib/mongo/job-queue.js';

type Jobs = readonly Waiting<string, string>[];

/** A command that a test answers by hand. */
interface Sent {
  readonly names: string[];
  readonly signal: AbortSignal;
  /** Answers each of its jobs with its name in capitals, but for those that are left out. */
  answer(...leftOut: string[]): Promise<void>;
  fail(error: unknown): Promise<void>;
}

const TIMEOUT = 1000;

function queueOf(options: Partial<JobQueueOptions<string, string>> = {}) {
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
function watch(promise: Promise<string>): { outcome: unknown } {
  const seen = { outcome: undefined as unknown };
  promise.then(
    (value) => (seen.outcome = value),
    (error: unknown) => (seen.outcome = error),
  );
  return seen;
}

const turn = () => vi.advanceTimersByTimeAsync(0);
const unavailable = expect.objectContaining({ code: 'SESSION_STORE_UNAVAILABLE' }) as unknown;

beforeEach(() => void vi.useFakeTimers());

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('what is asked for', () => {
  test('in one turn of the event loop goes as one command', async () => {
    const { queue, sent } = queueOf();
    const results = Promise.all(['a', 'b', 'c'].map((name) => queue.run(name)));
    expect(sent).toEqual([]);
    await turn();
    expect(sent.map(({ names }) => names)).toEqual([['a', 'b', 'c']]);
    await sent[0]!.answer();
    expect(await results).toEqual(['A', 'B', 'C']);
  });

  test('while two commands are under way goes with the next one, in its order', async () => {
    const { queue, sent } = queueOf();
    const results = ['a', 'b', 'c', 'd'].map(async (name) => {
      const result = queue.run(name);
      await turn();
      return result;
    });
    await turn();
    for (const name of ['e', 'f']) {
      results.push(queue.run(name));
      await turn();
    }
    expect(sent).toHaveLength(2);
    await sent[1]!.answer();
    expect(sent).toHaveLength(3);
    const late = queue.run('g');
    await turn();
    expect(sent).toHaveLength(3);
    for (const each of [sent[0]!, sent[2]!]) await each.answer();
    await sent[3]!.answer();
    expect(sent.flatMap(({ names }) => names)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(await Promise.all([...results, late])).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G']);
  });

  test('never joins a command that has left', async () => {
    const { queue, sent } = queueOf();
    const first = queue.run('a');
    await turn();
    const second = queue.run('a');
    await turn();
    expect(sent.map(({ names }) => names)).toEqual([['a'], ['a']]);
    for (const each of sent) await each.answer();
    await Promise.all([first, second]);
  });
});

describe('one command', () => {
  test('carries no more jobs than it may', async () => {
    const { queue, sent } = queueOf({ limits: { jobs: 2, bytes: 100 } });
    const results = Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => queue.run(name)));
    await turn();
    expect(sent.map(({ names }) => names)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    await sent[0]!.answer();
    for (const each of sent.slice(1)) await each.answer();
    await results;
  });

  test('carries no more bytes than it may, but always one job', async () => {
    const { queue, sent } = queueOf({ bytesOf: (name) => name.length, limits: { jobs: 100, bytes: 4 } });
    const results = Promise.all(['aa', 'bb', 'cccccccc', 'd'].map((name) => queue.run(name)));
    await turn();
    await sent[0]!.answer();
    await sent[1]!.answer();
    await sent[2]!.answer();
    expect(sent.map(({ names }) => names)).toEqual([['aa', 'bb'], ['cccccccc'], ['d']]);
    await results;
  });

  test('settles a job before the others when it can', async () => {
    let finish = () => {};
    const { queue } = queueOf({
      send: ([first, second]) => {
        first!.resolve('at once');
        return new Promise((resolve) => {
          finish = () => {
            second!.resolve('later');
            resolve();
          };
        });
      },
    });
    const [first, second] = [watch(queue.run('a')), watch(queue.run('b'))];
    await turn();
    expect([first.outcome, second.outcome]).toEqual(['at once', undefined]);
    finish();
    await turn();
    expect(second.outcome).toBe('later');
  });
});

describe('a failure', () => {
  test('of a command is that of each of its jobs, as an error of its own', async () => {
    const { queue, sent } = queueOf();
    const [a, b] = [watch(queue.run('a')), watch(queue.run('b'))];
    await turn();
    const cause = new Error('broken');
    await sent[0]!.fail(cause);
    for (const { outcome } of [a, b]) expect(outcome).toMatchObject({ code: 'SESSION_STORE_FAILED', cause });
    expect(a.outcome).not.toBe(b.outcome);
  });

  test('leaves alone what was settled before it, and what comes after', async () => {
    const { queue, sent } = queueOf({
      send: (jobs, signal) => {
        if (jobs[0]!.job !== 'a') return Promise.resolve(jobs.forEach((each) => each.resolve('fine')));
        jobs[0]!.resolve('in time');
        return signal.aborted ? Promise.resolve() : Promise.reject(new Error('broken'));
      },
    });
    expect(sent).toEqual([]);
    const [a, b] = [watch(queue.run('a')), watch(queue.run('b'))];
    await turn();
    expect([a.outcome, b.outcome]).toEqual(['in time', expect.objectContaining({ code: 'SESSION_STORE_FAILED' })]);
    const c = watch(queue.run('c'));
    await turn();
    expect(c.outcome).toBe('fine');
  });
});

describe('the deadline', () => {
  test('is that of each job, under way or not', async () => {
    const { queue, sent } = queueOf({ limits: { jobs: 1, bytes: 100 } });
    const early = ['a', 'b', 'c'].map((name) => watch(queue.run(name)));
    await vi.advanceTimersByTimeAsync(TIMEOUT / 2);
    const late = watch(queue.run('d'));
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

  test('ends a command when nobody waits for it any more, and not before', async () => {
    const { queue, sent } = queueOf();
    const first = watch(queue.run('a'));
    await turn();
    await vi.advanceTimersByTimeAsync(TIMEOUT - 1);
    expect(sent[0]!.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent[0]!.signal.aborted).toBe(true);
    expect(first.outcome).toEqual(unavailable);
    expect(String(first.outcome)).toContain(`within ${TIMEOUT} ms (find)`);
  });

  test('of one job does not end the command of another', async () => {
    const { queue, sent } = queueOf();
    // Two fill the way, so that the two others share the next command, though the second of them comes later.
    const fillers = [queue.run('x')];
    await turn();
    fillers.push(queue.run('y'));
    await turn();
    const early = watch(queue.run('a'));
    await vi.advanceTimersByTimeAsync(TIMEOUT / 4);
    const late = watch(queue.run('b'));
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
    const { queue, sent } = queueOf();
    void watch(queue.run('a'));
    await turn();
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    await sent[0]!.fail(new Error('aborted'));
    const next = watch(queue.run('b'));
    await turn();
    expect(sent[1]!.signal.aborted).toBe(false);
    await sent[1]!.answer();
    expect(next.outcome).toBe('B');
  });

  test('of a command is not that of another that is under way with it', async () => {
    const { queue, sent } = queueOf();
    const first = queue.run('a');
    await turn();
    await sent[0]!.answer();
    await first;
    const stuck = watch(queue.run('b'));
    await turn();
    await vi.advanceTimersByTimeAsync(1);
    const other = watch(queue.run('c'));
    await turn();
    await vi.advanceTimersByTimeAsync(TIMEOUT - 1);
    expect(stuck.outcome).toEqual(unavailable);
    // The first two were one after the other, and may have shared theirs.
    expect(sent.slice(1).map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await sent[2]!.answer();
    expect(other.outcome).toBe('C');
  });

  test('once over, an answer changes nothing', async () => {
    const { queue, sent } = queueOf();
    const job = watch(queue.run('a'));
    await turn();
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    await sent[0]!.answer();
    expect(job.outcome).toEqual(unavailable);
  });
});
