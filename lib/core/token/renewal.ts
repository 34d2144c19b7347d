import { type KeyObject, createHmac, randomBytes } from 'node:crypto';
import type { SecretHasher } from './session-token.js';

/**
 * Renewing a token must log nobody out, although a response with the new token may get lost, or
 * overtake responses to requests with the old one.
 *
 *     current ── renewAfter ──> current + next ── next is first used ──> current (was next) + previous ── renewGrace ──> current
 *
 * Of several parallel requests, one offers the next token, and only its response carries it. The
 * old token works until the next one is first used. After `renewGrace` without a use, the same
 * token is offered again, but for no longer than the idle time.
 */

/** Which of a session's tokens the client sent. */
export type SecretRole = 'current' | 'next' | 'previous';

/** Settings of the renewal, in milliseconds. */
export interface RenewalLimits {
  /** Undefined: tokens are not renewed. */
  readonly renewAfter?: number | undefined;
  readonly renewGrace: number;
}

/** A session's secrets besides the current one. Times in milliseconds since 1970. */
export interface TokenRenewal {
  /** Goes up by one with every step. */
  readonly revision: number;
  /** When the current secret was first used. */
  readonly issuedAt: number;
  /**
   * A new secret that no client has used yet, the nonce that it was made with, and when it was
   * first and last sent.
   */
  readonly next?: {
    readonly secretHash: Uint8Array;
    readonly nonce: Uint8Array;
    readonly offeredAt: number;
    readonly sentAt: number;
  };
  /**
   * The secret before the current one, for requests in flight, and when it stops working. It is
   * kept, so that it is recognised when it is used again.
   */
  readonly previous?: { readonly secretHash: Uint8Array; readonly until: number };
  /** Some secrets before that: the first 8 bytes of each hash, newest first. */
  readonly older?: Uint8Array;
}

/** What must be written for the renewal, and the secret to send afterwards. */
export interface RenewalStep {
  readonly secretHash: Uint8Array;
  readonly renewal: TokenRenewal;
  /** The client's new secret, if this step offers one. */
  readonly secret?: Uint8Array;
}

/** A session's secrets, and which of them the client sent. */
export interface RenewalState {
  readonly secretHash: Uint8Array;
  readonly renewal: TokenRenewal;
  /** The secret that the client sent. */
  readonly secret: Uint8Array;
  readonly role: SecretRole;
}

/** The secrets of a session that was opened with this one. */
export function renewalStateOf(
  stored: { readonly secretHash: Uint8Array; readonly renewal?: TokenRenewal; readonly createdAt: number },
  secret: Uint8Array,
  role: SecretRole,
): RenewalState {
  const { secretHash, renewal = { revision: 0, issuedAt: stored.createdAt } } = stored;
  return { secretHash, renewal, secret, role };
}

/** How many bytes of an older secret's hash are kept, and of how many secrets. */
const OLDER_BYTES = 8;
const MAX_OLDER = 16;

/** Finds out the role of a token, and renews tokens. */
export class TokenRenewer {
  readonly #limits: RenewalLimits;
  readonly #hasher: SecretHasher;
  /** The signing keys that offers are made with, newest first; undefined: without one. */
  readonly #keys: readonly (KeyObject | undefined)[];

  constructor(limits: RenewalLimits, keys: readonly KeyObject[], hasher: SecretHasher) {
    this.#limits = limits;
    this.#hasher = hasher;
    this.#keys = [...keys, undefined];
  }

  /**
   * The role of a secret at this moment; undefined if it opens nothing. `reused`: it opens nothing
   * either, but did before it was replaced. Comparisons with secrets that open a session take
   * constant time.
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

  /** The step that is due; undefined if there is none. */
  nextStep(secrets: RenewalState, now: number): RenewalStep | undefined {
    const { renewal, role } = secrets;
    const { renewAfter, renewGrace } = this.#limits;
    if (role === 'next') return this.#accept(secrets, now);
    if (role === 'previous' || renewAfter === undefined) return undefined;
    const dueAt = renewal.next ? renewal.next.sentAt + renewGrace : renewal.issuedAt + renewAfter;
    return now < dueAt ? undefined : this.#offer(secrets, now);
  }

  /**
   * The client uses the new token, so it has it. From now on the old one only serves requests in
   * flight.
   */
  #accept({ secretHash, renewal }: RenewalState, now: number): RenewalStep {
    const { next, previous, older = new Uint8Array(), revision } = renewal;
    // Not earlier than the offer: otherwise a node with a slow clock would shorten the grace.
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
   * The new secret is derived from the old one, which only the client has, from a random nonce,
   * which only the store has, and from the signing key. So the same secret can be offered again
   * although nobody has kept it, even under a newer key. Reading the store and having an old token
   * is not enough to know it.
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
