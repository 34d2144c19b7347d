import type { SessionStore, StoredSession } from '../../../core/store/session-store.interface.js';
import type { SessionOwner, UserSessionStore } from '../../../core/store/user-session-store.interface.js';
import { forEach, pack, plain, secretChange, target, unpack, using } from '../stored-sessions.js';
import type { TestRunner } from '../test-runner.interface.js';
import { newUserId } from './user-ids.js';

const DEVICE = { ip: '192.0.2.1', userAgent: 'Mozilla/5.0', label: 'Kitchen $iPad.' };

export function describeDevices(store: SessionStore & UserSessionStore, { describe, test, expect }: TestRunner): void {
  const { insert, find, values } = using(store);
  const deviceOf = async ({ handle }: StoredSession) => {
    const session = await store.find(handle);
    return session?.device && unpack({ ...session, data: session.device });
  };

  describe('device', () => {
    test('is kept by insert, and there is none without it', async () => {
      expect(await deviceOf(await insert({ device: pack(DEVICE) }))).toEqual(DEVICE);
      expect(await store.find((await insert()).handle)).not.toHaveProperty('device');
    });

    test('gets the elements of an update, which leaves the others and the data alone', async () => {
      const session = await insert({ device: pack(DEVICE), values: { a: 1 } });
      const change = { device: pack({ ip: '192.0.2.2', userAgent: 'curl' }), set: pack({ b: 2 }) };
      expect(await store.update(target(session.handle), change)).toBe(true);
      expect(await deviceOf(session)).toEqual({ ...DEVICE, ip: '192.0.2.2', userAgent: 'curl' });
      expect(await values(session)).toEqual({ a: 1, b: 2 });
    });

    test('is added by an update, and left alone by one without it', async () => {
      const session = await insert();
      await store.update(target(session.handle), { device: pack({ ip: '192.0.2.1' }) });
      await store.update(target(session.handle), { set: pack({ a: 1 }), times: { lastSeenAt: 9e12, expiresAt: 9e12 } });
      expect(await deviceOf(session)).toEqual({ ip: '192.0.2.1' });
    });

    test('is renewed by an update together with lastSeenAt, which only rises and leaves expiresAt alone', async () => {
      const session = await insert({ lastSeenAt: 5000, expiresAt: 9000 });
      for (const [lastSeenAt, expected] of [
        [6000, 6000],
        [5500, 6000],
      ] as const) {
        const device = pack({ ip: `${lastSeenAt}` });
        expect(await store.update(target(session.handle), { lastSeenAt, device })).toBe(true);
        expect(await find(session)).toMatchObject({ lastSeenAt: expected, expiresAt: 9000 });
        expect(await deviceOf(session)).toEqual({ ip: `${lastSeenAt}` });
      }
      expect(await store.update(target(session.handle, 0, { now: 9000 }), { lastSeenAt: 9e12 })).toBe(false);
      expect(await store.update(target(session.handle, 1), { lastSeenAt: 9e12 })).toBe(false);
    });

    for (const keep of [true, ['a'], []] as const)
      test(`is replaced by replaceSecret that keeps ${JSON.stringify(keep)}, as a whole, and else outlives it`, async () => {
        const session = await insert({ device: pack(DEVICE), values: { a: 1 } });
        expect(await store.replaceSecret(target(session.handle), secretChange({ keep }))).toBe(true);
        expect(await deviceOf(session)).toEqual(DEVICE);
        const device = pack({ label: '$data', ip: '192.0.2.3' });
        expect(await store.replaceSecret(target(session.handle, 1), secretChange({ keep, device }))).toBe(true);
        expect(await deviceOf(session)).toEqual({ label: '$data', ip: '192.0.2.3' });
        expect(await store.replaceSecret(target(session.handle, 2), secretChange({ keep, device: pack({}) }))).toBe(
          true,
        );
        expect(await store.find(session.handle)).not.toHaveProperty('device');
      });
  });

  describe('describe', () => {
    const owners: Record<string, (session: StoredSession) => SessionOwner> = {
      'its epoch': ({ epoch }) => ({ epoch }),
      'its user': ({ userId }) => ({ userId }),
      'user, epoch and end': ({ userId, epoch, expiresAt }) => ({ userId, epoch, expiresAt }),
      nothing: () => ({}),
    };
    forEach(owners, (what, ownerOf) =>
      test(`by ${what} sets and removes elements, and leaves all else as it is`, async () => {
        const session = await insert({ userId: newUserId(), epoch: 1, device: pack(DEVICE), values: { a: 1 } });
        const change = { set: pack({ ip: '::1' }), unset: ['label', 'ip', 'none'] };
        expect(await store.describe(session.handle, ownerOf(session), change)).toBe(true);
        expect(await deviceOf(session)).toEqual({ ip: '::1', userAgent: DEVICE.userAgent });
        expect({ ...(await find(session)), device: 0 }).toEqual({ ...plain(session), device: 0 });
      }),
    );

    test('adds a device where there was none', async () => {
      const session = await insert();
      expect(await store.describe(session.handle, { epoch: 0 }, { set: pack({ label: 'x' }) })).toBe(true);
      expect(await deviceOf(session)).toEqual({ label: 'x' });
    });

    test('has nothing to remove where there was no device', async () => {
      const session = await insert();
      expect(await store.describe(session.handle, {}, { unset: ['label'] })).toBe(true);
      expect(await find(session)).toEqual(plain(session));
    });

    test('says true for a change of nothing, if the session is there', async () => {
      const session = await insert({ userId: 'ada' });
      for (const owner of [{ epoch: 0 }, { userId: 'ada' }]) {
        expect(await store.describe(session.handle, owner, {})).toBe(true);
      }
      expect(await find(session)).toEqual(plain(session));
    });

    const wrong: Record<string, SessionOwner> = {
      'another epoch': { epoch: 1 },
      'another user': { userId: 'eve' },
      'another end': { epoch: 0, expiresAt: 1 },
      'a login that is not earlier': { authenticatedBefore: 5000 },
    };
    forEach(wrong, (what, owner) =>
      test(`says false for ${what}, and changes nothing`, async () => {
        const session = await insert({ userId: 'ada', authenticatedAt: 5000 });
        expect(await store.describe(session.handle, owner, { set: pack({ ip: '::1' }) })).toBe(false);
        expect(await find(session)).toEqual(plain(session));
      }),
    );
  });
}
