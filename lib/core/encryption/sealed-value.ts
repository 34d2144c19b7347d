import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SessionError } from '../errors.js';
import { type EncryptionKey, KEY_ID_BYTES } from './encryption-key.js';
import type { KeyRing } from './key-ring.js';

/** The place of a value, the only one where it can be decrypted. */
export interface Place {
  /** Names of registration and collection. */
  readonly context: string;
  readonly handle: string;
  /** The session's epoch: a value from before a login does not belong to the session after it. */
  readonly epoch: number;
  /** The name that it is stored under. */
  readonly name: string;
}

/** A sealed value is version (1 byte), key id (8), nonce (12), ciphertext, tag (16). */
const VERSION = 1;
const CIPHER = 'aes-256-gcm';
const ID_AT = 1;
const NONCE_AT = ID_AT + KEY_ID_BYTES;
const NONCE_BYTES = 12;
const TEXT_AT = NONCE_AT + NONCE_BYTES;
const TAG_BYTES = 16;

export function sealValue(key: EncryptionKey, place: Place, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.ofSession(place.handle), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(place));
  const text = [cipher.update(plain), cipher.final()];
  return Buffer.concat([Buffer.of(VERSION), key.id, nonce, ...text, cipher.getAuthTag()]);
}

/**
 * Decrypts the value. Throws `SESSION_UNDECODABLE` unless `sealValue` made it with one of these
 * keys for this place.
 */
export function openValue(ring: KeyRing, place: Place, sealed: Uint8Array): Uint8Array {
  if (sealed[0] !== VERSION || sealed.length < TEXT_AT + TAG_BYTES) throw undecodable(place, CHANGED);
  const key = ring.find(sealed.subarray(ID_AT, NONCE_AT));
  if (!key) throw undecodable(place, UNKNOWN_KEY);
  const nonce = sealed.subarray(NONCE_AT, TEXT_AT);
  const decipher = createDecipheriv(CIPHER, key.ofSession(place.handle), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(TEXT_AT, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw undecodable(place, CHANGED);
  }
  return plain;
}

/** Each part is preceded by its length, so no two places have the same bytes. */
function associatedData({ context, handle, epoch, name }: Place): Uint8Array {
  const parts = [context, handle, String(epoch), name].flatMap((text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat([Buffer.of(VERSION), ...parts]);
}

const UNKNOWN_KEY = 'was encrypted with a key that is not among `encryption.keys`: add that key behind the newest one';
const CHANGED =
  'was changed in the store, or comes from another session, login, key or collection: find out who writes to it ' +
  '(a collection that was renamed loses its sessions)';

/** Contains neither the key, which may be hidden, nor anything of the value. */
export function undecodable({ handle }: Pick<Place, 'handle'>, why: string = CHANGED): SessionError {
  return new SessionError('SESSION_UNDECODABLE', `A value of the session ${handle} ${why}.`);
}
