import type { SessionStore, StoredSession } from '../../../core/store/session-store.interface.js';
import type { SessionOwner, UserSessionStore } from '../../../core/store/user-session-store.interface.js';
import { everyType, forEach, pack, plain, secretChange, target, unpack, using } from '../stored-sessions.js';
import type { TestRunner } from '../test-runner.interface.js';
import { newUserId, NO_HANDLES } from './user-ids.js';

const ROUNDS = 20;

export function describeTakes(store: SessionStore & UserSessionStore, { describe, test, expect }: TestRunner): void {
  const { insert, find } = using(store);

  describe('take', () => {
    test('removes the session and gives what it was, but for what opened it', async () => {
      const session = await insert({
        userId: newUserId(),
        values: { a: 1, list: [{ b: 2 }] },
        epoch: 2,
        authenticatedAt: 5000,
        amr: ['pwd'],
        permanent: 1000,
        device: pack({ label: 'phone' }),
        renewal: { revision: 1, issuedAt: 1 },
      });
      const { secretHash: _, renewal: __, data, device, ...shown } = session;
      const taken = await store.take(session.handle, {});
      expect({
        ...taken,
        data: unpack(taken as StoredSession),
        device: unpack({ ...session, data: taken!.device! }),
      }).toEqual({
        ...shown,
        data: unpack({ ...session, data }),
        device: unpack({ ...session, data: device! }),
      });
      expect(await find(session)).toBeUndefined();
      expect(await store.remove(session.handle)).toBe(false);
    });

    test('gives the data as of the removal, values of every type', async () => {
      const session = await insert({ values: { first: 1 } });
      await store.update(target(session.handle), { set: pack(everyType()), unset: ['first'] });
      const found = await store.find(session.handle);
      expect(unpack((await store.take(session.handle, {})) as StoredSession)).toEqual(unpack(found));
    });

    test('gives a session to one of many who try at once', async () => {
      const { handle } = await insert({ userId: newUserId() });
      const taken = await Promise.all(Array.from({ length: 8 }, () => store.take(handle, {})));
      expect(taken.filter((session) => session !== undefined)).toHaveLength(1);
    });

    test('gives nothing of a session that was removed', async () => {
      const { handle } = await insert();
      await store.remove(handle);
      expect(await store.take(handle, {})).toBeUndefined();
    });

    const session = { userId: 'ada', epoch: 2, lastSeenAt: 1, expiresAt: 9000, authenticatedAt: 5000 };
    const wrong: Record<string, SessionOwner> = {
      'another user': { userId: 'eve' },
      'another epoch': { userId: 'ada', epoch: 1 },
      'an expiresAt that is a millisecond off': { expiresAt: 9001 },
      'a login that is not earlier': { authenticatedBefore: 5000 },
    };
    forEach(wrong, (what, owner) =>
      test(`leaves a session alone for ${what}`, async () => {
        const stored = await insert(session);
        expect(await store.take(stored.handle, owner)).toBeUndefined();
        expect(await find(stored)).toEqual(plain(stored));
      }),
    );
    const right: Record<string, SessionOwner> = {
      'all of it': { userId: 'ada', epoch: 2, expiresAt: 9000, authenticatedBefore: 5001 },
      'an epoch': { epoch: 2 },
      'an expiresAt': { expiresAt: 9000 },
    };
    forEach(right, (what, owner) =>
      test(`takes a session for ${what} that is right`, async () => {
        const { handle } = await insert(session);
        expect(await store.take(handle, owner)).toMatchObject({ handle, userId: 'ada' });
      }),
    );

    test('takes a session whose login is unknown for any authenticatedBefore', async () => {
      const { handle } = await insert({ userId: newUserId() });
      expect(await store.take(handle, { authenticatedBefore: 1 })).toMatchObject({ handle });
    });

    test('takes no session of nobody for a user', async () => {
      const { handle } = await insert();
      expect(await store.take(handle, { userId: newUserId() })).toBeUndefined();
      expect(await store.take(handle, {})).toMatchObject({ handle });
    });

    forEach(NO_HANDLES, (what, handle) =>
      test(`finds nothing, and fails in nothing, for ${what}`, async () => {
        expect(await store.take(handle as string, {})).toBeUndefined();
        expect(await store.describe(handle as string, { epoch: 0 }, {})).toBe(false);
        expect(await store.describe(handle as string, { userId: 'ada' }, {})).toBe(false);
      }),
    );

    test('by expiresAt loses to a touch that came first, and wins where it did not', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { handle } = await insert({ lastSeenAt: 1, expiresAt: 1000 });
        const touch = () => store.update(target(handle), { times: { lastSeenAt: 2, expiresAt: 2000 } });
        const claim = () => store.take(handle, { expiresAt: 1000 });
        const calls = round % 2 === 0 ? [touch(), claim()] : [claim(), touch()];
        const [first, second] = await Promise.all(calls);
        expect([Boolean(first), Boolean(second)].filter(Boolean)).toHaveLength(1);
      }
    });

    test('is final: no write brings the session back', async () => {
      const { handle } = await insert({ userId: newUserId(), values: { a: 1 } });
      await store.take(handle, {});
      const device = pack({ ip: '192.0.2.1' });
      const writes = [
        store.update(target(handle), { set: pack({ a: 2 }), device }),
        store.replaceSecret(target(handle), secretChange({ userId: 'ada', device })),
        store.describe(handle, { epoch: 0 }, { set: device }),
        store.describe(handle, {}, { unset: ['label'] }),
      ];
      expect(await Promise.all(writes)).toEqual([false, false, false, false]);
      expect(await store.find(handle)).toBeUndefined();
    });
  });
}
