import type { SessionStore, StoredSession } from '../../../core/store/session-store.interface.js';
import type { WatchableStore } from '../../../core/store/watchable-store.interface.js';
import { forEach, newHash, pack, secretChange, target, using } from '../stored-sessions.js';
import type { TestRunner } from '../test-runner.interface.js';
import { insertMany } from './insert-many.js';
import { NO_HANDLES } from './user-ids.js';

/** Ends and what changes an epoch. */
const ENDS: Readonly<Record<string, (store: SessionStore, session: StoredSession) => Promise<boolean>>> = {
  remove: (store, { handle }) => store.remove(handle),
  removeIfEmpty: (store, { handle }) => store.removeIfEmpty(target(handle)),
  replaceSecret: (store, { handle }) => store.replaceSecret(target(handle), secretChange()),
  'replaceSecret that keeps a key': (store, { handle }) =>
    store.replaceSecret(target(handle), secretChange({ keep: ['a'] })),
};

/**
 * The promises of `WatchableStore`, as tests for a store of your own, which must also keep the
 * contract of `SessionStore`.
 *
 * ```ts
 * import { describe, expect, test } from 'vitest'; // or from '@jest/globals'
 * describeWatchableStore('RedisStore', new RedisStore(), { describe, test, expect });
 * ```
 */
export function describeWatchableStore(
  name: string,
  store: SessionStore & WatchableStore,
  { describe, test, expect }: TestRunner,
): void {
  const { insert } = using(store);

  describe(`${name} keeps the contract of WatchableStore`, () => {
    test('peek gives those that exist, expired or not, and each once', async () => {
      const one = await insert({ epoch: 3, expiresAt: 1 });
      const two = await insert({ values: { a: 1 }, userId: 'ada' });
      const gone = await insert();
      await store.remove(gone.handle);
      const found = await store.peek([two.handle, gone.handle, one.handle, two.handle]);
      expect(found.toSorted((a, b) => a.expiresAt - b.expiresAt)).toEqual(
        [one, two].map(({ handle, epoch, expiresAt }) => ({ handle, epoch, expiresAt })),
      );
    });

    test('peek sees a new epoch, a new time, and an end that was acknowledged', async () => {
      const { handle } = await insert();
      const times = { lastSeenAt: 8e12, expiresAt: 9e12 };
      await store.update(target(handle), { times });
      expect(await store.peek([handle])).toEqual([{ handle, epoch: 0, expiresAt: 9e12 }]);
      await store.replaceSecret(target(handle), secretChange({ times }));
      expect(await store.peek([handle])).toEqual([{ handle, epoch: 1, expiresAt: 9e12 }]);
      await store.remove(handle);
      expect(await store.peek([handle])).toEqual([]);
    });

    test('peek gives none for no handles, and for what is no handle', async () => {
      expect(await store.peek([])).toEqual([]);
      expect(await store.peek(Object.values(NO_HANDLES) as string[])).toEqual([]);
    });

    test('peek gives all of 1001', async () => {
      const sessions = await insertMany(store, 1001, () => ({}));
      const handles = sessions.map(({ handle }) => handle);
      const found = await store.peek(handles);
      expect(found.map(({ handle }) => handle).toSorted()).toEqual(handles.toSorted());
    });

    forEach(ENDS, (what, end) =>
      test(`listen rings after ${what}, if it rings at all`, async () => {
        const session = await insert();
        const bell = new Bell(store);
        if (await bell.rings()) {
          const rings = bell.count;
          expect(await end(store, session)).toBe(true);
          // Another session may have ended before, in another test.
          while (bell.count === rings) expect(await bell.rings()).toBe(true);
        }
        await bell.stop();
      }),
    );

    test('listen rings no more when it was told to stop', async () => {
      const bell = new Bell(store);
      await bell.rings();
      await bell.stop();
      const rings = bell.count;
      const other = new Bell(store);
      const isHeard = await other.rings();
      const { handle } = await insert();
      await store.renewToken(target(handle), 0, newHash(), { revision: 1, issuedAt: 1 });
      await store.update(target(handle), { set: pack({ a: 1 }) });
      await store.remove(handle);
      if (isHeard) await other.rings();
      await other.stop();
      expect(bell.count).toBe(rings);
    });
  });
}

/** Counts rings, and waits for the next one. */
class Bell {
  count = 0;
  /** Why there will be none. */
  #reason: string | undefined;
  #wake = () => {};
  readonly #isMute: boolean;
  readonly stop: () => Promise<void>;

  constructor(store: WatchableStore) {
    this.#isMute = !store.listen;
    this.stop =
      store.listen?.(
        () => {
          this.count++;
          this.#wake();
        },
        (reason) => {
          this.#reason = reason;
          this.#wake();
        },
      ) ?? (async () => {});
  }

  /** True: it has rung since it was last asked. False: it never will. */
  async rings(): Promise<boolean> {
    const { count } = this;
    if (this.#isMute || this.#reason !== undefined) return false;
    if (this.#heard === count)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#heard = this.count;
    return this.#reason === undefined;
  }

  #heard = 0;
}
