import type { TestRunner } from './test-runner.interface.js';
import type { SecretReplacement, SessionStore } from '../../core/store/session-store.interface.js';
import { ODD_KEYS, newHash, pack, plain, secretChange, using, forEach, target } from './stored-sessions.js';

const ROUNDS = 20;
const KEEPS: readonly SecretReplacement['keep'][] = [true, [], ['a']];

export function describeSecretsAndEnds(store: SessionStore, { describe, test, expect }: TestRunner): void {
  const forEachOddKey = (title: string, body: (key: string) => Promise<void>) => {
    for (const key of ODD_KEYS) test(`the key ${JSON.stringify(key)} ${title}`, () => body(key));
  };
  const forEachKeep = (title: string, body: (keep: SecretReplacement['keep']) => Promise<void>) => {
    for (const keep of KEEPS) test(`with keep ${JSON.stringify(keep)} ${title}`, () => body(keep));
  };
  const { insert, find, values } = using(store);

  describe('replaceSecret', () => {
    test('changes secret, epoch and clocks, and keeps the rest', async () => {
      const session = await insert({ epoch: 2, values: { a: 1, b: [2] }, userId: 'ada', permanent: 1000 });
      const { secretHash, createdAt, times } = secretChange();
      const change = { secretHash, createdAt, times, keep: true as const };

      expect(await store.replaceSecret(target(session.handle, 2), change)).toBe(true);

      const renewal = { revision: 1, issuedAt: times.lastSeenAt };
      expect(await find(session)).toEqual(plain({ ...session, ...times, secretHash, createdAt, renewal, epoch: 3 }));
    });

    forEachKeep('takes the times as they are, even earlier ones', async (keep) => {
      const session = await insert({ createdAt: 9e6, lastSeenAt: 9e6, expiresAt: 9e6 });
      await store.replaceSecret(target(session.handle, 0), secretChange({ keep }));
      expect(await find(session)).toMatchObject({ epoch: 1, createdAt: 5000, lastSeenAt: 6000, expiresAt: 7000 });
    });

    test('keeps only the data that it is told to keep', async () => {
      const session = await insert({ values: { a: 1, b: { c: 2 }, d: 3 } });
      await store.replaceSecret(target(session.handle, 0), secretChange({ keep: ['b', 'd', 'never there'] }));
      expect(await values(session)).toEqual({ b: { c: 2 }, d: 3 });
      await store.replaceSecret(target(session.handle, 1), secretChange({ keep: [] }));
      expect(await values(session)).toEqual({});
    });

    forEachOddKey('is kept, and it alone', async (key) => {
      const others = Object.fromEntries(ODD_KEYS.filter((other) => other !== key).map((other) => [other, 'other']));
      const session = await insert({ values: { ...others, [key]: { in: [key] } } });
      await store.replaceSecret(target(session.handle, 0), secretChange({ keep: [key] }));
      expect(await values(session)).toEqual({ [key]: { in: [key] } });
    });

    forEachKeep('leaves the user, sets it or takes it away', async (keep) => {
      const session = await insert({ values: { a: 1 }, userId: 'ada' });
      await store.replaceSecret(target(session.handle, 0), secretChange({ keep }));
      expect(await find(session)).toMatchObject({ userId: 'ada' });
      await store.replaceSecret(target(session.handle, 1), secretChange({ keep, userId: '$data.a' }));
      expect(await find(session)).toMatchObject({ userId: '$data.a' });
      await store.replaceSecret(target(session.handle, 2), secretChange({ keep, userId: null }));
      expect(await store.find(session.handle)).not.toHaveProperty('userId');
    });

    forEachKeep('leaves the proof of the user, sets it or takes it away', async (keep) => {
      const session = await insert({ values: { a: 1 }, authenticatedAt: 1000, amr: ['pwd'] });
      await store.replaceSecret(target(session.handle, 0), secretChange({ keep }));
      expect(await find(session)).toMatchObject({ authenticatedAt: 1000, amr: ['pwd'] });
      await store.replaceSecret(
        target(session.handle, 1),
        secretChange({ keep, authenticatedAt: 2000, amr: ['$data.a'] }),
      );
      expect(await find(session)).toMatchObject({ authenticatedAt: 2000, amr: ['$data.a'] });
      await store.replaceSecret(target(session.handle, 2), secretChange({ keep, authenticatedAt: null, amr: null }));
      const stored = await store.find(session.handle);
      expect(stored).not.toHaveProperty('authenticatedAt');
      expect(stored).not.toHaveProperty('amr');
    });

    forEachKeep('starts the renewal again', async (keep) => {
      const previous = { secretHash: newHash(), until: 99 };
      const session = await insert({ values: { a: 1 }, renewal: { revision: 7, issuedAt: 1, previous } });
      await store.replaceSecret(target(session.handle, 0), secretChange({ keep }));
      expect((await find(session))?.renewal).toEqual({ revision: 1, issuedAt: 6000 });
    });

    forEachKeep('says false for another epoch, and changes nothing', async (keep) => {
      const session = await insert({ epoch: 1, values: { a: 1, b: 2 } });
      expect(await store.replaceSecret(target(session.handle, 0), secretChange({ keep }))).toBe(false);
      expect(await store.replaceSecret(target(session.handle, 2), secretChange({ keep }))).toBe(false);
      expect(await find(session)).toEqual(plain(session));
    });

    test('shuts out what began before it', async () => {
      const session = await insert({ values: { a: 1 } });
      await store.replaceSecret(target(session.handle, 0), secretChange());
      expect(await store.update(target(session.handle, 0), { set: pack({ a: 'late' }) })).toBe(false);
      expect(await store.removeIfEmpty(target(session.handle, 0))).toBe(false);
      expect(await store.update(target(session.handle, 1), { set: pack({ b: 1 }) })).toBe(true);
      expect(await values(session)).toEqual({ a: 1, b: 1 });
    });

    test('of several at once lets one through, whose secret it is then', async () => {
      const session = await insert();
      const changes = Array.from({ length: ROUNDS }, () => secretChange());
      const results = await Promise.all(
        changes.map((change) => store.replaceSecret(target(session.handle, 0), change)),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      const { secretHash } = changes[results.indexOf(true)]!;
      expect(await find(session)).toMatchObject({ epoch: 1, secretHash: Buffer.from(secretHash).toString('hex') });
    });

    test('keeps what the store has at that moment, not what its caller has read', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const session = await insert({ values: { n: 0 } });
        const [wasInTime, wasReplaced] = await Promise.all([
          store.update(target(session.handle, 0), { set: pack({ n: 1 }) }),
          store.replaceSecret(target(session.handle, 0), secretChange({ keep: ['n'] })),
        ]);
        expect(wasReplaced).toBe(true);
        expect(await values(session)).toEqual({ n: wasInTime ? 1 : 0 });
      }
    });
  });

  describe('removeIfEmpty', () => {
    test('removes a session without data and user', async () => {
      const session = await insert();
      expect(await store.removeIfEmpty(target(session.handle, 0))).toBe(true);
      expect(await find(session)).toBeUndefined();
      expect(await store.removeIfEmpty(target(session.handle, 0))).toBe(false);
    });

    test('removes one that was emptied', async () => {
      const session = await insert({ values: { a: 1, b: 2 } });
      await store.update(target(session.handle, 0), { unset: ['a', 'b'] });
      expect(await store.removeIfEmpty(target(session.handle, 0))).toBe(true);
    });

    forEach(
      { data: { values: { a: null } }, 'a user': { userId: 'ada' }, 'another epoch': { epoch: 1 } },
      (what, given) =>
        test(`leaves a session with ${what}`, async () => {
          const session = await insert(given);
          expect(await store.removeIfEmpty(target(session.handle, 0))).toBe(false);
          expect(await find(session)).toEqual(plain(session));
        }),
    );

    test('never takes a key away that a parallel request adds', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const session = await insert();
        const [wasAdded, wasRemoved] = await Promise.all([
          store.update(target(session.handle, 0), { set: pack({ a: 1 }) }),
          store.removeIfEmpty(target(session.handle, 0)),
        ]);
        expect(wasAdded).toBe(!wasRemoved);
        expect(await values(session)).toEqual(wasAdded ? { a: 1 } : undefined);
      }
    });
  });

  describe('remove', () => {
    test('removes the session whatever its epoch, data and user', async () => {
      const session = await insert({ epoch: 7, values: { a: 1 }, userId: 'ada' });
      expect(await store.remove(session.handle)).toBe(true);
      expect(await find(session)).toBeUndefined();
      expect(await store.remove(session.handle)).toBe(false);
    });

    test('leaves all other sessions', async () => {
      const [session, other] = [await insert(), await insert()];
      await store.remove(session.handle);
      expect(await find(other)).toEqual(plain(other));
    });

    test('is final: no other call brings the session back', async () => {
      const session = await insert({ values: { a: 1 } });
      await store.remove(session.handle);
      const times = { lastSeenAt: 1, expiresAt: 2 };
      const calls = [
        store.update(target(session.handle, 0), {}),
        store.update(target(session.handle, 0), { set: pack({ a: 2 }), times }),
        store.update(target(session.handle, 0), { unset: ['a'], permanent: 1, times }),
        store.replaceSecret(target(session.handle, 0), secretChange()),
        store.replaceSecret(target(session.handle, 0), secretChange({ keep: ['a'] })),
        store.removeIfEmpty(target(session.handle, 0)),
      ];
      expect(await Promise.all(calls)).toEqual(calls.map(() => false));
      expect(await find(session)).toBeUndefined();
    });

    test('is final for calls that are under way as well', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const session = await insert({ values: { a: 1 } });
        await Promise.all([
          store.update(target(session.handle, 0), { set: pack({ a: 2 }) }),
          store.replaceSecret(target(session.handle, 0), secretChange({ secretHash: newHash(), keep: ['a'] })),
          store.remove(session.handle),
          store.update(target(session.handle, 0), { unset: ['a'] }),
          store.update(target(session.handle, 1), { set: pack({ b: 1 }) }),
        ]);
        expect(await find(session)).toBeUndefined();
      }
    });
  });
}
