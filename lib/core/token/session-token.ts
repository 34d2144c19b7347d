import { hash, randomFillSync, timingSafeEqual } from 'node:crypto';

/** The public half of a token: 24 hexadecimal digits, the `_id` of the document. Fit for logs, events and lists of devices. */
export type SessionHandle = string;

export function isHandle(value: unknown): value is SessionHandle {
  return typeof value === 'string' && /^[0-9a-f]{24}$/.test(value);
}

/** What the cookie carries: who (handle) and the proof (secret). */
export interface SessionToken {
  readonly handle: SessionHandle;
  /** 32 random bytes: the only copy is the client's. */
  readonly secret: Uint8Array;
}

const HANDLE_BYTES = 12;
const SECRET_BYTES = 32;

// 44 bytes are 59 digits of base64url; the last one carries four bits, so only every fourth letter of the alphabet is canonical.
const TOKEN = /^[A-Za-z0-9_-]{58}[AEIMQUYcgkosw048]$/;

/**
 * A new token. The handle starts with the time, as every ObjectId does, so that new sessions are neighbours in the index;
 * its other 8 bytes and the secret's 32 come from the system's random number generator.
 */
export function createToken(now: number): SessionToken {
  const handle = Buffer.allocUnsafe(HANDLE_BYTES);
  handle.writeUInt32BE(Math.floor(now / 1000) >>> 0, 0);
  randomFillSync(handle, 4);
  return { handle: handle.toString('hex'), secret: createSecret() };
}

export function createSecret(): Uint8Array {
  return randomFillSync(new Uint8Array(SECRET_BYTES));
}

/** The token's text: 59 characters of base64url. */
export function formatToken(token: SessionToken): string {
  return Buffer.concat([Buffer.from(token.handle, 'hex'), token.secret]).toString('base64url');
}

/** Reads a token's text; undefined for everything that `formatToken` can't have written. */
export function parseToken(text: string): SessionToken | undefined {
  if (!TOKEN.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return { handle: bytes.toString('hex', 0, HANDLE_BYTES), secret: bytes.subarray(HANDLE_BYTES) };
}

/**
 * Hashes the secrets of one registration for the store. Its name is part of what is hashed, so that a token opens nothing in
 * another registration, even if they share a collection. The secret is 256 random bits: no hash of it can be reversed by guessing.
 */
export class SecretHasher {
  // Used again and again: buffers of its own for each hash would be half of the cost.
  readonly #input: Buffer;
  readonly #secretAt: number;
  readonly #digest = Buffer.alloc(SECRET_BYTES);

  constructor(registration: string) {
    this.#input = Buffer.from(`${registration}\0${'\0'.repeat(SECRET_BYTES)}`);
    this.#secretAt = this.#input.length - SECRET_BYTES;
  }

  /** What the store keeps of a secret. */
  hash(secret: Uint8Array): Uint8Array {
    return hash('sha256', this.#inputOf(secret), 'buffer');
  }

  /** Whether the secret is the one behind the hash, in constant time. */
  matches(secret: Uint8Array, secretHash: Uint8Array): boolean {
    if (secretHash.length !== SECRET_BYTES || secret.length !== SECRET_BYTES) return false;
    this.#digest.write(hash('sha256', this.#inputOf(secret), 'binary'), 'binary');
    return timingSafeEqual(this.#digest, secretHash);
  }

  #inputOf(secret: Uint8Array): Buffer {
    this.#input.set(secret, this.#secretAt);
    return this.#input;
  }
}
