import type { SessionStore, StoredSession, WriteTarget } from '../../core/store/session-store.interface.js';
import { forEach, pack, target, using } from './stored-sessions.js';
import type { TestRunner } from './test-runner.interface.js';

const BOUNDS = { maxSize: 6000, maxKeys: 8 };
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const full = Object.fromEntries(KEYS.map((key) => [key, 1]));

type Write = (store: SessionStore, to: WriteTarget, key: string, value: unknown, present?: unknown) => Promise<boolean>;

const WRITES: Readonly<Record<string, Write>> = {
  update: (store, to, key, value) => store.update(to, { set: pack({ [key]: value }) }),
  replaceValue: (store, to, key, value, present) =>
    store.replaceValue(to, key, present === undefined ? undefined : pack({ [key]: present }), pack({ [key]: value })),
};

/** Limits that are checked by the store, against the data as it has them. */
export function describeBounds(store: SessionStore, { describe, test, expect }: TestRunner): void {
  const { insert, values } = using(store);
  const to = ({ handle }: StoredSession, epoch = 0) => ({ ...target(handle, epoch), bounds: BOUNDS });
  const text = (length: number) => 'x'.repeat(length);
  const codeOf = (write: Promise<unknown>) => write.then(String, (error: { code: unknown }) => error.code);

  forEach(WRITES, (name, write) =>
    describe(`${name} with bounds`, () => {
      test('adds up to the most keys, and refuses one more', async () => {
        const { h: _, ...seven } = full;
        const session = await insert({ values: seven });
        expect(await write(store, to(session), 'h', 1)).toBe(true);
        expect(await codeOf(write(store, to(session), 'i', 1))).toBe('SESSION_TOO_MANY_KEYS');
        expect(await write(store, to(session), 'h', 2, 1)).toBe(true);
        expect(await values(session)).toEqual({ ...full, h: 2 });
      });

      test('refuses what makes the data too large, and takes what makes them smaller', async () => {
        const session = await insert({ values: { a: text(20_000), b: 1 } });
        expect(await codeOf(write(store, to(session), 'b', text(50), 1))).toBe('SESSION_TOO_LARGE');
        expect(await write(store, to(session), 'a', text(19_000), text(20_000))).toBe(true);
        expect(await write(store, to(session), 'a', text(10), text(19_000))).toBe(true);
        expect(await write(store, to(session), 'b', text(50), 1)).toBe(true);
        expect(await values(session)).toEqual({ a: text(10), b: text(50) });
      });

      test('says false for a session that has ended, however full it is', async () => {
        const session = await insert({ values: full });
        expect(await write(store, to(session, 1), 'i', 1)).toBe(false);
        await store.remove(session.handle);
        expect(await write(store, to(session), 'i', 1)).toBe(false);
      });

      test('of many at once lets no more through than there is room for', async () => {
        const session = await insert();
        const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`);
        const results = await Promise.allSettled(keys.map((key) => write(store, to(session), key, text(10))));
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(BOUNDS.maxKeys);
        expect(Object.keys((await values(session))!)).toHaveLength(BOUNDS.maxKeys);
      });
    }),
  );

  test('update with bounds counts what it removes', async () => {
    const session = await insert({ values: full });
    expect(await store.update(to(session), { set: pack({ i: text(1000) }), unset: ['a'] })).toBe(true);
    expect(await codeOf(store.update(to(session), { set: pack({ j: 1, k: 1 }), unset: ['b'] }))).toBe(
      'SESSION_TOO_MANY_KEYS',
    );
    expect(Object.keys((await values(session))!)).toHaveLength(BOUNDS.maxKeys);
  });
}
