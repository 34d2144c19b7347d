import { type KeyObject, createSecretKey } from 'node:crypto';
import { objectAt, optionError, refuseUnknown } from '../option-checks.js';

/** 128 bits, in bytes, and in characters of a text, which are rarely random through and through. */
const MIN_SECRET_BYTES = 16;
const MIN_SECRET_CHARACTERS = 32;

/** Headers that mean something else already. */
const TAKEN_HEADERS = ['cookie', 'set-cookie', 'host', 'connection', 'content-length', 'transfer-encoding'];

/** The signing keys, which nothing can print any more. No error ever shows any part of one. */
export function resolveSecrets(given: unknown): readonly KeyObject[] {
  if (!Array.isArray(given)) throw optionError('secrets', 'no array', 'Give an array of keys, the newest first.');
  return given.map((secret: unknown, index) => {
    const option = `secrets[${index}]`;
    const fix = `Give ${MIN_SECRET_CHARACTERS} characters or ${MIN_SECRET_BYTES} random bytes at least: \`openssl rand -base64 32\` makes such a key.`;
    if (typeof secret !== 'string' && !(secret instanceof Uint8Array))
      throw optionError(option, 'neither text nor bytes', fix);
    const tooShort =
      typeof secret === 'string' ? secret.length < MIN_SECRET_CHARACTERS : secret.length < MIN_SECRET_BYTES;
    if (tooShort) throw optionError(option, 'too short to be safe', fix);
    return createSecretKey(typeof secret === 'string' ? Buffer.from(secret, 'utf8') : Uint8Array.from(secret));
  });
}

/** The name of the token's header, in lower case; undefined for the cookie. */
export function resolveTransport(given: unknown): string | undefined {
  if (given === 'cookie') return undefined;
  const transport = objectAt('transport', given as { header?: unknown });
  refuseUnknown('transport.', transport, ['header']);
  const { header } = transport;
  if (
    typeof header === 'string' &&
    /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(header) &&
    !TAKEN_HEADERS.includes(header.toLowerCase())
  ) {
    return header.toLowerCase();
  }
  throw optionError('transport.header', header, "Give the name of a header of your own, such as 'x-session-token'.");
}
