import { type KeyObject, createHmac, timingSafeEqual } from 'node:crypto';
import { type SessionToken, formatToken, parseToken } from './session-token.js';

/** A token as the client sent it. */
export interface PresentedToken extends SessionToken {
  /** Signed with an older key: the client should get it signed again. */
  readonly stale?: true;
}

/**
 * Base64url of 32 bytes after the token and a dot. The last digit carries four bits, so only every
 * fourth letter is canonical.
 */
const SIGNED = /^([\w-]{59})\.([\w-]{42}[AEIMQUYcgkosw048])$/;

/**
 * A token in a cookie: its 59 characters, and with keys a dot and an HMAC-SHA256. The signature
 * makes no token harder to guess, but keeps forged tokens away from the database.
 */
export class TokenFormat {
  readonly #registration: string;
  readonly #keys: readonly KeyObject[];

  /**
   * @param registration its name is signed too, so another registration with the same keys refuses
   * the token
   * @param keys newest first: the first one signs, all verify; none: tokens are not signed
   */
  constructor(registration: string, keys: readonly KeyObject[]) {
    this.#registration = registration;
    this.#keys = keys;
  }

  write(token: SessionToken): string {
    const text = formatToken(token);
    const newest = this.#keys[0];
    return newest ? `${text}.${this.#sign(newest, text).toString('base64url')}` : text;
  }

  /** Undefined if `write` can't have written it with one of the keys. */
  read(value: string): PresentedToken | undefined {
    if (this.#keys.length === 0) return parseToken(value);
    const [, text = '', signature = ''] = SIGNED.exec(value) ?? [];
    const token = parseToken(text);
    if (!token) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const signer = this.#keys.findIndex((key) => timingSafeEqual(this.#sign(key, text), given));
    if (signer === -1) return undefined;
    return signer === 0 ? token : { ...token, stale: true };
  }

  #sign(key: KeyObject, text: string): Buffer {
    return createHmac('sha256', key).update(`${this.#registration}\0${text}`).digest();
  }
}
