import { describe, expect, test } from 'vitest';
import { forEachParallel } from '../../../../lib/core/users/parallel.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('forEachParallel', () => {
  test('does each once, at most so many at a time', async () => {
    const seen: number[] = [];
    let [running, most] = [0, 0];
    await forEachParallel(
      Array.from({ length: 50 }, (_, n) => n),
      16,
      async (n) => {
        most = Math.max(most, ++running);
        await turn();
        seen.push(n);
        running -= 1;
      },
    );
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(most).toBe(16);
  });

  test('rejects with the first failure, and starts no more', async () => {
    const seen: number[] = [];
    const run = forEachParallel([0, 1, 2, 3, 4, 5], 2, async (n) => {
      seen.push(n);
      await turn();
      if (n === 1) throw new Error('no');
    });
    await expect(run).rejects.toThrow('no');
    await turn();
    await turn();
    expect(seen.length).toBeLessThanOrEqual(3);
  });
});
