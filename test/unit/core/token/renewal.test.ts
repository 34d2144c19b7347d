// The steps of a renewal by themselves, against a model: which tokens open a session, whatever happens in whatever order.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createSecret } from '../../../../lib/core/token/session-token.js';
import type { StoredSession } from '../../../../lib/core/store/session-store.interface.js';
import type { TokenRenewal } from '../../../../lib/core/token/renewal.js';
import { GRACE, IDLE, RENEW_AFTER, Renewing, hasher, renewer } from '../session/support/renewing.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

describe('the steps of a renewal', () => {
  test('offer nothing to who brings the previous token', () => {
    const session = new Renewing();
    const [old] = session.secrets;
    session.now += RENEW_AFTER;
    session.use(session.use(old!)!);
    expect(session.roleOf(old!)).toBe('previous');
    session.now += GRACE - 1;
    // Even where the new one is old again within the grace: what was made of the old one would be no renewal of the new one.
    expect(session.use(old!, { renewAfter: 1, renewGrace: GRACE })).toBeUndefined();
  });

  test('begin when the token is so old, and not a moment before', () => {
    const session = new Renewing();
    const [secret] = session.secrets;
    session.now += RENEW_AFTER - 1;
    expect(session.use(secret!)).toBeUndefined();
    session.now += 1;
    expect(session.use(secret!)).toBeDefined();
  });

  test('offer the very same secret again after the grace, and not a moment before', () => {
    const session = new Renewing();
    const [secret] = session.secrets;
    session.now += RENEW_AFTER;
    const offered = session.use(secret!);
    session.now += GRACE - 1;
    expect(session.use(secret!)).toBeUndefined();
    session.now += 1;
    expect(session.use(secret!)).toEqual(offered);
    session.now += GRACE - 1;
    expect(session.use(secret!)).toBeUndefined();
  });

  test('offer what every version of this package would, for two of them may serve one session during an update', () => {
    const secret = Buffer.alloc(32, 1);
    const offered = '0a45039b9b1e886a93341d775b111bd44de99272555d97c1cae8ba3dd40ed2f7';
    const secretHash = hasher.hash(Buffer.from(offered, 'hex'));
    const next = { secretHash, nonce: Buffer.alloc(16, 2), offeredAt: 0, sentAt: 0 };
    const renewal: TokenRenewal = { revision: 1, issuedAt: 0, next };
    const step = renewer().nextStep({ secret, role: 'current', secretHash: hasher.hash(secret), renewal }, GRACE);
    expect(Buffer.from(step!.secret!).toString('hex')).toBe(offered);
    expect(step!.renewal.next!.nonce).toEqual(next.nonce);
  });

  test('leave the old token its grace to the moment, once the new one was used', () => {
    const session = new Renewing();
    const [secret] = session.secrets;
    session.now += RENEW_AFTER;
    session.use(session.use(secret!)!);
    session.now += GRACE - 1;
    expect(session.roleOf(secret!)).toBe('previous');
    session.now += 1;
    expect(session.roleOf(secret!)).toBe('reused');
  });

  test('leave the old token the idle time to the moment, where the new one is never used', () => {
    const session = new Renewing();
    const [secret] = session.secrets;
    session.now += RENEW_AFTER;
    const next = session.use(secret!);
    session.now += IDLE - 1;
    expect(session.roleOf(secret!)).toBe('current');
    session.now += 1;
    expect(session.roleOf(secret!)).toBeUndefined();
    expect(session.roleOf(next!)).toBe('next');
  });

  test('make a new secret that no one can tell from the old one and from others', () => {
    const offers = Array.from({ length: 50 }, () => {
      const session = new Renewing();
      session.now += RENEW_AFTER;
      return Buffer.from(session.use(session.secrets[0]!)!).toString('hex');
    });
    expect(new Set(offers).size).toBe(50);
    expect(offers.every((offer) => offer.length === 64)).toBe(true);
  });

  test('are none where tokens are not renewed, but one that was offered before is accepted', () => {
    const session = new Renewing();
    session.now += RENEW_AFTER;
    const off = { renewAfter: undefined, renewGrace: GRACE };
    expect(session.use(session.secrets[0]!, off)).toBeUndefined();
    const next = session.use(session.secrets[0]!)!;
    session.now += GRACE;
    expect(session.use(session.secrets[0]!, off)).toBeUndefined();
    session.use(next, off);
    expect(session.roleOf(next)).toBe('current');
  });

  test('leave never more than two tokens that open the session, and the newest that a client has used always does', () => {
    const step = fc.oneof(
      fc.record({ wait: fc.integer({ min: 0, max: 120 }) }),
      fc.record({ use: fc.nat({ max: 5 }), isLost: fc.boolean() }),
    );
    let renewals = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const session = new Renewing();
        let newest = 0;
        for (const each of steps) {
          if ('wait' in each) session.now += each.wait;
          else {
            // A client uses one of the tokens that it was ever given.
            const index = each.use % session.secrets.length;
            const secret = session.secrets[index]!;
            const before = session.opens(secret);
            session.use(secret);
            if (before) newest = Math.max(newest, index);
            if (before && index === newest) expect(session.roleOf(secret)).toBe('current');
          }
          const open = session.secrets.filter((secret) => session.opens(secret));
          expect(open.length).toBeLessThanOrEqual(2);
          expect(session.secrets.slice(0, Math.max(0, newest - 1)).some((secret) => session.opens(secret))).toBe(false);
        }
        renewals += newest;
      }),
      { numRuns: 2000 },
    );
    expect(renewals).toBeGreaterThan(500);
  });

  test('never open a session to a secret that it did not make', () => {
    const session = new Renewing();
    session.now += RENEW_AFTER;
    const next = session.use(session.secrets[0]!)!;
    session.use(next);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), (secret) => {
        expect(session.roleOf(secret)).toBeUndefined();
      }),
    );
    for (const hash of [session.secretHash, session.renewal.previous!.secretHash])
      expect(session.roleOf(hash)).toBeUndefined();
  });

  test('know 17 replaced tokens again, and none that was never used', () => {
    const session = new Renewing();
    const replaced: Uint8Array[] = [];
    let current = session.secrets[0]!;
    for (let round = 0; round < 20; round++) {
      session.now += RENEW_AFTER;
      const next = session.use(current)!;
      session.use(next);
      replaced.push(current);
      current = next;
    }
    session.now += GRACE;
    expect(replaced.map((secret) => session.roleOf(secret))).toEqual([
      ...Array.from({ length: 3 }, () => undefined),
      ...Array.from({ length: 17 }, () => 'reused'),
    ]);
    expect(session.roleOf(current)).toBe('current');
    for (let round = 0; round < 1000; round++) expect(session.roleOf(createSecret())).toBeUndefined();
    // While the next one is on offer, too.
    session.now += RENEW_AFTER;
    session.use(current);
    expect(session.renewal.next).toBeDefined();
    expect(replaced.slice(3).every((secret) => session.roleOf(secret) === 'reused')).toBe(true);
  });

  test('take a stored hash of another length for none', () => {
    const secret = createSecret();
    const stored = {
      secretHash: new Uint8Array(),
      renewal: { revision: 1, issuedAt: 0, next: { secretHash: new Uint8Array(31) } },
    };
    expect(renewer().roleOf(secret, stored as unknown as StoredSession, IDLE, 0)).toBeUndefined();
  });
});
