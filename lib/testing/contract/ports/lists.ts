import type { SessionStore } from '../../../core/store/session-store.interface.js';
import { EVERYBODY, type UserSessionStore } from '../../../core/store/user-session-store.interface.js';
import { forEach, pack, plain, unpack, using } from '../stored-sessions.js';
import type { TestRunner } from '../test-runner.interface.js';
import { insertMany } from './insert-many.js';
import { newNumber, newUserId, OPERATORS, OTHER_USER, SAME_USER } from './user-ids.js';

const MANY = 1001;

export function describeLists(store: SessionStore & UserSessionStore, { describe, test, expect }: TestRunner): void {
  const { insert, find } = using(store);
  const handlesIn = (sessions: readonly { handle: string }[]) => sessions.map(({ handle }) => handle);

  describe('findByUser', () => {
    test('gives a session as it is, but for its data and what opens it', async () => {
      const userId = newUserId();
      const session = await insert({
        userId,
        values: { secret: 1 },
        epoch: 3,
        permanent: 86_400_000,
        authenticatedAt: 5000,
        amr: ['pwd', 'otp'],
        device: pack({ ip: '192.0.2.1' }),
        renewal: { revision: 2, issuedAt: 1000 },
      });
      const { data: _, secretHash: __, renewal: ___, device, ...shown } = session;
      const [listed, ...others] = await store.findByUser(userId, 10);
      expect(others).toEqual([]);
      expect({ ...listed, device: unpack({ ...session, data: listed!.device! }) }).toEqual({
        ...shown,
        device: unpack({ ...session, data: device! }),
      });
    });

    test('gives the last used first, expired ones too, and as many as asked for', async () => {
      const userId = newUserId();
      const times = [3000, 9000, 1000, 7000];
      const sessions = await Promise.all(times.map((lastSeenAt) => insert({ userId, lastSeenAt, expiresAt: 1 })));
      const order = [1, 3, 0, 2].map((index) => sessions[index]!.handle);
      expect(handlesIn(await store.findByUser(userId, 10))).toEqual(order);
      expect(handlesIn(await store.findByUser(userId, 2))).toEqual(order.slice(0, 2));
    });

    test('gives none for a user who has none, and not those that were removed', async () => {
      const userId = newUserId();
      expect(await store.findByUser(userId, 10)).toEqual([]);
      const session = await insert({ userId });
      await store.remove(session.handle);
      expect(await store.findByUser(userId, 10)).toEqual([]);
    });
  });

  describe('handlesOf', () => {
    test('gives all of 1001 sessions in pages, each once, in ascending order', async () => {
      const userId = newUserId();
      const handles = handlesIn(await insertMany(store, MANY, () => ({ userId }))).toSorted();
      await insert({ userId: newUserId() });
      const first = await store.handlesOf(userId, undefined, 1000);
      const second = await store.handlesOf(userId, first.at(-1), 1000);
      expect(first).toEqual(handles.slice(0, 1000));
      expect(second).toEqual(handles.slice(1000));
      expect(await store.handlesOf(userId, second.at(-1), 1000)).toEqual([]);
      expect(await store.findByUser(userId, 1000)).toHaveLength(1000);
    });

    test('gives one, and none, for a user who has as many', async () => {
      const userId = newUserId();
      expect(await store.handlesOf(userId, undefined, 10)).toEqual([]);
      const { handle } = await insert({ userId });
      expect(await store.handlesOf(userId, undefined, 10)).toEqual([handle]);
      expect(await store.handlesOf(userId, handle, 10)).toEqual([]);
    });

    test('gives for everybody those of all users, and none that has no user', async () => {
      const nobodys = handlesIn(await Promise.all([insert(), insert()]));
      const users = handlesIn([
        ...(await insertMany(store, 3, () => ({ userId: 'everybody' }))),
        await insert({ userId: newNumber() }),
        await insert({ userId: { tenant: newNumber() } }),
      ]);
      const seen: string[] = [];
      for (let page = await store.handlesOf(EVERYBODY, undefined, 700); page.length > 0;) {
        seen.push(...page);
        page = await store.handlesOf(EVERYBODY, page.at(-1), 700);
      }
      expect(seen).toEqual([...new Set(seen)].toSorted());
      expect(users.filter((handle) => !seen.includes(handle))).toEqual([]);
      expect(nobodys.filter((handle) => seen.includes(handle))).toEqual([]);
    });
  });

  describe('a user', () => {
    /** What each method finds of the one, asked for the other. */
    const seenAs = async (userId: unknown, other: unknown) => {
      const { handle } = await insert({ userId, lastSeenAt: 1 });
      return [
        handlesIn(await store.findByUser(other, 1000)).includes(handle),
        (await store.handlesOf(other, undefined, 1000)).includes(handle),
        await store.describe(handle, { userId: other }, { set: pack({ label: 'x' }) }),
        (await store.take(handle, { userId: other })) !== undefined,
        (await store.find(handle)) === undefined,
      ];
    };

    forEach(SAME_USER, (what, make) =>
      test(`is found by an id that BSON takes for the same: ${what}`, async () => {
        expect(await seenAs(...make(newNumber()))).toEqual([true, true, true, true, true]);
      }),
    );

    forEach(OTHER_USER, (what, make) =>
      test(`is found by nobody else's id: ${what}`, async () => {
        const [userId, other] = make(newNumber());
        const none = [false, false, false, false, false];
        expect(await seenAs(userId, other)).toEqual(none);
        expect(await seenAs(other, userId)).toEqual(none);
      }),
    );

    forEach(OPERATORS, (what, make) =>
      test(`is found by no id that is an operator: ${what}`, async () => {
        const userId = newUserId();
        const sessions = [await insert({ userId }), await insert()];
        const other = make(userId);
        const listed = handlesIn(await store.findByUser(other, 1000));
        const found = [...listed, ...(await store.handlesOf(other, undefined, 1000))];
        expect(handlesIn(sessions).filter((handle) => found.includes(handle))).toEqual([]);
        // An owner without a user is one that is not looked at.
        for (const session of other === undefined ? [] : sessions) {
          expect(await store.describe(session.handle, { userId: other }, { set: pack({ label: 'x' }) })).toBe(false);
          expect(await store.take(session.handle, { userId: other })).toBeUndefined();
          expect(await find(session)).toEqual(plain(session));
        }
      }),
    );
  });
}
