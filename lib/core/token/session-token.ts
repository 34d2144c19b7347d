import { hash, randomFillSync, timingSafeEqual } from 'node:crypto';

/**
 * The public half of a token: 24 hexadecimal digits, the `_id` of the document. It may appear in
 * logs, events and lists of devices.
 */
export type SessionHandle = string;

export function isHandle(value: unknown): value is SessionHandle {
  return typeof value === 'string' && /^[0-9a-f]{24}$/.test(value);
}

/** What the cookie carries: a handle, and the secret that proves it. */
export interface SessionToken {
  readonly handle: SessionHandle;
  /** 32 random bytes. Only the client has them. */
  readonly secret: Uint8Array;
}

const HANDLE_BYTES = 12;
const SECRET_BYTES = 32;

// 44 bytes are 59 digits of base64url. The last digit carries four bits, so only every fourth
// letter is canonical.
const TOKEN = /^[A-Za-z0-9_-]{58}[AEIMQUYcgkosw048]$/;

/**
 * A new token. Like every ObjectId, the handle starts with the time, so that new sessions are
 * neighbours in the index. Its other 8 bytes and the secret's 32 are random.
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

/** Reads a token's text; undefined if `formatToken` can't have written it. */
export function parseToken(text: string): SessionToken | undefined {
  if (!TOKEN.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return { handle: bytes.toString('hex', 0, HANDLE_BYTES), secret: bytes.subarray(HANDLE_BYTES) };
}

/**
 * Hashes the secrets of one registration for the store. The hash includes the registration's name,
 * so a token opens nothing in another registration that shares the collection. A secret has 256
 * random bits, so its hash can't be reversed by guessing.
 */
export class SecretHasher {
  // Reused, because new buffers would be half of the cost of a hash.
  readonly #input: Buffer;
  readonly #secretAt: number;
  readonly #digest = Buffer.alloc(SECRET_BYTES);

  constructor(registration: string) {
    this.#input = Buffer.from(`${registration}\0${'\0'.repeat(SECRET_BYTES)}`);
    this.#secretAt = this.#input.length - SECRET_BYTES;
  }

  /** The hash that the store keeps. */
  hash(secret: Uint8Array): Uint8Array {
    return hash('sha256', this.#inputOf(secret), 'buffer');
  }

  /** Whether the secret has this hash, in constant time. */
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
