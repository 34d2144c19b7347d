import { type KeyObject, createHash, createHmac, hkdfSync } from 'node:crypto';
import { userKeyOf } from '../store/user-key.js';
import type { SessionHandle, SessionToken } from '../token/session-token.js';

const INFO = 'nestjs-mongo-sessions/moving-in';
const KEY_BYTES = 32;
const HANDLE_BYTES = 12;

/**
 * Derives the new token of an old session. Every mover gets the same one: a request that was
 * repeated, a second tab, another process. The key is in no database, so what is in the old
 * collection opens nothing.
 */
export class TokenDerivation {
  readonly #key: Uint8Array;
  readonly #scope: readonly string[];

  /** @param source the old collection, or the cookie's name */
  constructor(secret: KeyObject, registration: string, source: string) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', INFO, KEY_BYTES));
    this.#scope = [registration, source];
  }

  /** @param id of the old session: any value of BSON's */
  tokenOf(id: unknown): SessionToken {
    return { handle: this.#handle('handle', id), secret: this.#derive('secret', id) };
  }

  /** Where it is noted that a session without a document was taken over. */
  markerOf(id: unknown): SessionHandle {
    return this.#handle('marker', id);
  }

  #handle(purpose: string, id: unknown): SessionHandle {
    return Buffer.from(this.#derive(purpose, id)).toString('hex', 0, HANDLE_BYTES);
  }

  /** Each part has its length in front, or two lists of parts could be the same bytes. */
  #derive(purpose: string, id: unknown): Uint8Array {
    const hmac = createHmac('sha256', this.#key);
    for (const part of [purpose, ...this.#scope, userKeyOf(id)]) {
      const bytes = Buffer.from(part, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      hmac.update(length).update(bytes);
    }
    return Uint8Array.from(hmac.digest());
  }
}

/** The id of a session that is in its cookie. */
export function idOfValues(values: readonly string[]): string {
  const hash = createHash('sha256');
  for (const value of values) hash.update(`${Buffer.byteLength(value)}:`).update(value);
  return hash.digest('base64url');
}
