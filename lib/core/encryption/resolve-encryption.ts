import { booleanAt, durationAt, objectAt, refuseUnknown, withDefaults } from '../option-checks.js';
import { EncryptionOptions, type EncryptionKeyProvider } from './encryption-options.js';
import type { KeyRing } from './key-ring.js';
import { parseKeys } from './parse-keys.js';

/** The option `encryption` after validation. */
export interface ResolvedEncryption {
  readonly keys: KeyRing | EncryptionKeyProvider;
  /** Milliseconds. */
  readonly cacheFor: number;
  readonly hideKeyNames: boolean;
}

/** A text longer than any setting may be a key in the wrong place, which no error may show. */
const MAX_SETTING_LENGTH = 16;

/**
 * Fills in the defaults and refuses what can't work. Only undefined means no encryption: `null` or
 * an empty string is a key that got lost on its way.
 */
export function resolveEncryption(given: EncryptionOptions | undefined): ResolvedEncryption | undefined {
  if (given === undefined) return undefined;
  objectAt('encryption', masked(given));
  const defaults = new EncryptionOptions();
  refuseUnknown('encryption.', maskedValues(given), ['keys', ...Object.keys(defaults)]);
  const { keys, cacheFor, hideKeyNames } = withDefaults(defaults, given);
  return Object.freeze({
    keys: typeof keys === 'function' ? keys : parseKeys(keys, 'encryption.keys'),
    cacheFor: durationAt('encryption.cacheFor', masked(cacheFor)),
    hideKeyNames: booleanAt('encryption.hideKeyNames', masked(hideKeyNames)),
  });
}

function masked(value: unknown): unknown {
  return typeof value === 'string' && value.length > MAX_SETTING_LENGTH ? '***' : value;
}

function maskedValues(given: object): object {
  return Object.fromEntries(Object.keys(given).map((key) => [key, '***']));
}
