// What a renewal's offer is made of, and what it does among nodes whose clocks differ.
import { type KeyObject, createHmac, createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSecret } from '../../../../lib/core/token/session-token.js';
import { GRACE, RENEW_AFTER, Renewing, hasher, limits, renewer } from '../session/support/renewing.js';

describe('A18: an offer with signing keys', () => {
  const [old, fresh] = [1, 2].map((byte) => createSecretKey(Buffer.alloc(32, byte))) as [KeyObject, KeyObject];

  /** The first offer by these keys, and the second one, after the grace, by those. */
  function offers(keys: readonly KeyObject[], then: readonly KeyObject[]) {
    const secret = createSecret();
    const start = { secret, role: 'current', secretHash: hasher.hash(secret) } as const;
    const first = renewer(limits, keys).nextStep({ ...start, renewal: { revision: 0, issuedAt: 0 } }, RENEW_AFTER)!;
    const second = renewer(limits, then).nextStep({ ...start, renewal: first.renewal }, RENEW_AFTER + GRACE)!;
    return { secret, first, second };
  }

  test.each([
    ['the same keys', [old], [old]],
    ['a new key that stands second', [old], [old, fresh]],
    ['a new key that stands first', [old], [fresh, old]],
    ['the first key at all', [], [fresh]],
  ])('is the very same one the second time, with %s', (_, keys, then) => {
    const { first, second } = offers(keys, then);
    expect(second.secret).toEqual(first.secret);
    expect(second.renewal.next).toEqual({ ...first.renewal.next, sentAt: RENEW_AFTER + GRACE });
  });

  test('is another one, with another nonce, where its key was removed meanwhile', () => {
    const { first, second } = offers([old], [fresh]);
    expect(second.secret).not.toEqual(first.secret);
    expect(second.renewal.next!.nonce).not.toEqual(first.renewal.next!.nonce);
    expect(second.renewal.next!.offeredAt).toBe(first.renewal.next!.offeredAt);
  });

  test('can not be made of the old secret and what the store holds', () => {
    const { secret, first } = offers([fresh], [fresh]);
    const { nonce } = first.renewal.next!;
    const label = 'nestjs-mongo-sessions renewal';
    const known = createHmac('sha256', secret).update(label).update(nonce).digest();
    expect(hasher.matches(known, first.renewal.next!.secretHash)).toBe(false);
    expect(Buffer.from(first.secret!)).toEqual(
      createHmac('sha256', fresh).update(label).update(secret).update(nonce).digest(),
    );
  });
});

describe('A26: a renewal among nodes whose clocks differ', () => {
  test.each([
    ['behind', -5 * GRACE],
    ['ahead', 5 * GRACE],
  ])('leaves the old token its grace where the node that accepts the new one is %s', (_, skew) => {
    const session = new Renewing();
    const [secret] = session.secrets;
    session.now += RENEW_AFTER;
    const next = session.use(secret!)!;
    session.now += skew;
    session.use(next);
    session.now -= skew;
    session.now += GRACE - 1;
    expect(session.roleOf(secret!)).toBe('previous');
    session.now += Math.max(0, skew) + 1;
    expect(session.roleOf(secret!)).toBe('reused');
  });

  test('is cut short by a node that is ahead by as much as it is ahead, and logs out nobody who has the new one', () => {
    const session = new Renewing();
    const [secret] = session.secrets;
    session.now += RENEW_AFTER;
    const next = session.use(secret!)!;
    session.use(next);
    session.now += GRACE / 2;
    expect(session.roleOf(secret!)).toBe('previous');
    session.now += GRACE / 2;
    expect(session.roleOf(secret!)).toBe('reused');
    expect(session.roleOf(next)).toBe('current');
  });
});
