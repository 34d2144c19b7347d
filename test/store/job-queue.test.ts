// Jobs that wait together travel together, and each keeps its own failure. No server, and no real time.
import { describe, expect, test } from 'vitest';
import { queueOf, turn, watch, withFakeTimers } from './support/answered-by-hand.js';

withFakeTimers();

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

  test('by many is shared out among the commands that may leave, where each then has enough to do', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => String(index));
    const { queue, sent } = queueOf();
    const few = Promise.all(names(30).map((name) => queue.run(name)));
    await turn();
    expect(sent.map((command) => command.names)).toEqual([names(30)]);
    // One of two may leave.
    const rest = Promise.all(names(40).map((name) => queue.run(name)));
    await turn();
    expect(sent[1]!.names).toEqual(names(40));
    for (const each of sent.splice(0)) await each.answer();
    const many = Promise.all(names(31).map((name) => queue.run(name)));
    await turn();
    expect(sent.map((command) => command.names)).toEqual([names(31).slice(0, 16), names(31).slice(16)]);
    for (const each of sent) await each.answer();
    expect((await Promise.all([few, rest, many])).flat()).toHaveLength(101);
  });

  test('alone does not wait for the end of the turn once that has been so for a while', async () => {
    const { queue, sent } = queueOf();
    /** Whether it has left before the turn has ended. */
    const alone = async (name: string) => {
      const before = sent.length;
      const result = queue.run(name);
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
    const together = [queue.run('b'), queue.run('c')];
    await Promise.resolve();
    expect(sent.at(-1)!.names).toEqual(['b', 'c']);
    await sent.at(-1)!.answer();
    expect(await Promise.all(together)).toEqual(['B', 'C']);
    expect(await several(16)).not.toContain(true);
    expect(await alone('d')).toBe(true);
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
