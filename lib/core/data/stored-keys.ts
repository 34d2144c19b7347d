import { makeRoom } from './remembered-keys.js';

/**
 * Any string is a legal key of session data; MongoDB is choosier. What it can't hold, or would read
 * as something else, is escaped with `%`, much as in a URL, so that distinct keys stay distinct:
 *
 * | in the session | in the document |
 * | -------------- | --------------- |
 * | `a.b`          | `a%2Eb`         |
 * | `$x`           | `%24x`          |
 * | `50%`          | `50%25`         |
 * | `` (empty)     | `%`             |
 * | NUL            | `%00`           |
 * | half a surrogate pair, U+D83D | `%uD83D` |
 * | `_bsontype`, `__proto__` | `%5Fbsontype`, `%5F_proto__` |
 */

// With the u flag, this range matches only lone surrogates, which UTF-8 can't encode.
const UNSAFE = /[%.\0\ud800-\udfff]|^\$|^$|^_bsontype$|^__proto__$/u;
const ESCAPED = /%(?:u([0-9A-F]{4})|([0-9A-F]{2}))/g;

/** Remembered to save the pattern. */
const safeKeys = new Set<string>();

export function toStoredKey(key: string): string {
  if (safeKeys.has(key)) return key;
  if (UNSAFE.test(key)) return escape(key);
  if (makeRoom(safeKeys, key)) safeKeys.add(key);
  return key;
}

export function fromStoredKey(stored: string): string {
  if (!stored.includes('%')) return stored;
  if (stored === '%') return '';
  return stored.replace(ESCAPED, (_, unit: string | undefined, byte: string | undefined) =>
    String.fromCharCode(parseInt((unit ?? byte)!, 16)),
  );
}

function escape(key: string): string {
  if (key === '') return '%';
  const escaped = key.replace(/[%.\0\ud800-\udfff]/gu, (character) => percent(character.charCodeAt(0)));
  const first = escaped.charCodeAt(0);
  return /^\$|^_bsontype$|^__proto__$/.test(escaped) ? percent(first) + escaped.slice(1) : escaped;
}

function percent(unit: number): string {
  const digits = unit.toString(16).toUpperCase();
  return unit > 0xff ? `%u${digits}` : `%${digits.padStart(2, '0')}`;
}
