import { type MovingStore, TOMBSTONE_EPOCH } from '../../../core/store/moving-store.interface.js';
import type { SessionStore } from '../../../core/store/session-store.interface.js';
import type { WatchableStore } from '../../../core/store/watchable-store.interface.js';
import { forEach, pack, plain, secretChange, storedSession, target, unpack, using } from '../stored-sessions.js';
import type { TestRunner } from '../test-runner.interface.js';
import { newUserId } from './user-ids.js';

const MOVED_AT = 5_000_000;
const burial = { now: 5_000_001, movedAfter: MOVED_AT - 1, until: 9e12 };

/**
 * Everything that the comments of `MovingStore` promise, as tests for a store of your own; it has
 * to keep the contract of `SessionStore` too.
 *
 * ```ts
 * import { describe, expect, test } from 'vitest'; // or from '@jest/globals'
 * describeMovingStore('RedisStore', new RedisStore(), { describe, test, expect });
 * ```
 */
export function describeMovingStore(
  name: string,
  store: SessionStore & MovingStore & Partial<WatchableStore>,
  { describe, test, expect }: TestRunner,
): void {
  const { insert, find } = using(store);
  const insertMoved = (given: Parameters<typeof insert>[0] = {}) =>
    insert({ values: { a: 1 }, movedAt: MOVED_AT, ...given });

  describe(`${name} keeps the contract of MovingStore`, () => {
    test('insertIfFree adds a session, with movedAt', async () => {
      const session = { ...storedSession({ values: { a: 1 } }), movedAt: MOVED_AT };
      expect(await store.insertIfFree(session)).toBe(true);
      expect(await find(session)).toEqual(plain(session));
    });

    test('insertIfFree leaves a session alone, expired or not', async () => {
      for (const times of [{}, { lastSeenAt: 1, expiresAt: 2 }]) {
        const session = await insert({ values: { a: 1 }, ...times });
        const other = { ...storedSession({ values: { b: 2 } }), handle: session.handle };
        expect(await store.insertIfFree(other)).toBe(false);
        expect(await find(session)).toEqual(plain(session));
      }
    });

    test('insertIfFree adds the session of one of many who try at once', async () => {
      const { handle } = storedSession();
      const tries = Array.from({ length: 8 }, () => store.insertIfFree({ ...storedSession(), handle }));
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    });

    test('bury gives what the session was, and leaves a tombstone', async () => {
      const session = await insertMoved({ userId: newUserId(), epoch: 2 });
      const taken = await store.bury(session.handle, burial);
      expect(taken).toMatchObject({ handle: session.handle, userId: session.userId, epoch: 2, movedAt: MOVED_AT });
      expect(unpack({ ...session, data: taken!.data! })).toEqual({ a: 1 });
      const tombstone = await store.find(session.handle);
      expect({ ...tombstone, data: unpack(tombstone) }).toEqual({
        handle: session.handle,
        secretHash: tombstone!.secretHash,
        epoch: TOMBSTONE_EPOCH,
        data: {},
        createdAt: burial.now,
        lastSeenAt: burial.now,
        expiresAt: burial.until,
      });
      expect(Buffer.compare(tombstone!.secretHash, session.secretHash) === 0).toBe(false);
    });

    const others = {
      'a session that was never moved': { movedAt: undefined },
      'a session that was moved too long ago': { movedAt: MOVED_AT - 1 },
    };
    forEach(others, (what, given) =>
      test(`bury leaves ${what} alone`, async () => {
        const session = await insertMoved(given as Parameters<typeof insert>[0]);
        expect(await store.bury(session.handle, burial)).toBeUndefined();
        expect(await find(session)).toEqual(plain(session));
      }),
    );

    test('bury asks whose session it is', async () => {
      const session = await insertMoved({ userId: 'ada', epoch: 1 });
      expect(await store.bury(session.handle, { ...burial, userId: 'eve' })).toBeUndefined();
      expect(await store.bury(session.handle, { ...burial, epoch: 0 })).toBeUndefined();
      expect(await store.bury(session.handle, { ...burial, expiresAt: session.expiresAt + 1 })).toBeUndefined();
      expect(await store.bury(session.handle, { ...burial, userId: 'ada', epoch: 1 })).toMatchObject({ userId: 'ada' });
    });

    test('bury with ifEmpty leaves data and users alone', async () => {
      const full = await insertMoved();
      const owned = await insertMoved({ values: {}, userId: newUserId() });
      const empty = await insertMoved({ values: {} });
      const buried = [full, owned, empty].map(({ handle }) => store.bury(handle, { ...burial, ifEmpty: true }));
      expect((await Promise.all(buried)).map((taken) => taken?.handle)).toEqual([undefined, undefined, empty.handle]);
    });

    test('bury gives a session to one of many who try at once, and no tombstone to anybody', async () => {
      const { handle } = await insertMoved();
      const buried = await Promise.all(Array.from({ length: 8 }, () => store.bury(handle, burial)));
      expect(buried.filter((taken) => taken !== undefined)).toHaveLength(1);
      expect(await store.bury(handle, burial)).toBeUndefined();
    });

    test('a tombstone stays: no write finds it, and nothing is inserted in its place', async () => {
      const session = await insertMoved({ epoch: 1 });
      await store.bury(session.handle, burial);
      const tombstone = await store.find(session.handle);
      const { handle } = session;
      expect(await store.update(target(handle, 1), { set: pack({ a: 2 }) })).toBe(false);
      expect(await store.replaceSecret(target(handle, 1), secretChange())).toBe(false);
      expect(await store.insertIfFree(session)).toBe(false);
      expect(await store.remove(handle)).toBe(false);
      expect(await store.take(handle, {})).toBeUndefined();
      expect(await store.find(handle)).toEqual(tombstone);
      expect((await store.peek?.([handle])) ?? []).toEqual([]);
    });

    test('a tombstone whose time is over goes with its expiresAt, and is no session', async () => {
      const { handle } = await insertMoved();
      await store.bury(handle, burial);
      expect(await store.take(handle, { expiresAt: burial.until })).toBeUndefined();
      expect(await store.find(handle)).toBeUndefined();
    });

    test('take with notMovedAfter leaves what was moved later alone', async () => {
      const session = await insertMoved();
      expect(await store.take(session.handle, { notMovedAfter: MOVED_AT - 1 })).toBeUndefined();
      expect(await find(session)).toEqual(plain(session));
      expect(await store.take(session.handle, { notMovedAfter: MOVED_AT })).toMatchObject({ movedAt: MOVED_AT });
      const other = await insert();
      expect(await store.take(other.handle, { notMovedAfter: 0 })).toMatchObject({ handle: other.handle });
    });

    test('movedAt stays with a new secret', async () => {
      const { handle } = await insertMoved();
      expect(await store.replaceSecret(target(handle), secretChange({ userId: 'ada' }))).toBe(true);
      expect(await store.find(handle)).toMatchObject({ movedAt: MOVED_AT, epoch: 1 });
    });
  });
}
