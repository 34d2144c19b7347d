// What has the same key waits for its turn; nothing waits for another key, and a failure stops nobody.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { KeyedQueue } from '../../../../lib/core/lifecycle/keyed-queue.js';

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('tasks of one key run one after the other, in the order in which they came, and resolve with what they made', async () => {
  const queue = new KeyedQueue();
  const first = gate();
  const log: string[] = [];
  const task = (name: string, wait?: Promise<void>) => async () => {
    log.push(`${name} begins`);
    await wait;
    log.push(`${name} ends`);
    return name;
  };
  const results = [queue.run('k', task('a', first.opened)), queue.run('k', task('b')), queue.run('k', task('c'))];
  await settled();
  expect(log).toEqual(['a begins']);
  first.open();
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('tasks of other keys do not wait', async () => {
  const queue = new KeyedQueue();
  const first = gate();
  const slow = queue.run('k', () => first.opened);
  expect(await queue.run('other', async () => 'done')).toBe('done');
  first.open();
  await slow;
});

test('a task that fails fails alone: the next one of its key runs', async () => {
  const queue = new KeyedQueue();
  const failed = queue.run('k', async () => Promise.reject(new Error('no')));
  const next = queue.run('k', async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('a task that comes after all others are done waits for nobody, and for one that runs it does', async () => {
  const queue = new KeyedQueue();
  await queue.run('k', async () => {});
  await settled();
  const [second, third] = [gate(), gate()];
  const log: string[] = [];
  const runs = [
    queue.run('k', () => second.opened.then(() => void log.push('second'))),
    queue.run('k', () => third.opened.then(() => void log.push('third'))),
  ];
  await settled();
  expect(log).toEqual([]);
  second.open();
  await runs[0];
  await settled();
  // The first of two is done, the other one is not: who comes now waits for that.
  const fourth = queue.run('k', async () => void log.push('fourth'));
  await settled();
  expect(log).toEqual(['second']);
  third.open();
  await Promise.all([runs[1], fourth]);
  expect(log).toEqual(['second', 'third', 'fourth']);
});

test('nothing of a key is held once all of its tasks are done, however they ended', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const queue = new KeyedQueue();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const tasks = [async () => {}, async () => Promise.reject(new Error('no'))];
  for (let key = 0; key < 20_000; key++) await queue.run(`key ${key}`, tasks[key % 2]!).catch(() => {});
  await settled();
  collectGarbage();
  // With something of each key held it would be several megabytes.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
  expect(await queue.run('k', async () => 'done')).toBe('done');
});
