// Jobs that wait together travel together, and each keeps its own failure. No server, and no real time.
import { describe, expect, test, vi } from 'vitest';
import { batcherOf, TIMEOUT, turn, watch, withFakeTimers } from '../../support/store/batcher-by-hand.js';

withFakeTimers();

describe('what is asked for', () => {
  test('in one turn of the event loop goes as one command', async () => {
    const { batcher, sent } = batcherOf();
    const results = Promise.all(['a', 'b', 'c'].map((name) => batcher.run(name)));
    expect(sent).toEqual([]);
    await turn();
    expect(sent.map(({ names }) => names)).toEqual([['a', 'b', 'c']]);
    await sent[0]!.answer();
    expect(await results).toEqual(['A', 'B', 'C']);
  });

  test('while two commands are under way goes with the next one, in its order', async () => {
    const { batcher, sent } = batcherOf();
    const results = ['a', 'b', 'c', 'd'].map(async (name) => {
      const result = batcher.run(name);
      await turn();
      return result;
    });
    await turn();
    for (const name of ['e', 'f']) {
      results.push(batcher.run(name));
      await turn();
    }
    expect(sent).toHaveLength(2);
    await sent[1]!.answer();
    expect(sent).toHaveLength(3);
    const late = batcher.run('g');
    await turn();
    expect(sent).toHaveLength(3);
    for (const each of [sent[0]!, sent[2]!]) await each.answer();
    await sent[3]!.answer();
    expect(sent.flatMap(({ names }) => names)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(await Promise.all([...results, late])).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G']);
  });

  test('by many is shared out among the commands that may leave, where each then has enough to do', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => String(index));
    const { batcher, sent } = batcherOf();
    const few = Promise.all(names(30).map((name) => batcher.run(name)));
    await turn();
    expect(sent.map((command) => command.names)).toEqual([names(30)]);
    // One of two may leave.
    const rest = Promise.all(names(40).map((name) => batcher.run(name)));
    await turn();
    expect(sent[1]!.names).toEqual(names(40));
    for (const each of sent.splice(0)) await each.answer();
    const many = Promise.all(names(31).map((name) => batcher.run(name)));
    await turn();
    expect(sent.map((command) => command.names)).toEqual([names(31).slice(0, 16), names(31).slice(16)]);
    for (const each of sent) await each.answer();
    expect((await Promise.all([few, rest, many])).flat()).toHaveLength(101);
  });

  test('alone does not wait for the end of the turn once that has been so for a while', async () => {
    const { batcher, sent } = batcherOf();
    /** Whether it has left before the turn has ended. */
    const alone = async (name: string) => {
      const before = sent.length;
      const result = batcher.run(name);
      await Promise.resolve();
      const isAtOnce = sent.length > before;
      await turn();
      await sent.at(-1)!.answer();
      expect(await result).toBe(name.toUpperCase());
      return isAtOnce;
    };
    const several = async (count: number) => {
      const early = [];
      for (let index = 0; index < count; index++) early.push(await alone('a'));
      return early;
    };
    expect(await several(16)).not.toContain(true);
    expect(await several(3)).not.toContain(false);
    const together = [batcher.run('b'), batcher.run('c')];
    await Promise.resolve();
    expect(sent.at(-1)!.names).toEqual(['b', 'c']);
    await sent.at(-1)!.answer();
    expect(await Promise.all(together)).toEqual(['B', 'C']);
    expect(await several(16)).not.toContain(true);
    expect(await alone('d')).toBe(true);
  });

  test('never joins a command that has left', async () => {
    const { batcher, sent } = batcherOf();
    const first = batcher.run('a');
    await turn();
    const second = batcher.run('a');
    await turn();
    expect(sent.map(({ names }) => names)).toEqual([['a'], ['a']]);
    for (const each of sent) await each.answer();
    await Promise.all([first, second]);
  });
});

describe('one command', () => {
  test('carries no more jobs than it may', async () => {
    const { batcher, sent } = batcherOf({ limits: { jobs: 2, bytes: 100 } });
    const results = Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => batcher.run(name)));
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
    const { batcher, sent } = batcherOf({ bytesOf: (name) => name.length, limits: { jobs: 100, bytes: 4 } });
    const results = Promise.all(['aa', 'bb', 'cccccccc', 'd'].map((name) => batcher.run(name)));
    await turn();
    await sent[0]!.answer();
    await sent[1]!.answer();
    await sent[2]!.answer();
    expect(sent.map(({ names }) => names)).toEqual([['aa', 'bb'], ['cccccccc'], ['d']]);
    await results;
  });

  test('settles a job before the others when it can', async () => {
    let finish = () => {};
    const { batcher } = batcherOf({
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
    const [first, second] = [watch(batcher.run('a')), watch(batcher.run('b'))];
    await turn();
    expect([first.outcome, second.outcome]).toEqual(['at once', undefined]);
    finish();
    await turn();
    expect(second.outcome).toBe('later');
  });
});

