import type { TestRunner } from './test-runner.interface.js';
import { SessionError } from '../../core/errors.js';
import type { SessionStore } from '../../core/store/session-store.interface.js';
import {
  ODD_KEYS,
  everyType,
  hex,
  pack,
  plain,
  secretChange,
  storedSession,
  unpack,
  using,
  forEach,
  target,
} from './stored-sessions.js';

const ROUNDS = 20;

export function describeReadsAndUpdates(store: SessionStore, { describe, test, expect }: TestRunner): void {
  const { insert, find, values } = using(store);

  describe('find', () => {
    test('gives back what insert was given', async () => {
      const session = await insert({ values: { a: 1 }, userId: 'ada', permanent: 86_400_000, epoch: 3 });
      expect(await find(session)).toEqual(plain(session));
    });

    test('gives the bytes of the data as they were, whatever the types', async () => {
      const session = await insert({ values: everyType() });
      expect(hex((await store.find(session.handle))!.data)).toBe(hex(session.data));
    });

    test('says undefined for a handle that nobody has', async () => {
      expect(await store.find(storedSession().handle)).toBeUndefined();
    });

    test('gives expired sessions too: a store has no clock', async () => {
      const session = await insert({ createdAt: 1000, lastSeenAt: 2000, expiresAt: 3000 });
      expect(await find(session)).toMatchObject({ createdAt: 1000, lastSeenAt: 2000, expiresAt: 3000 });
    });

    test('leaves out what the session does not have', async () => {
      const found = await store.find((await insert()).handle);
      expect(found).not.toHaveProperty('userId');
      expect(found).not.toHaveProperty('permanent');
      expect(unpack(found)).toEqual({});
    });

    test('that starts after a write has resolved sees it', async () => {
      const session = await insert();
      for (let n = 0; n < ROUNDS; n++) {
        await store.update(target(session.handle, 0), { set: pack({ n }) });
        expect(await values(session)).toEqual({ n });
      }
    });
  });

  describe('insert', () => {
    test('fails for a handle that exists, and leaves that session alone', async () => {
      const session = await insert({ values: { mine: true } });
      const error: unknown = await store
        .insert(storedSession({ handle: session.handle }))
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SessionError);
      expect(error).toMatchObject({ code: 'SESSION_STORE_FAILED' });
      expect(await find(session)).toEqual(plain(session));
    });

    test('of one handle by two at once lets one of them through', async () => {
      const { handle } = storedSession();
      const two = [store.insert(storedSession({ handle })), store.insert(storedSession({ handle }))];
      const results = await Promise.allSettled(two);
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    });

    test('does not change the bytes that it is given, nor does any later write', async () => {
      const session = await insert({ values: { a: 'old', b: 1 } });
      const [data, hash, set] = [hex(session.data), hex(session.secretHash), pack({ a: 'new' })];
      await store.update(target(session.handle, 0), { set, unset: ['b'] });
      await store.replaceSecret(target(session.handle, 0), secretChange({ keep: ['a'] }));
      expect([hex(session.data), hex(session.secretHash), hex(set)]).toEqual([data, hash, hex(pack({ a: 'new' }))]);
    });
  });

  describe('update', () => {
    test('sets and unsets keys, and leaves everything else as it is', async () => {
      const session = await insert({ values: { a: 1, b: 2, c: { d: 3 } }, userId: 'ada', permanent: 1000 });
      const change = { set: pack({ a: { x: 1 }, e: 5 }), unset: ['b', 'never there'] };
      expect(await store.update(target(session.handle, 0), change)).toBe(true);
      expect(await values(session)).toEqual({ a: { x: 1 }, c: { d: 3 }, e: 5 });
      expect({ ...(await store.find(session.handle)), data: 0, secretHash: 0 }).toEqual({
        ...session,
        data: 0,
        secretHash: 0,
      });
    });

    test('writes every type exactly', async () => {
      const session = await insert();
      for (const [key, value] of Object.entries(everyType())) {
        await store.update(target(session.handle, 0), { set: pack({ value }) });
        expect([key, hex((await store.find(session.handle))!.data)]).toEqual([key, hex(pack({ value }))]);
      }
    });

    for (const key of ODD_KEYS)
      test(`takes the key ${JSON.stringify(key)}`, async () => {
        const session = await insert({ values: { [key]: 'old', other: 1 } });
        await store.update(target(session.handle, 0), { set: pack({ [key]: 'new' }) });
        expect(await values(session)).toEqual({ [key]: 'new', other: 1 });
        await store.update(target(session.handle, 0), { unset: [key] });
        expect(await values(session)).toEqual({ other: 1 });
        await store.update(target(session.handle, 0), { set: pack({ [key]: 'again' }) });
        expect(await values(session)).toEqual({ [key]: 'again', other: 1 });
      });

    test('never lets the times fall', async () => {
      const session = await insert({ lastSeenAt: 5000, expiresAt: 8000 });
      await store.update(target(session.handle, 0), { times: { lastSeenAt: 4000, expiresAt: 9000 } });
      expect(await find(session)).toMatchObject({ lastSeenAt: 5000, expiresAt: 9000 });
      await store.update(target(session.handle, 0), { times: { lastSeenAt: 6000, expiresAt: 7000 } });
      expect(await find(session)).toMatchObject({ lastSeenAt: 6000, expiresAt: 9000 });
    });

    test('of two parallel writers keeps the later time', async () => {
      const session = await insert({ lastSeenAt: 0, expiresAt: 0 });
      const times = Array.from({ length: ROUNDS }, (_, n) => ({ lastSeenAt: (n * 7) % ROUNDS, expiresAt: n }));
      await Promise.all(times.map((each) => store.update(target(session.handle, 0), { times: each })));
      expect(await find(session)).toMatchObject({ lastSeenAt: ROUNDS - 1, expiresAt: ROUNDS - 1 });
    });

    test('with a new persistence takes the times as they are', async () => {
      const session = await insert({ lastSeenAt: 5000, expiresAt: 8000, values: { a: 1 } });
      await store.update(target(session.handle, 0), { permanent: 2000, times: { lastSeenAt: 5500, expiresAt: 7500 } });
      expect(await find(session)).toMatchObject({ lastSeenAt: 5500, expiresAt: 7500, permanent: 2000 });
      await store.update(target(session.handle, 0), { permanent: null, times: { lastSeenAt: 5000, expiresAt: 6000 } });
      expect(await find(session)).toMatchObject({ lastSeenAt: 5000, expiresAt: 6000 });
      expect(await store.find(session.handle)).not.toHaveProperty('permanent');
      expect(await values(session)).toEqual({ a: 1 });
    });

    test('without any change says whether the session is there', async () => {
      const session = await insert({ values: { a: 1 } });
      const changes = [{}, { set: pack({}), unset: [] }];
      for (const change of changes) {
        expect(await store.update(target(session.handle, 0), change)).toBe(true);
        expect(await store.update(target(session.handle, 1), change)).toBe(false);
      }
      expect(await find(session)).toEqual(plain(session));
    });

    forEach(
      { 'an epoch before': { epoch: 1, given: 0 }, 'an epoch to come': { epoch: 0, given: 1 } },
      (what, { epoch, given }) =>
        test(`for ${what} writes nothing and says false`, async () => {
          const session = await insert({ epoch, values: { a: 1 } });
          const change = {
            set: pack({ a: 2 }),
            unset: ['b'],
            times: { lastSeenAt: 9e12, expiresAt: 9e12 },
            permanent: 1,
          };
          expect(await store.update(target(session.handle, given), change)).toBe(false);
          expect(await find(session)).toEqual(plain(session));
        }),
    );

    test('keeps every key of parallel writers', async () => {
      const session = await insert({ values: { gone: 1 } });
      const keys = Array.from({ length: ROUNDS }, (_, n) => `key ${n}`);
      await Promise.all([
        store.update(target(session.handle, 0), { unset: ['gone'] }),
        ...keys.map((key) => store.update(target(session.handle, 0), { set: pack({ [key]: key }) })),
      ]);
      expect(await values(session)).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
    });
  });
}
