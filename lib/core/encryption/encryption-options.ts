import type { Duration } from '../duration.js';

/**
 * One key: 32 random bytes, as they are or as text: 64 hexadecimal digits, base64 (44 characters) or base64url (43).
 * `openssl rand -base64 32` makes one.
 */
export type EncryptionKeyInput = Uint8Array | string;

/** Where keys come from that the program does not hold itself, such as a KMS or a vault. */
export type EncryptionKeyProvider = () => Promise<readonly EncryptionKeyInput[]>;

/** Encryption of the values of sessions before they go to the store (AES-256-GCM). `userId` and times stay readable. */
export class EncryptionOptions {
  /**
   * The keys, newest first, or an async function that gives them. The first one encrypts, every one decrypts; a value under
   * an older key is encrypted with the first one when it is next written. Before a new key goes first it has to stand
   * second everywhere, so that no process meets a key that it does not know.
   */
  keys!: readonly EncryptionKeyInput[] | EncryptionKeyProvider;

  /** How long the keys of a provider are used before it is asked again, in the background. @default '5m' */
  cacheFor?: Duration = '5m';

  /** Whether the names of the session's top-level keys are hidden in the store too. @default false */
  hideKeyNames?: boolean = false;
}
