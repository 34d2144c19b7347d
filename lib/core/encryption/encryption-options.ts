import type { Duration } from '../duration.js';

/**
 * One key: 32 random bytes, or their text: 64 hexadecimal digits, base64 (44 characters) or
 * base64url (43). `openssl rand -base64 32` makes one.
 */
export type EncryptionKeyInput = Uint8Array | string;

/** Provides keys that the program does not hold itself, for example from a KMS or a vault. */
export type EncryptionKeyProvider = () => Promise<readonly EncryptionKeyInput[]>;

/**
 * Encrypts the values of sessions before they are stored (AES-256-GCM). `userId` and times stay
 * readable.
 */
export class EncryptionOptions {
  /**
   * The keys, newest first, or an async function that returns them. The first one encrypts, all
   * decrypt. A value under an older key is encrypted with the first one when it is next written.
   * Deploy a new key as the second one everywhere before you put it first, so that every process
   * knows it.
   */
  keys!: readonly EncryptionKeyInput[] | EncryptionKeyProvider;

  /**
   * How long the keys of a provider are used before it is asked again, in the background.
   * @default '5m'
   */
  cacheFor?: Duration = '5m';

  /**
   * Whether the names of the session's top-level keys are hidden in the store too.
   * @default false
   */
  hideKeyNames?: boolean = false;
}
