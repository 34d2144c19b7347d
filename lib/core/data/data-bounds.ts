import { SessionError } from '../errors.js';
import { quoteKey } from '../quote-key.js';
import { EMPTY_DOCUMENT, joinElements, readElements } from './bson-elements.js';
import type { DataDiff } from './session-diff.js';
import { fromStoredKey } from './stored-keys.js';

/** No document of MongoDB is larger. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** How much data one session may hold, as the store can see it. */
export interface DataBounds {
  /** Bytes of BSON. */
  readonly maxSize: number;
  /** Top-level keys. */
  readonly maxKeys: number;
}

/** Throws when the data is too large. A session that is so already may be made smaller. */
export function checkSize(before: Uint8Array, document: Uint8Array, { maxSize }: DataBounds): Uint8Array {
  if (document.length <= maxSize || document.length <= before.length) return document;
  const sizes = Array.from(readElements(document), ([key, element]) => [key, element.length] as const);
  throw tooLarge(maxSize, `${document.length} bytes of BSON`, sizes);
}

/** The same for the number of keys. */
export function checkKeys(before: number, keys: number, { maxKeys }: DataBounds): void {
  if (keys > maxKeys && keys > before) throw tooManyKeys(keys, maxKeys);
}

/** The data after a change. Throws when that passes a limit. */
export function applyDiff(data: Uint8Array, { set, unset = [] }: DataDiff, bounds?: DataBounds): Uint8Array {
  const elements = readElements(data);
  const keys = elements.size;
  for (const key of unset) elements.delete(key);
  for (const [key, element] of readElements(set ?? EMPTY_DOCUMENT)) elements.set(key, element);
  const after = joinElements(elements.values());
  if (!bounds) return after;
  checkKeys(keys, elements.size, bounds);
  return checkSize(data, after, bounds);
}

/**
 * Whether the store must check a change, because what its request has read may be old. Changes
 * need no check if they replace values by at most `maxSize / (2 * maxKeys)` bytes, in a session of
 * at most half the size: for all keys together they make at most half of `maxSize`. The bytes of
 * the new values count, not how much they grow: a request that was held open could otherwise
 * restore large values for which others have made room.
 */
export function canPassBounds(before: Uint8Array, after: Uint8Array, { set }: DataDiff, bounds: DataBounds): boolean {
  if (!set) return false;
  if (set.length > bounds.maxSize / (2 * bounds.maxKeys) || after.length > bounds.maxSize / 2) return true;
  const present = readElements(before);
  return [...readElements(set).keys()].some((key) => !present.has(key));
}

export function tooLarge(maxSize: number, size: string, sizes: readonly (readonly [string, number])[]): SessionError {
  const [key, most] = sizes.reduce((largest, next) => (next[1] > largest[1] ? next : largest));
  const share = most === Infinity ? 'alone is too large' : `has ${most}`;
  return new SessionError(
    'SESSION_TOO_LARGE',
    `The session's data is ${size}, over its limit of ${maxSize}; its largest key, ${quoteKey(fromStoredKey(key))}, ${share}. ` +
      'Keep large things in a collection of their own and their id in the session, or raise `maxSize`.',
  );
}

function tooManyKeys(keys: number, maxKeys: number): SessionError {
  return new SessionError(
    'SESSION_TOO_MANY_KEYS',
    `The session's data has ${keys} keys, over its limit of ${maxKeys}. Keep lists under one key, or raise \`maxKeys\`.`,
  );
}