describe('a failure', () => {
  const broken = () => Object.assign(new Error('broken'), { name: 'MongoNetworkError' });

  test('of the connection is that of each of its jobs, as an error of its own', async () => {
    const { batcher, sent } = batcherOf();
    const [a, b] = [watch(batcher.run('a')), watch(batcher.run('b'))];
    await turn();
    const cause = broken();
    await sent[0]!.fail(cause);
    for (const { outcome } of [a, b]) expect(outcome).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', cause });
    expect(a.outcome).not.toBe(b.outcome);
    expect(sent).toHaveLength(1);
  });

  test('leaves alone what was settled before it, and what comes after', async () => {
    const { batcher, sent } = batcherOf({
      send: (jobs, { signal }) => {
        if (jobs[0]!.job !== 'a') return Promise.resolve(jobs.forEach((each) => each.resolve('fine')));
        jobs[0]!.resolve('in time');
        return signal.aborted ? Promise.resolve() : Promise.reject(broken());
      },
    });
    expect(sent).toEqual([]);
    const [a, b] = [watch(batcher.run('a')), watch(batcher.run('b'))];
    await turn();
    const unavailable = expect.objectContaining({ code: 'SESSION_STORE_UNAVAILABLE' }) as unknown;
    expect([a.outcome, b.outcome]).toEqual(['in time', unavailable]);
    const c = watch(batcher.run('c'));
    await turn();
    expect(c.outcome).toBe('fine');
  });
});

describe('A5: a command that the server refuses as a whole', () => {
  const refused = () => Object.assign(new Error('refused'), { name: 'MongoServerError', code: 13 });

  test('is sent again, each of its jobs alone, and each fails alone', async () => {
    const { batcher, sent } = batcherOf();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => watch(batcher.run(name)));
    await turn();
    await sent[0]!.fail(refused());
    expect(sent.slice(1).map(({ names }) => names)).toEqual([['a'], ['b']]);
    await sent[1]!.answer();
    await sent[2]!.fail(refused());
    await sent[3]!.answer();
    expect([a!.outcome, c!.outcome]).toEqual(['A', 'C']);
    expect(b!.outcome).toMatchObject({ code: 'SESSION_STORE_FAILED', cause: { code: 13 } });
    expect(sent).toHaveLength(4);
  });

  test('goes before what has come since, which shares a command again', async () => {
    const { batcher, sent } = batcherOf({ maxInFlight: () => 2 });
    const jobs = ['a', 'b'].map((name) => watch(batcher.run(name)));
    await turn();
    const filler = watch(batcher.run('x'));
    await turn();
    const later = ['c', 'd'].map((name) => watch(batcher.run(name)));
    await turn();
    await sent[0]!.fail(refused());
    for (const index of [1, 2, 3, 4]) await sent[index]!.answer();
    expect(sent.map(({ names }) => names)).toEqual([['a', 'b'], ['x'], ['a'], ['b'], ['c', 'd']]);
    expect([...jobs, filler, ...later].map(({ outcome }) => outcome)).toEqual(['A', 'B', 'X', 'C', 'D']);
  });

  test('is not sent again for those who have their answer, or wait no more', async () => {
    const { batcher, sent } = batcherOf();
    const a = watch(batcher.run('a'));
    await vi.advanceTimersByTimeAsync(0);
    await sent[0]!.answer();
    const early = watch(batcher.run('b'));
    const settled = watch(batcher.run('c'));
    await turn();
    sent[1]!.settle('c');
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    await sent[1]!.fail(refused());
    expect([a.outcome, settled.outcome]).toEqual(['A', 'C']);
    expect(early.outcome).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    expect(sent).toHaveLength(2);
  });

  test.each([
    ['the connection broke', { name: 'MongoNetworkError' }],
    ['the server was too slow', { name: 'MongoServerError', code: 50 }],
    ['it was interrupted', { name: 'MongoServerError', code: 11_601 }],
    ['the client was gone', { name: 'MongoServerError', code: 279 }],
    ['no majority has confirmed it', { name: 'MongoWriteConcernError', code: 100 }],
    ['the server has too much to do', { hasErrorLabel: (label: string) => label === 'SystemOverloadedError' }],
  ])('is not sent again where a part may be done already, or it was not for its content: %s', async (_why, error) => {
    const { batcher, sent } = batcherOf();
    const jobs = ['a', 'b'].map((name) => watch(batcher.run(name)));
    await turn();
    await sent[0]!.fail(Object.assign(new Error('failed'), error));
    expect(sent).toHaveLength(1);
    for (const { outcome } of jobs) expect(outcome).toMatchObject({ httpStatus: 503 });
  });
});
