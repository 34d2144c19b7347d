import type { SessionStore, WriteTarget } from '../../core/store/session-store.interface.js';
import { forEach, newHash, pack, plain, secretChange, storedSession, target, using } from './stored-sessions.js';
import type { TestRunner } from './test-runner.interface.js';

const WRITES: Readonly<Record<string, (store: SessionStore, to: WriteTarget) => Promise<boolean>>> = {
  'update of data': (store, to) => store.update(to, { set: pack({ a: 2 }) }),
  'update of times': (store, to) => store.update(to, { times: { lastSeenAt: 9e12, expiresAt: 9e12 } }),
  'update of nothing': (store, to) => store.update(to, {}),
  replaceSecret: (store, to) => store.replaceSecret(to, secretChange()),
  'replaceSecret that keeps a key': (store, to) => store.replaceSecret(to, secretChange({ keep: ['a'] })),
  replaceValue: (store, to) => store.replaceValue(to, 'b', undefined, pack({ b: 1 })),
  renewToken: (store, to) => store.renewToken(to, 0, newHash(), { revision: 1, issuedAt: 1 }),
  removeIfEmpty: (store, to) => store.removeIfEmpty(to),
};

/** What has expired by the time of a write is as good as removed. */
export function describeTargets(store: SessionStore, { describe, test, expect }: TestRunner): void {
  const { insert, find } = using(store);
  const times = { lastSeenAt: 1_000_000, expiresAt: 2_000_000 };

  describe('a write to a session that has expired', () => {
    forEach(WRITES, (name, write) => {
      const values = name === 'removeIfEmpty' ? {} : { a: 1 };

      test(`${name} is done up to its last millisecond, and not after it`, async () => {
        const session = await insert({ ...times, values });
        for (const now of [2_000_000, 2_000_001, 9e12]) {
          expect(await write(store, target(session.handle, 0, { now }))).toBe(false);
          expect(await find(session)).toEqual(plain(session));
        }
        expect(await write(store, target(session.handle, 0, { now: 1_999_999 }))).toBe(true);
      });

      test(`${name} heeds a last use that must be later`, async () => {
        const session = await insert({ ...times, values });
        for (const seenAfter of [1_000_000, 8.64e15]) {
          expect(await write(store, target(session.handle, 0, { now: 0, seenAfter }))).toBe(false);
          expect(await find(session)).toEqual(plain(session));
        }
        expect(await write(store, target(session.handle, 0, { now: 0, seenAfter: 999_999 }))).toBe(true);
      });
    });

    test('says false for it alone, among many at once', async () => {
      const sessions = Array.from({ length: 60 }, (_, n) =>
        storedSession({ ...times, ...(n % 7 === 3 && { expiresAt: 1_500_000 }) }),
      );
      await Promise.all(sessions.map((session) => store.insert(session)));
      const results = await Promise.all(
        sessions.map(({ handle }) =>
          store.update(target(handle, 0, { now: 1_500_000 }), {
            set: pack({ a: 1 }),
            times: { lastSeenAt: 0, expiresAt: 9e12 },
          }),
        ),
      );
      expect(results).toEqual(sessions.map(({ expiresAt }) => expiresAt > 1_500_000));
    });

    test('remove ends it all the same', async () => {
      const session = await insert({ lastSeenAt: 0, expiresAt: 0 });
      expect(await store.remove(session.handle)).toBe(true);
    });
  });
}
