import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto';
import { makeRoom } from '../data/remembered-keys.js';

/** Keeps the uses of one key apart. Changing any of these makes all stored values unreadable. */
const PURPOSE = {
  id: 'nestjs-mongo-sessions/encryption/v1/key-id',
  values: 'nestjs-mongo-sessions/encryption/v1/values',
  names: 'nestjs-mongo-sessions/encryption/v1/names',
} as const;

export const KEY_ID_BYTES = 8;
const SUBKEY_BYTES = 32;
const NAME_BYTES = 16;

/**
 * No stored key starts like this: there, a `%` is followed by a hexadecimal digit, a `u` or nothing
 * (see stored-keys.ts).
 */
const HIDDEN = '%h';

/**
 * One key of the option `encryption.keys`. Only keys derived from it are kept, and none of them can
 * be printed.
 */
export class EncryptionKey {
  /** Identifies the key in the store: a hash of 256 random bits, which reveals nothing. */
  readonly id: Uint8Array;
  readonly #values: KeyObject;
  readonly #names: KeyObject;
  readonly #hiddenNames = new Map<string, string>();
  #session: { readonly handle: string; readonly key: Uint8Array } | undefined;

  constructor(bytes: Uint8Array) {
    this.id = hash('sha256', Buffer.concat([Buffer.from(`${PURPOSE.id}\0`), bytes]), 'buffer').subarray(
      0,
      KEY_ID_BYTES,
    );
    this.#values = subkey(bytes, PURPOSE.values);
    this.#names = subkey(bytes, PURPOSE.names);
  }

  /**
   * The AES key for the values of one session. Random nonces of 96 bits are good for 2^32 values
   * per key (NIST SP 800-38D, 8.3). A busy app would reach that in weeks, a single session never
   * does.
   */
  ofSession(handle: string): Uint8Array {
    // The values of one session are used one after the other.
    if (this.#session?.handle !== handle) {
      this.#session = { handle, key: createHmac('sha256', this.#values).update(handle).digest() };
    }
    return this.#session.key;
  }

  /** The name that a key's value is stored under when names are hidden. */
  hiddenName(name: string): string {
    let hidden = this.#hiddenNames.get(name);
    if (hidden === undefined) {
      const mac = createHmac('sha256', this.#names).update(name).digest();
      hidden = HIDDEN + mac.toString('base64url', 0, NAME_BYTES);
      if (makeRoom(this.#hiddenNames, name)) this.#hiddenNames.set(name, hidden);
    }
    return hidden;
  }
}

export function isHiddenName(stored: string): boolean {
  return stored.startsWith(HIDDEN);
}

function subkey(bytes: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', bytes, '', purpose, SUBKEY_BYTES)));
}
