import { hash, randomFillSync, timingSafeEqual } from 'node:crypto';

/** The public half of a token: 24 hexadecimal digits, the `_id` of the document. Fit for logs, events and lists of devices. */
export type SessionHandle = string;

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

/** What the store keeps of a secret. The secret is 256 random bits, so a plain hash can't be reversed by guessing. */
export function hashSecret(secret: Uint8Array): Uint8Array {
  return hash('sha256', secret, 'buffer');
}

/** Whether the secret is the one behind the hash, in constant time. */
export function secretMatches(secret: Uint8Array, secretHash: Uint8Array): boolean {
  if (secretHash.length !== SECRET_BYTES) return false;
  // Not `hashSecret`: a buffer of its own for each of these would be half of the cost.
  SCRATCH.write(hash('sha256', secret, 'binary'), 'binary');
  return timingSafeEqual(SCRATCH, secretHash);
}

/** Of one comparison; holds nothing but hashes. */
const SCRATCH = Buffer.alloc(SECRET_BYTES);
