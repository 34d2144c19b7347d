import { createHmac, randomBytes } from 'node:crypto';
import type { SecretRotation, StoredSession } from '../store/session-store.interface.js';
import type { SecretHasher } from './session-token.js';

/**
 * The renewal of a token, which must log nobody out: an answer with the new token may be lost, or come after others that were
 * asked for with the old one.
 *
 *     current ── renewAfter ──> current + next ── next is first used ──> current (was next) + previous ── renewGrace ──> current
 *
 * One of several parallel requests offers the next token, and only its answer carries it. Until the next one is first used the
 * old one works, and after `renewGrace` it is offered again; but never for longer than the idle time.
 */

/** Which of a session's tokens a client has brought. */
export type SecretRole = 'current' | 'next' | 'previous';

/** Settings of the renewal, in milliseconds. */
export interface RenewalLimits {
  /** Undefined: tokens are not renewed. */
  readonly renewAfter?: number | undefined;
  readonly renewGrace: number;
}

/** What has to be written for the renewal, and the secret to hand out once it is. Undefined: nothing. */
export interface RotationStep {
  readonly secretHash: Uint8Array;
  readonly rotation: SecretRotation;
  /** The client's new secret, if this step offers one. */
  readonly secret?: Uint8Array;
}

/** What a session's secrets are now. */
export interface SecretsNow {
  readonly secretHash: Uint8Array;
  readonly rotation: SecretRotation;
  /** What the client brought. */
  readonly secret: Uint8Array;
  readonly role: SecretRole;
}

/** The roles of a registration's tokens, and the steps that renew them. */
export class TokenRenewer {
  readonly #limits: RenewalLimits;
  readonly #hasher: SecretHasher;

  constructor(limits: RenewalLimits, hasher: SecretHasher) {
    this.#limits = limits;
    this.#hasher = hasher;
  }

  /** The role of a secret at this moment, undefined if it opens nothing. Every comparison takes constant time. */
  roleOf(secret: Uint8Array, stored: StoredSession, idleTimeout: number, now: number): SecretRole | undefined {
    const { next, previous } = stored.rotation ?? {};
    if (this.#hasher.matches(secret, stored.secretHash))
      return next && now >= next.offeredAt + idleTimeout ? undefined : 'current';
    if (next && this.#hasher.matches(secret, next.secretHash)) return 'next';
    if (previous && now < previous.until && this.#hasher.matches(secret, previous.secretHash)) return 'previous';
    return undefined;
  }

  /** The step that is due, if any. */
  nextStep(secrets: SecretsNow, now: number): RotationStep | undefined {
    const { rotation, role } = secrets;
    const { renewAfter, renewGrace } = this.#limits;
    if (role === 'next') return this.#accept(secrets, now);
    if (role === 'previous' || renewAfter === undefined) return undefined;
    if (!rotation.next)
      return now >= rotation.issuedAt + renewAfter ? this.#offer(secrets, randomBytes(16), now, now) : undefined;
    if (now < rotation.next.sentAt + renewGrace) return undefined;
    return this.#offer(secrets, rotation.next.nonce, rotation.next.offeredAt, now);
  }

  /** A client uses the new token, so it has it: the old one lives on only for what is under way. */
  #accept({ secretHash, rotation }: SecretsNow, now: number): RotationStep {
    const until = now + this.#limits.renewGrace;
    return {
      secretHash: rotation.next!.secretHash,
      rotation: { revision: rotation.revision + 1, issuedAt: now, previous: { secretHash, until } },
    };
  }

  /**
   * The new secret is made of the old one, which only the client has, and of a random nonce, which only the store has: so it can
   * be offered a second time, the very same one, although nobody has kept it.
   */
  #offer(
    { secretHash, rotation, secret }: SecretsNow,
    nonce: Uint8Array,
    offeredAt: number,
    now: number,
  ): RotationStep {
    const next = createHmac('sha256', secret).update('nestjs-mongo-sessions renewal').update(nonce).digest();
    return {
      secretHash,
      rotation: {
        revision: rotation.revision + 1,
        issuedAt: rotation.issuedAt,
        next: { secretHash: this.#hasher.hash(next), nonce, offeredAt, sentAt: now },
      },
      secret: next,
    };
  }
}
