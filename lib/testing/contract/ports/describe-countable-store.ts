import type { CountableStore } from '../../../core/store/countable-store.interface.js';
import { isMovingStore } from '../../../core/store/store-ports.js';
import type { SessionStore } from '../../../core/store/session-store.interface.js';
import type { TestRunner } from '../test-runner.interface.js';
import { insertMany } from './insert-many.js';

/** After all other sessions of these suites, and each time later. */
let base = 4e15;

/**
 * The promises of `CountableStore`, as tests for a store of your own, which must also keep the
 * contract of `SessionStore`.
 *
 * ```ts
 * import { describe, expect, test } from 'vitest'; // or from '@jest/globals'
 * describeCountableStore('RedisStore', new RedisStore(), { describe, test, expect });
 * ```
 */
export function describeCountableStore(
  name: string,
  store: SessionStore & CountableStore,
  { describe, test, expect }: TestRunner,
): void {
  describe(`${name} keeps the contract of CountableStore`, () => {
    test('count gives the sessions that end after its moment, with and without a user', async () => {
      const start = (base += 1_000_000);
      const [first] = await insertMany(store, 3, (n) => ({
        expiresAt: start + n,
        ...(n > 0 && { userId: 'ada' }),
      }));
      expect(await store.count(start - 1)).toBe(3);
      expect(await store.count(start)).toBe(2);
      expect(await store.count(start + 2)).toBe(0);
      await store.remove(first!.handle);
      expect(await store.count(start - 1)).toBe(2);
    });

    test('count leaves tombstones out, if the store is a MovingStore', async () => {
      if (!isMovingStore(store)) return;
      const start = (base += 1_000_000);
      const [moved] = await insertMany(store, 2, () => ({ expiresAt: start, movedAt: 1 }));
      await store.bury(moved!.handle, { now: 2, movedAfter: 0, until: start });
      expect(await store.count(start - 1)).toBe(1);
    });
  });
}
