import type { EncryptionKey } from './encryption-key.js';

/** The keys in use at one moment, newest first. */
export class KeyRing {
  readonly #keys: readonly EncryptionKey[];

  constructor(keys: readonly [EncryptionKey, ...EncryptionKey[]]) {
    this.#keys = keys;
  }

  /** The one that encrypts. */
  get newest(): EncryptionKey {
    return this.#keys[0]!;
  }

  /** The key with this id; undefined if there is none. */
  find(id: Uint8Array): EncryptionKey | undefined {
    return this.#keys.find((key) => Buffer.compare(key.id, id) === 0);
  }

  /**
   * Every name that the value of a key may be stored under, today's first. Names depend on the keys
   * and on the option `hideKeyNames`, both of which may have changed since it was written.
   */
  namesOf(name: string, hide: boolean): readonly [string, ...string[]] {
    const [newest, ...older] = this.#keys.map((key) => key.hiddenName(name));
    return hide ? [newest!, ...older, name] : [name, newest!, ...older];
  }
}
