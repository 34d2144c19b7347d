import { ARRAY, ASCII, DOCUMENT, HEADER_BYTES, isEmptyDocument, timeAt } from './bson-elements.js';
import { isBsonValue } from './bson-types.js';
import type { LazyValues } from './lazy-values.js';

/**
 * Whether a BSON document equals a record, found out without encoding the record. Also false if
 * that can't be told quickly, or if only the order of keys differs: compare the encoded bytes then.
 * Layout: https://bsonspec.org/spec.html
 *
 * @param lazy the values of the record that are not decoded yet
 */
export function bsonEquals(
  document: Uint8Array,
  record: Readonly<Record<string, unknown>>,
  lazy?: LazyValues,
): boolean {
  if (isEmptyDocument(document)) return Object.values(record).every((value) => value === undefined);
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  return recordEndsAt(bytes, 0, record, lazy) === bytes.length;
}

/** The same for one element, as `readElements` returns it, and a value. */
export function elementEquals(element: Uint8Array, value: unknown): boolean {
  const bytes = Buffer.from(element.buffer, element.byteOffset, element.byteLength);
  return valueEndsAt(bytes, bytes[0]!, nameEndsAt(bytes, 1), value) === bytes.length;
}

/** Returned instead of a position. */
const NOT_EQUAL = -1;
const PERCENT = 0x25;
/** Decoding a text at once has a fixed price, which pays from this length on. */
const MAX_SHORT_TEXT = 48;
const ID_BYTES = 12;

/** The end of the document that starts here, if it equals the record. */
function recordEndsAt(bytes: Buffer, start: number, record: object, lazy?: LazyValues): number {
  let at = start + HEADER_BYTES;
  for (const key of Object.keys(record)) {
    const element = lazy?.elementOf(key);
    if (element) {
      at = elementEndsAt(bytes, at, element);
      if (at === NOT_EQUAL) return NOT_EQUAL;
      continue;
    }
    const value = (record as Readonly<Record<string, unknown>>)[key];
    // Encoding leaves it out.
    if (value === undefined) continue;
    const type = bytes[at]!;
    at = keyEndsAt(bytes, at + 1, key);
    if (at !== NOT_EQUAL) at = valueEndsAt(bytes, type, at, value);
    if (at === NOT_EQUAL) return NOT_EQUAL;
  }
  return bytes[at] === 0 ? at + 1 : NOT_EQUAL;
}

/** Usually it is that part of the document itself. */
function elementEndsAt(bytes: Buffer, at: number, element: Uint8Array): number {
  const end = at + element.length;
  const isPart = element.buffer === bytes.buffer && element.byteOffset === bytes.byteOffset + at;
  return isPart || (end < bytes.length && bytes.compare(element, 0, element.length, at, end) === 0) ? end : NOT_EQUAL;
}

function arrayEndsAt(bytes: Buffer, start: number, array: readonly unknown[]): number {
  let at = start + HEADER_BYTES;
  for (let index = 0; index < array.length; index++) {
    const type = bytes[at]!;
    if (type === 0) return NOT_EQUAL;
    at = valueEndsAt(bytes, type, nameEndsAt(bytes, at + 1), array[index]);
    if (at === NOT_EQUAL) return NOT_EQUAL;
  }
  return bytes[at] === 0 ? at + 1 : NOT_EQUAL;
}

/** Escaped names and tags contain a percent sign. What they stand for is not known here. */
function keyEndsAt(bytes: Buffer, start: number, key: string): number {
  const end = start + key.length;
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    if (code !== bytes[start + index] || code === PERCENT || code >= ASCII) return NOT_EQUAL;
  }
  return bytes[end] === 0 ? end + 1 : NOT_EQUAL;
}

function nameEndsAt(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] !== 0) at++;
  return at + 1;
}

function valueEndsAt(bytes: Buffer, type: number, at: number, value: unknown): number {
  switch (type) {
    case 0x01: // double
      return typeof value === 'number' && Object.is(bytes.readDoubleLE(at), value) ? at + 8 : NOT_EQUAL;
    case 0x02: // string
      return typeof value === 'string' ? textEndsAt(bytes, at, value) : NOT_EQUAL;
    case DOCUMENT:
      return isPlain(value, Object.prototype) ? recordEndsAt(bytes, at, value) : NOT_EQUAL;
    case ARRAY:
      return isPlain(value, Array.prototype) ? arrayEndsAt(bytes, at, value as unknown[]) : NOT_EQUAL;
    case 0x07: // ObjectId
      return isObjectId(value) && bytes.compare(value.id, 0, ID_BYTES, at, at + ID_BYTES) === 0
        ? at + ID_BYTES
        : NOT_EQUAL;
    case 0x08: // boolean
      return value === (bytes[at] === 1) ? at + 1 : NOT_EQUAL;
    case 0x09: // date
      return isPlain(value, Date.prototype) && (value as Date).getTime() === timeAt(bytes, at) ? at + 8 : NOT_EQUAL;
    case 0x0a: // null
      return value === null ? at : NOT_EQUAL;
    case 0x10: // 32-bit integer
      return Object.is(bytes.readInt32LE(at), value) ? at + 4 : NOT_EQUAL;
    default:
      return NOT_EQUAL;
  }
}

function textEndsAt(bytes: Buffer, at: number, text: string): number {
  const start = at + 4;
  const end = start + bytes.readInt32LE(at) - 1;
  if (end - start < text.length) return NOT_EQUAL;
  if (text.length > MAX_SHORT_TEXT || end - start > text.length)
    return bytes.toString('utf8', start, end) === text ? end + 1 : NOT_EQUAL;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code !== bytes[start + index] || code >= ASCII) return NOT_EQUAL;
  }
  return end + 1;
}

function isPlain(value: unknown, prototype: object): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === prototype;
}

function isObjectId(value: unknown): value is { id: Uint8Array } {
  return typeof value === 'object' && value !== null && isBsonValue(value) && value._bsontype === 'ObjectId';
}
