import type { SeatStore, StoredUser } from '../../../core/store/seat-store.interface.js';
import type { SessionStore } from '../../../core/store/session-store.interface.js';
import { EVERYBODY } from '../../../core/store/user-session-store.interface.js';
import { forEach, secretChange, storedSession, target, using } from '../stored-sessions.js';
import type { TestRunner } from '../test-runner.interface.js';
import { insertMany } from './insert-many.js';
import { newNumber, newUserId, NO_HANDLES, OPERATORS, OTHER_USER, SAME_USER } from './user-ids.js';

const TRIES = 8;

/** A user whom nobody has counted or revoked; its revision is another one each time. */
function storedUser(given: Partial<StoredUser> = {}): StoredUser {
  return { userId: newUserId(), revision: storedSession().handle, expiresAt: Date.UTC(2040, 0, 1), ...given };
}

/**
 * The promises of `SeatStore`, as tests for a store of your own, which must also keep the contract
 * of `SessionStore`.
 *
 * ```ts
 * import { describe, expect, test } from 'vitest'; // or from '@jest/globals'
 * describeSeatStore('RedisStore', new RedisStore(), { describe, test, expect });
 * ```
 */
export function describeSeatStore(
  name: string,
  store: SessionStore & SeatStore,
  { describe, test, expect }: TestRunner,
): void {
  const { insert } = using(store);
  const insertUser = async (given: Partial<StoredUser> = {}) => {
    const user = storedUser(given);
    expect(await store.insertUser(user)).toBe(true);
    return user;
  };
  const findUser = async (userId: unknown) => (await store.findUsers([userId])).users[0];
  const many = <T>(make: (n: number) => Promise<T>) => Promise.all(Array.from({ length: TRIES }, (_, n) => make(n)));
  const handle = () => storedSession().handle;

  describe(`${name} keeps the contract of SeatStore`, () => {
    describe('findUsers', () => {
      test('gives back what insertUser was given, and leaves out what it was not', async () => {
        const all = { seats: [handle(), handle()], revokedAt: 1000, spared: handle() };
        for (const given of [{}, all, { seats: [] }, { revokedAt: 0 }]) {
          const user = await insertUser(given);
          expect(await findUser(user.userId)).toEqual(user);
        }
      });

      test('gives users in the order of the ids, and undefined for whom there is none', async () => {
        const [a, b] = [await insertUser(), await insertUser()];
        const { users } = await store.findUsers([b.userId, newUserId(), a.userId, b.userId]);
        expect(users).toEqual([b, undefined, a, b]);
      });

      test('tells everybody from the users "true" and 1', async () => {
        const before = await findUser(EVERYBODY);
        const ids = ['true', 1].map((userId) => storedUser({ userId }));
        await Promise.all(ids.map((user) => store.insertUser(user)));
        expect(await findUser(EVERYBODY)).toEqual(before);
        if (!before) await insertUser({ userId: EVERYBODY, revokedAt: 1 });
        expect(await findUser(EVERYBODY)).toMatchObject({ userId: EVERYBODY, revokedAt: 1 });
        expect((await findUser('true'))!.revokedAt).toBeUndefined();
      });

      forEach(SAME_USER, (what, make) =>
        test(`takes ids for one user that BSON takes for the same: ${what}`, async () => {
          const [userId, same] = make(newNumber());
          const { revision } = await insertUser({ userId });
          expect((await findUser(same))?.revision).toBe(revision);
          expect(await store.insertUser(storedUser({ userId: same }))).toBe(false);
          const next = storedUser({ userId: same, seats: [] });
          expect(await store.changeUser(next, revision)).toBe(true);
          expect((await findUser(userId))?.revision).toBe(next.revision);
        }),
      );

      forEach(OTHER_USER, (what, make) =>
        test(`takes nobody for another user: ${what}`, async () => {
          const [userId, other] = make(newNumber());
          const [one, two] = [await insertUser({ userId }), await insertUser({ userId: other })];
          const { users } = await store.findUsers([other, userId]);
          expect(users.map((user) => user?.revision)).toEqual([two.revision, one.revision]);
          expect(await store.changeUser(storedUser({ userId: other }), one.revision)).toBe(false);
        }),
      );

      forEach(OPERATORS, (what, make) =>
        test(`finds nobody by an id that is an operator: ${what}`, async () => {
          const { userId, revision } = await insertUser();
          const other = make(userId as string);
          expect(await findUser(other)).toBeUndefined();
          expect(await store.changeUser(storedUser({ userId: other }), revision).catch(() => false)).toBe(false);
          expect((await findUser(userId))?.revision).toBe(revision);
        }),
      );
    });

    describe('insertUser', () => {
      test('says false for a user who is there, and leaves it as it is', async () => {
        const user = await insertUser({ seats: [handle()] });
        expect(await store.insertUser(storedUser({ userId: user.userId, seats: [] }))).toBe(false);
        expect(await findUser(user.userId)).toEqual(user);
      });

      test('lets one of several through', async () => {
        const userId = newUserId();
        const users = Array.from({ length: TRIES }, () => storedUser({ userId }));
        const results = await many((n) => store.insertUser(users[n]!));
        expect(results.filter(Boolean)).toHaveLength(1);
        expect(await findUser(userId)).toEqual(users[results.indexOf(true)]);
      });
    });

    describe('changeUser', () => {
      test('replaces all of a user that has the revision', async () => {
        const user = await insertUser({ seats: [handle()], revokedAt: 1000, spared: handle() });
        const next = storedUser({ userId: user.userId, seats: [handle(), handle()] });
        expect(await store.changeUser(next, user.revision)).toBe(true);
        expect(await findUser(user.userId)).toEqual(next);
      });

      test('says false for a revision of before, and changes nothing', async () => {
        const user = await insertUser();
        const next = storedUser({ userId: user.userId });
        await store.changeUser(next, user.revision);
        expect(await store.changeUser(storedUser({ userId: user.userId }), user.revision)).toBe(false);
        expect(await findUser(user.userId)).toEqual(next);
      });

      test('says false for a user that there is none of, and adds none', async () => {
        const user = storedUser();
        expect(await store.changeUser(user, storedUser().revision)).toBe(false);
        expect(await findUser(user.userId)).toBeUndefined();
      });

      test('lets one of several through', async () => {
        const user = await insertUser();
        const next = Array.from({ length: TRIES }, () => storedUser({ userId: user.userId }));
        const results = await many((n) => store.changeUser(next[n]!, user.revision));
        expect(results.filter(Boolean)).toHaveLength(1);
        expect(await findUser(user.userId)).toEqual(next[results.indexOf(true)]);
      });
    });

    describe('findSeated', () => {
      const findSeated = async (handles: readonly string[], userId: unknown) =>
        store.findSeated(handles, userId, (await store.findUsers([userId])).asOf);

      test("gives the user's sessions among these, expired or not, with what a login has to know", async () => {
        const userId = newUserId();
        const known = await insert({ userId, authenticatedAt: 4000, lastSeenAt: 5000, expiresAt: 6000 });
        const unknown = await insert({ userId });
        const [others, nobodys] = [await insert({ userId: newUserId() }), await insert()];
        const gone = await insert({ userId });
        await store.remove(gone.handle);
        const handles = [known, others, gone, unknown, nobodys].map((session) => session.handle);
        const found = await findSeated(handles, userId);
        expect(found.toSorted((a, b) => a.lastSeenAt - b.lastSeenAt)).toEqual([
          { handle: known.handle, authenticatedAt: 4000, lastSeenAt: 5000, expiresAt: 6000 },
          { handle: unknown.handle, lastSeenAt: unknown.lastSeenAt, expiresAt: unknown.expiresAt },
        ]);
      });

      test('sees each session that was written, each end and each new user before it is asked', async () => {
        const userId = newUserId();
        for (let round = 0; round < TRIES; round++) {
          const session = await insert({ userId });
          expect(await findSeated([session.handle], userId)).toHaveLength(1);
          if (round % 2 === 0) await store.remove(session.handle);
          else await store.replaceSecret(target(session.handle), secretChange({ userId: newUserId() }));
          expect(await findSeated([session.handle], userId)).toEqual([]);
        }
      });

      test('gives none for no handles, and for what is no handle', async () => {
        const userId = newUserId();
        expect(await findSeated([], userId)).toEqual([]);
        expect(await findSeated(Object.values(NO_HANDLES) as string[], userId)).toEqual([]);
      });

      test('gives all of 1001', async () => {
        const userId = newUserId();
        const sessions = await insertMany(store, 1001, () => ({ userId }));
        const handles = sessions.map((session) => session.handle);
        const found = await findSeated(handles, userId);
        expect(found.map((session) => session.handle).toSorted()).toEqual(handles.toSorted());
      });

      forEach(SAME_USER, (what, make) =>
        test(`finds by an id that BSON takes for the same: ${what}`, async () => {
          const [userId, same] = make(newNumber());
          const session = await insert({ userId });
          expect(await findSeated([session.handle], same)).toHaveLength(1);
        }),
      );

      forEach(OTHER_USER, (what, make) =>
        test(`finds nobody else's: ${what}`, async () => {
          const [userId, other] = make(newNumber());
          const session = await insert({ userId });
          expect(await findSeated([session.handle], other)).toEqual([]);
        }),
      );

      forEach(OPERATORS, (what, make) =>
        test(`finds nothing by an id that is an operator: ${what}`, async () => {
          const userId = newUserId();
          const handles = [(await insert({ userId })).handle, (await insert()).handle];
          expect(await findSeated(handles, make(userId))).toEqual([]);
        }),
      );
    });
  });
}
