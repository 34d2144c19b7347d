// A session of which only the secrets matter, and the renewal of these.
import type { KeyObject } from 'node:crypto';
import { expect } from 'vitest';
import { type RenewalLimits, type SecretRole, TokenRenewer } from '../../../../../lib/core/token/renewal.js';
import { SecretHasher, createSecret } from '../../../../../lib/core/token/session-token.js';
import type { TokenRenewal } from '../../../../../lib/core/token/renewal.js';

export const RENEW_AFTER = 100;
export const GRACE = 10;
export const IDLE = 50;
export const limits = { renewAfter: RENEW_AFTER, renewGrace: GRACE };
export const hasher = new SecretHasher('default');
export const renewer = (given: RenewalLimits = limits, keys: readonly KeyObject[] = []) =>
  new TokenRenewer(given, keys, hasher);

/** A session of which only the secrets matter. */
export class Renewing {
  now = 1000;
  secrets: Uint8Array[] = [createSecret()];
  secretHash = hasher.hash(this.secrets[0]!);
  renewal: TokenRenewal = { revision: 0, issuedAt: this.now };

  roleOf(secret: Uint8Array): SecretRole | 'reused' | undefined {
    const { secretHash, renewal } = this;
    return renewer().roleOf(secret, { secretHash, renewal }, IDLE, this.now);
  }

  opens(secret: Uint8Array): boolean {
    return ![undefined, 'reused'].includes(this.roleOf(secret));
  }

  /** A request with this secret; the new secret that its answer carries. */
  use(secret: Uint8Array, settings: RenewalLimits = limits): Uint8Array | undefined {
    const role = this.roleOf(secret);
    if (!role || role === 'reused') return undefined;
    const step = renewer(settings).nextStep(
      { secret, role, secretHash: this.secretHash, renewal: this.renewal },
      this.now,
    );
    if (!step) return undefined;
    expect(step.renewal.revision).toBe(this.renewal.revision + 1);
    this.secretHash = step.secretHash;
    this.renewal = step.renewal;
    if (step.secret && !this.secrets.some((known) => Buffer.compare(known, step.secret!) === 0))
      this.secrets.push(step.secret);
    return step.secret;
  }
}
