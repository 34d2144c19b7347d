import { type KeyObject, createHmac, randomBytes } from 'node:crypto';
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

/** What a session's secrets are besides the current one. Times in milliseconds since 1970. */
export interface TokenRenewal {
  /** Goes up by one with every step. */
  readonly revision: number;
  /** When the current secret was first used. */
  readonly issuedAt: number;
  /** A new secret that no client has used yet, the nonce that it is made of, and when it was first and last handed out. */
  readonly next?: {
    readonly secretHash: Uint8Array;
    readonly nonce: Uint8Array;
    readonly offeredAt: number;
    readonly sentAt: number;
  };
  /** The secret before this one, for requests under way, and when it dies. It stays, so that it is known when it comes again. */
  readonly previous?: { readonly secretHash: Uint8Array; readonly until: number };
  /** The same for some of those before it: the first 8 bytes of the hash of each, the newest first. */
  readonly older?: Uint8Array;
}

/** What has to be written for the renewal, and the secret to hand out once it is. Undefined: nothing. */
export interface RenewalStep {
  readonly secretHash: Uint8Array;
  readonly renewal: TokenRenewal;
  /** The client's new secret, if this step offers one. */
  readonly secret?: Uint8Array;
}

/** What a session's secrets are now. */
export interface RenewalState {
  readonly secretHash: Uint8Array;
  readonly renewal: TokenRenewal;
  /** What the client brought. */
  readonly secret: Uint8Array;
  readonly role: SecretRole;
}

/** By how much of its hash a token from before the previous one is known again, and of how many. */
const OLDER_BYTES = 8;
const MAX_OLDER = 16;

/** The roles of a registration's tokens, and the steps that renew them. */
export class TokenRenewer {
  readonly #limits: RenewalLimits;
  readonly #hasher: SecretHasher;
  /** What offers are made with besides the old secret, the newest first; undefined: nothing. */
  readonly #keys: readonly (KeyObject | undefined)[];

  constructor(limits: RenewalLimits, keys: readonly KeyObject[], hasher: SecretHasher) {
    this.#limits = limits;
    this.#hasher = hasher;
    this.#keys = [...keys, undefined];
  }

  /**
   * The role of a secret at this moment, undefined if it opens nothing. `reused`: neither does it, but it did once, before it was
   * replaced. Every comparison with what opens a session takes constant time.
   */
  roleOf(
    secret: Uint8Array,
    stored: { readonly secretHash: Uint8Array; readonly renewal?: TokenRenewal },
    idleTimeout: number,
    now: number,
  ): SecretRole | 'reused' | undefined {
    const { next, previous, older } = stored.renewal ?? {};
    if (this.#hasher.matches(secret, stored.secretHash))
      return next && now >= next.offeredAt + idleTimeout ? undefined : 'current';
    if (next && this.#hasher.matches(secret, next.secretHash)) return 'next';
    if (previous && this.#hasher.matches(secret, previous.secretHash))
      return now < previous.until ? 'previous' : 'reused';
    return older && this.#isAmong(secret, older) ? 'reused' : undefined;
  }

  #isAmong(secret: Uint8Array, older: Uint8Array): boolean {
    const id = this.#hasher.hash(secret).subarray(0, OLDER_BYTES);
    for (let at = 0; at < older.length; at += OLDER_BYTES)
      if (Buffer.compare(older.subarray(at, at + OLDER_BYTES), id) === 0) return true;
    return false;
  }

  /** The step that is due, if any. */
  nextStep(secrets: RenewalState, now: number): RenewalStep | undefined {
    const { renewal, role } = secrets;
    const { renewAfter, renewGrace } = this.#limits;
    if (role === 'next') return this.#accept(secrets, now);
    if (role === 'previous' || renewAfter === undefined) return undefined;
    const dueAt = renewal.next ? renewal.next.sentAt + renewGrace : renewal.issuedAt + renewAfter;
    return now < dueAt ? undefined : this.#offer(secrets, now);
  }

  /** A client uses the new token, so it has it: the old one lives on only for what is under way. */
  #accept({ secretHash, renewal }: RenewalState, now: number): RenewalStep {
    const { next, previous, older = new Uint8Array(), revision } = renewal;
    // Not before it was offered, by the clock of whichever node: else a node whose clock is behind would cut the grace.
    const issuedAt = Math.max(now, next!.sentAt);
    const ids = previous ? Buffer.concat([previous.secretHash.subarray(0, OLDER_BYTES), older]) : older;
    return {
      secretHash: next!.secretHash,
      renewal: {
        revision: revision + 1,
        issuedAt,
        previous: { secretHash, until: issuedAt + this.#limits.renewGrace },
        ...(ids.length > 0 && { older: ids.subarray(0, MAX_OLDER * OLDER_BYTES) }),
      },
    };
  }

  /**
   * The new secret is made of the old one, which only the client has, of a random nonce, which only the store has, and of the
   * signing key. So the very same one can be offered a second time, although nobody has kept it, also where another key is the
   * newest meanwhile; and whoever reads the store, and has an old token, has no new one.
   */
  #offer({ secretHash, renewal, secret }: RenewalState, now: number): RenewalStep {
    const { next, ...others } = renewal;
    const made = next && this.#keys.map((key) => derive(key, secret, next.nonce));
    const again = made?.find((each) => this.#hasher.matches(each, next!.secretHash));
    const nonce = again ? next!.nonce : randomBytes(16);
    const offered = again ?? derive(this.#keys[0], secret, nonce);
    return {
      secretHash,
      renewal: {
        ...others,
        revision: renewal.revision + 1,
        next: { secretHash: this.#hasher.hash(offered), nonce, offeredAt: next?.offeredAt ?? now, sentAt: now },
      },
      secret: offered,
    };
  }
}

function derive(key: KeyObject | undefined, secret: Uint8Array, nonce: Uint8Array): Uint8Array {
  const hmac = createHmac('sha256', key ?? secret).update('nestjs-mongo-sessions renewal');
  return (key ? hmac.update(secret) : hmac).update(nonce).digest();
}
