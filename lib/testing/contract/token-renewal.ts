import type { TestRunner } from './test-runner.interface.js';
import type { SessionStore } from '../../core/store/session-store.interface.js';
import type { TokenRenewal } from '../../core/token/renewal.js';
import { newHash, plain, secretChange, using, target } from './stored-sessions.js';

function renewalAt(revision: number): TokenRenewal {
  return {
    revision,
    issuedAt: 1000,
    next: { secretHash: newHash(), nonce: new Uint8Array([1, 2, 3]), offeredAt: 2000, sentAt: 3000 },
    previous: { secretHash: newHash(), until: 4000 },
    older: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]),
  };
}

export function describeTokenRenewal(store: SessionStore, { describe, test, expect }: TestRunner): void {
  const { insert, find } = using(store);

  describe('renewToken', () => {
    test('takes the first step of a session that was never renewed, and leaves everything else', async () => {
      const session = await insert({ epoch: 3, values: { a: 1 }, userId: 'ada', permanent: 1000 });
      const [secretHash, renewal] = [newHash(), renewalAt(1)];

      expect(await store.renewToken(target(session.handle, 3), 0, secretHash, renewal)).toBe(true);

      expect(await find(session)).toEqual(plain({ ...session, secretHash, renewal }));
    });

    test('leaves nothing of the step before', async () => {
      const session = await insert({ renewal: renewalAt(4) });
      const renewal = { revision: 5, issuedAt: 9000 };
      expect(await store.renewToken(target(session.handle, 0), 4, session.secretHash, renewal)).toBe(true);
      expect((await find(session))?.renewal).toEqual(renewal);
    });

    test('says false for another epoch or revision, and changes nothing', async () => {
      const session = await insert({ epoch: 1, renewal: renewalAt(4) });
      for (const [epoch, revision] of [
        [0, 4],
        [2, 4],
        [1, 3],
        [1, 5],
        [1, 0],
      ] as const) {
        expect(await store.renewToken(target(session.handle, epoch), revision, newHash(), renewalAt(5))).toBe(false);
      }
      expect(await find(session)).toEqual(plain(session));
    });

    test('lets one of several take a step', async () => {
      const session = await insert();
      const steps = Array.from({ length: 8 }, () =>
        store.renewToken(target(session.handle, 0), 0, newHash(), renewalAt(1)),
      );
      expect((await Promise.all(steps)).filter(Boolean)).toHaveLength(1);
    });

    test('begins again after a new secret, whose epoch shuts out the steps before', async () => {
      const session = await insert({ renewal: renewalAt(1) });
      await store.replaceSecret(target(session.handle, 0), secretChange());
      expect(await store.renewToken(target(session.handle, 0), 1, newHash(), renewalAt(2))).toBe(false);
      expect(await store.renewToken(target(session.handle, 1), 1, newHash(), renewalAt(2))).toBe(true);
    });

    test('never brings back a session that was removed', async () => {
      const session = await insert();
      await store.remove(session.handle);
      expect(await store.renewToken(target(session.handle, 0), 0, newHash(), renewalAt(1))).toBe(false);
      expect(await find(session)).toBeUndefined();
    });
  });
}
