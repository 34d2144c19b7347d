import type { SessionStore, StoredSession } from '../../core/store/session-store.interface.js';
import { explained, type Seen } from './sequential-order.js';
import { newHash, pack, plain, secretChange, storedSession, unpack, using, target } from './stored-sessions.js';
import type { TestRunner } from './test-runner.interface.js';

const MANY = 200;
const ROUNDS = 5;

/**
 * Calls that a store may send together: each keeps its own result, whatever becomes of the others.
 */
export function describeManyAtOnce(store: SessionStore, { describe, test, expect }: TestRunner): void {
  const { insert, find, values } = using(store);
  const many = <T>(count: number, make: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => make(index)));

  describe('many calls at once', () => {
    test('read each its own session, or none', async () => {
      const sessions = await many(MANY / 2, (n) => insert({ values: { n } }));
      const handles = sessions.flatMap(({ handle }) => [handle, storedSession().handle, handle]);
      const found = await Promise.all(handles.map((handle) => store.find(handle)));
      expect(found.map(unpack)).toEqual(sessions.flatMap((_, n) => [{ n }, undefined, { n }]));
    });

    test('write each its own session, and say false for those alone that are not there with that epoch', async () => {
      const sessions = await many(MANY, (n) => insert({ values: { n }, epoch: n % 2 }));
      const isGone = (n: number) => n % 50 === 7;
      const isLate = (n: number) => n % 50 === 23;
      await Promise.all(sessions.filter((_, n) => isGone(n)).map(({ handle }) => store.remove(handle)));

      const results = await Promise.all(
        sessions.map(({ handle, epoch }, n) =>
          store.update(target(handle, isLate(n) ? epoch + 1 : epoch), { set: pack({ written: n }) }),
        ),
      );

      expect(results).toEqual(sessions.map((_, n) => !isGone(n) && !isLate(n)));
      expect(await Promise.all(sessions.map(values))).toEqual(
        sessions.map((_, n) => (isGone(n) ? undefined : isLate(n) ? { n } : { n, written: n })),
      );
    });

    test('of different keys of one session are all kept', async () => {
      const session = await insert();
      const results = await many(MANY, (n) =>
        store.update(target(session.handle, 0), { set: pack({ [`key ${n}`]: n }) }),
      );
      expect(new Set(results)).toEqual(new Set([true]));
      expect(Object.keys((await values(session))!)).toHaveLength(MANY);
    });

    test('insert each its own session, and fail alone where the handle exists', async () => {
      const taken = await insert({ values: { mine: true } });
      const sessions = Array.from({ length: MANY / 4 }, (_, n) =>
        storedSession(n % 10 === 3 ? { handle: taken.handle } : { values: { n } }),
      );
      const results = await Promise.allSettled(sessions.map((session) => store.insert(session)));
      expect(results.map(({ status }) => status)).toEqual(
        sessions.map(({ handle }) => (handle === taken.handle ? 'rejected' : 'fulfilled')),
      );
      expect(await find(taken)).toEqual(plain(taken));
    });

    test('never read what was there before a write that has been acknowledged', async () => {
      const sessions = await many(MANY / 4, () => insert({ values: { round: 0 } }));
      const stale: unknown[] = [];
      const visit = async (session: StoredSession) => {
        for (let round = 1; round <= ROUNDS; round++) {
          // Reads that are under way already, for others to be tempted to share.
          const others = [store.find(session.handle), store.find(session.handle)];
          await store.update(target(session.handle, 0), { set: pack({ round }) });
          const seen = (await values(session))?.['round'];
          if (seen !== round) stale.push([round, seen]);
          await Promise.all(others);
        }
        const other = store.find(session.handle);
        await store.remove(session.handle);
        if (await store.find(session.handle)) stale.push('removed');
        await other;
      };
      await Promise.all(sessions.map(visit));
      expect(stale).toEqual([]);
    });

    test('end as in some order, one after the other', async () => {
      const sessions = await many(MANY / 4, (n) => insert({ values: { n } }));
      const seen = await Promise.all(sessions.map((session, n) => everythingAtOnce(store, session, n % 3 === 0)));
      expect(seen.filter((each) => !explained(each))).toEqual([]);
    });
  });
}

/** Calls that get into each other's way, and what has become of them. */
async function everythingAtOnce(store: SessionStore, { handle }: StoredSession, isRemoved: boolean): Promise<Seen> {
  const set = (epoch: number, key: string) => store.update(target(handle, epoch), { set: pack({ [key]: 1 }) });
  const keysOf = async () => Object.keys(unpack(await store.find(handle)) ?? { gone: 1 }).toSorted();
  const replaced = store.replaceSecret(target(handle, 0), secretChange({ secretHash: newHash() }));
  const [a, secret, b, read, c, removed] = await Promise.all([
    set(0, 'a'),
    replaced,
    set(0, 'b'),
    keysOf(),
    replaced.then((isDone) => (isDone ? set(1, 'c') : undefined)),
    isRemoved ? store.remove(handle) : undefined,
  ]);
  const results = Object.entries({ a, b, c, secret, read, removed }).filter(([, result]) => result !== undefined);
  return { results: Object.fromEntries(results), left: await keysOf() };
}
