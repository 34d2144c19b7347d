// When a command may leave. No server, and no real time.
import { describe, expect, test, vi } from 'vitest';
import { answerAll, batcherOf, turn, watch, withFakeTimers } from '../../support/store/batcher-by-hand.js';

withFakeTimers();

const after = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

function setUp(options: Parameters<typeof batcherOf>[0] = {}) {
  const { batcher, sent } = batcherOf(options);
  let count = 0;
  const ask = async () => {
    const job = watch(batcher.run(String(count++)));
    await turn();
    return job;
  };
  /** Commands that take this long, one after the other. */
  const take = async (milliseconds: number, rounds = 40) => {
    for (let round = 0; round < rounds; round++) {
      await ask();
      await after(milliseconds);
      await sent.at(-1)!.answer();
    }
    sent.length = 0;
  };
  return { batcher, sent, ask, take };
}

describe('A12: CommandBatcher', () => {
  test('sends one more command about every 2 ms while a server that is far away has not answered', async () => {
    const { sent, ask, take } = setUp();
    await take(100);
    await ask();
    await ask();
    for (let count = 2; count < 10; count++) {
      await ask();
      expect(sent).toHaveLength(count);
      await after(3);
      expect(sent).toHaveLength(count + 1);
    }
    await answerAll(sent);
  });

  test('sends together what came meanwhile', async () => {
    const { sent, ask, take } = setUp();
    await take(100);
    for (let count = 0; count < 5; count++) await ask();
    expect(sent.map(({ names }) => names.length)).toEqual([1, 1]);
    await after(3);
    expect(sent.map(({ names }) => names.length)).toEqual([1, 1, 3]);
    await answerAll(sent);
  });

  test('sends no more commands than there are connections for', async () => {
    const { sent, ask, take } = setUp({ maxInFlight: () => 5 });
    await take(100);
    for (let count = 0; count < 20; count++) {
      await ask();
      await after(4);
    }
    expect(sent).toHaveLength(5);
    await sent[0]!.answer();
    expect(sent.map(({ names }) => names.length)).toEqual([1, 1, 1, 1, 1, 15]);
    await answerAll(sent);
  });

  test('has two commands at a time, also where there are fewer connections', async () => {
    const { sent, ask } = setUp({ maxInFlight: () => 0 });
    await ask();
    await ask();
    await ask();
    expect(sent).toHaveLength(2);
    await answerAll(sent);
  });

  test('keeps two commands at a time near a server while they take as long as usual on a busy machine', async () => {
    const { sent, ask, take } = setUp();
    // Some are fast, so the server is near; most take longer, so the machine is busy.
    for (let round = 0; round < 10; round++) {
      await take(1, 1);
      await take(8, 7);
    }
    await ask();
    await ask();
    await after(8);
    await ask();
    expect(sent).toHaveLength(2);
    await answerAll(sent);
  });

  test('waits no more than 20 ms for two commands that take longer than usual near a server', async () => {
    const { sent, ask, take } = setUp();
    for (let round = 0; round < 10; round++) {
      await take(1, 1);
      await take(60, 7);
    }
    await ask();
    await ask();
    await ask();
    await after(21);
    expect(sent).toHaveLength(3);
    await answerAll(sent);
  });

  test('lets an answer that is there go first, and leaves no timer behind', async () => {
    const { sent, ask } = setUp();
    await ask();
    await ask();
    const third = await ask();
    await answerAll(sent);
    expect(third.outcome).toBe('2');
    expect(sent).toHaveLength(3);
    await after(20);
    expect(sent).toHaveLength(3);
  });
});

describe('A12: a command whose connection is silent', () => {
  /** Commands that are answered by hand, unless they are sent again: then at once, or not at all. */
  function setUpSilent({ isServerSilent = false, mayRepeat = true } = {}) {
    const tries: string[][] = [];
    const { batcher } = batcherOf({
      async send(jobs, command) {
        command.mayRepeat = mayRepeat;
        for (let attempt = 1; ; attempt++) {
          tries.push(jobs.map(({ job }) => job));
          const { signal } = command;
          const silence = new Promise((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          );
          try {
            if (attempt === 1 || isServerSilent) await silence;
            for (const job of jobs) job.resolve(job.job);
            return;
          } catch (error) {
            if ((error as Error).name !== 'SilentConnectionError') throw error;
          }
        }
      },
    });
    const ask = (...names: string[]) => names.map((name) => watch(batcher.run(name)));
    return { tries, ask };
  }

  test('is sent again after a quarter of the time, and all of its jobs have their answer', async () => {
    const { tries, ask } = setUpSilent();
    const jobs = ask('a', 'b');
    await after(249);
    expect(tries).toEqual([['a', 'b']]);
    await after(1);
    expect(tries).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['a', 'b']);
  });

  test('is followed by the next one as soon as it is answered', async () => {
    const { tries, ask } = setUpSilent();
    const jobs = ask('a', 'b');
    await turn();
    jobs.push(...ask('c', 'd'));
    await after(250);
    expect(tries).toHaveLength(4);
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is sent again one at a time where the server itself is silent', async () => {
    const { tries, ask } = setUpSilent({ isServerSilent: true });
    const jobs = ask('a', 'b');
    await turn();
    jobs.push(...ask('c', 'd'));
    await after(999);
    expect(tries).toHaveLength(2 + 3);
    await after(1);
    for (const { outcome } of jobs) expect(outcome).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    await after(5000);
    expect(tries).toHaveLength(2 + 3);
  });

  test.each([
    ['carries one job, which fails as it would without this library', ['a'], true],
    ['may not be sent twice', ['a', 'b'], false],
  ])('is not sent again if it %s', async (_why, names, mayRepeat) => {
    const { tries, ask } = setUpSilent({ mayRepeat });
    const jobs = ask(...names);
    await after(1000);
    expect(tries).toHaveLength(1);
    for (const { outcome } of jobs) expect(outcome).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
  });
});
