import { types } from 'node:util';
import { SessionError } from '../errors.js';
import { describe } from '../option-checks.js';
import { EncryptionKey } from './encryption-key.js';
import { KeyRing } from './key-ring.js';

const KEY_BYTES = 32;

/** Random bytes have fewer distinct ones with a probability of about 2^-100. */
const MIN_DISTINCT_BYTES = 8;

/**
 * The last digit of unpadded base64 carries four bits here, so only every fourth letter is
 * canonical.
 */
const TEXTS: readonly (readonly [BufferEncoding, RegExp])[] = [
  ['hex', /^[0-9a-f]{64}$/i],
  ['base64', /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/],
  ['base64url', /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/],
];

const FIX =
  'A key is 32 random bytes: a Uint8Array, 64 hexadecimal digits, base64 (44 characters) or base64url (43); ' +
  '`openssl rand -base64 32` makes one.';

/** The keys of the option or its provider. Errors describe a refused key, and never show it. */
export function parseKeys(given: unknown, option: string): KeyRing {
  if (!Array.isArray(given)) throw refused(option, given, `Give an array of keys, newest first. ${FIX}`);
  const [newest, ...older] = Array.from(given, (key: unknown, index) => parseKey(key, `${option}[${index}]`));
  if (!newest) throw refused(option, given, `It is empty: give at least one key. ${FIX}`);
  const ids = new Set<string>();
  for (const [index, key] of [newest, ...older].entries()) {
    const id = Buffer.from(key.id).toString('hex');
    if (ids.has(id)) throw refused(`${option}[${index}]`, given[index], 'The same key stands before it: remove one.');
    ids.add(id);
  }
  return new KeyRing([newest, ...older]);
}

function parseKey(given: unknown, option: string): EncryptionKey {
  const bytes = bytesOf(given);
  if (bytes?.length !== KEY_BYTES) throw refused(option, given, FIX);
  if (new Set(bytes).size < MIN_DISTINCT_BYTES) throw refused(option, given, `It is not random. ${FIX}`);
  return new EncryptionKey(bytes);
}

function bytesOf(given: unknown): Uint8Array | undefined {
  if (types.isUint8Array(given)) return given;
  if (typeof given !== 'string') return undefined;
  const encoding = TEXTS.find(([, pattern]) => pattern.test(given))?.[0];
  return encoding && Buffer.from(given, encoding);
}

function refused(option: string, given: unknown, fix: string): SessionError {
  return new SessionError(
    'SESSION_OPTION_INVALID',
    `MongoSessionsModule: option \`${option}\` is ${describeSecret(given)}. ${fix}`,
  );
}

/** Its kind and its length only. */
function describeSecret(given: unknown): string {
  if (typeof given === 'string') return `a string of ${given.length} characters`;
  if (types.isUint8Array(given)) return `a Uint8Array of ${given.length} bytes`;
  if (typeof given === 'object' || given === undefined) return describe(given);
  return `a ${typeof given}`;
}
