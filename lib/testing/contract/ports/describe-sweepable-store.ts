import type { SessionStore } from '../../../core/store/session-store.interface.js';
import type { SweepableStore } from '../../../core/store/sweepable-store.interface.js';
import { target } from '../stored-sessions.js';
import type { TestRunner } from '../test-runner.interface.js';
import { insertMany } from './insert-many.js';

/** Before all other sessions of these suites, and each time earlier. */
let base = -1e12;
const nextBase = () => (base -= 1_000_000);

/**
 * The promises of `SweepableStore`, as tests for a store of your own, which must also keep the
 * contract of `SessionStore`.
 *
 * ```ts
 * import { describe, expect, test } from 'vitest'; // or from '@jest/globals'
 * describeSweepableStore('RedisStore', new RedisStore(), { describe, test, expect });
 * ```
 */
export function describeSweepableStore(
  name: string,
  store: SessionStore & SweepableStore,
  { describe, test, expect }: TestRunner,
): void {
  const insertAt = (...times: number[]) =>
    insertMany(store, times.length, (n) => ({ expiresAt: times[n]!, lastSeenAt: times[n]! - 1, userId: 'ada' }));

  describe(`${name} keeps the contract of SweepableStore`, () => {
    test('findExpired gives the oldest first, up to its moment and its limit', async () => {
      const start = nextBase();
      const sessions = await insertAt(start + 3, start + 1, start + 4, start + 2);
      const expected = [1, 3, 0].map((n) => ({ handle: sessions[n]!.handle, expiresAt: sessions[n]!.expiresAt }));
      expect(await store.findExpired(start + 3, 10)).toEqual(expected);
      expect(await store.findExpired(start + 3, 2)).toEqual(expected.slice(0, 2));
      expect(await store.findExpired(start, 10)).toEqual([]);
    });

    test('a session that was found is taken once, and not if it was used since', async () => {
      const start = nextBase();
      const [used, idle] = await insertAt(start + 1, start + 2);
      const found = await store.findExpired(start + 2, 10);
      expect(found).toHaveLength(2);
      // By the clock of a process for which it had not expired yet.
      const times = { lastSeenAt: start, expiresAt: start + 1000 };
      expect(await store.update(target(used!.handle, 0, { now: start - 1 }), { times })).toBe(true);
      const sweep = () => Promise.all(found.map(({ handle, expiresAt }) => store.take(handle, { expiresAt })));
      const taken = (await Promise.all([sweep(), sweep()])).flat().filter((session) => session !== undefined);
      expect(taken.map(({ handle }) => handle)).toEqual([idle!.handle]);
      expect(await store.find(used!.handle)).toMatchObject(times);
      expect(await store.findExpired(start + 2, 10)).toEqual([]);
    });

    test('findExpired gives 1001 in passes of 100, while each pass is taken', async () => {
      const start = nextBase();
      await insertAt(...Array.from({ length: 1001 }, (_, n) => start + (n % 7)));
      let passes = 0;
      for (let found = await store.findExpired(start + 7, 100); found.length > 0; passes++) {
        const taken = await Promise.all(found.map(({ handle, expiresAt }) => store.take(handle, { expiresAt })));
        expect(taken.every(Boolean)).toBe(true);
        found = await store.findExpired(start + 7, 100);
      }
      expect(passes).toBe(11);
    });
  });
}
