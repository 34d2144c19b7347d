/**
 * The top level of a BSON document, element by element, without decoding any value.
 * Layout: https://bsonspec.org/spec.html
 */

/** Bytes around a document's elements: its length in front, and a zero at the end. */
export const HEADER_BYTES = 4;
export const END_BYTES = 1;

/** Types of values that have elements of their own. */
export const DOCUMENT = 0x03;
export const ARRAY = 0x04;

/**
 * The bytes of each top-level element (type, name and value) by its name. They share the document's
 * memory.
 */
export function readElements(document: Uint8Array): Map<string, Uint8Array> {
  const elements = new Map<string, Uint8Array>();
  eachElement(document, (bytes, at, valueAt, end) => {
    elements.set(textBetween(bytes, at + 1, valueAt - 1), bytes.subarray(at, end));
  });
  return elements;
}

/**
 * Calls `visit` for each top-level element with three positions: of its type, of its value and of
 * its end.
 */
export function eachElement(
  document: Uint8Array,
  visit: (bytes: Buffer, at: number, valueAt: number, end: number) => void,
): void {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  let at = HEADER_BYTES;
  while (at < bytes.length - END_BYTES) {
    let valueAt = at + 1;
    while (bytes[valueAt++] !== 0);
    const end = valueAt + valueSize(bytes, bytes[at]!, valueAt);
    visit(bytes, at, valueAt, end);
    at = end;
  }
}

/** The document that consists of these elements. */
export function joinElements(elements: Iterable<Uint8Array>): Uint8Array {
  const parts = [...elements];
  let size = HEADER_BYTES + END_BYTES;
  for (const part of parts) size += part.length;
  // `Buffer.concat` takes more than twice as long.
  const document = Buffer.allocUnsafe(size);
  document.writeInt32LE(size, 0);
  let at = HEADER_BYTES;
  for (const part of parts) {
    document.set(part, at);
    at += part.length;
  }
  document[at] = 0;
  return document;
}

export const EMPTY_DOCUMENT: Uint8Array = joinElements([]);

export function isEmptyDocument(document: Uint8Array): boolean {
  return document.length === HEADER_BYTES + END_BYTES;
}

/** Decoding a text at once has a fixed price, which pays from this length on. */
const SHORT = 20;
/** Bytes from here on are not ASCII. */
export const ASCII = 0x80;

/** Decodes UTF-8. */
export function textBetween(bytes: Buffer, start: number, end: number): string {
  if (end - start > SHORT) return bytes.toString('utf8', start, end);
  let text = '';
  for (let at = start; at < end; at++) {
    const code = bytes[at]!;
    if (code >= ASCII) return bytes.toString('utf8', start, end);
    text += String.fromCharCode(code);
  }
  return text;
}

/** The time in a date's eight bytes, in milliseconds; exact for every valid Date. */
export function timeAt(bytes: Buffer, at: number): number {
  return bytes.readInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);
}

const FIXED_SIZES: Readonly<Record<number, number>> = {
  0x01: 8, // double
  0x06: 0, // undefined
  0x07: 12, // ObjectId
  0x08: 1, // boolean
  0x09: 8, // date
  0x0a: 0, // null
  0x10: 4, // 32-bit integer
  0x11: 8, // timestamp
  0x12: 8, // 64-bit integer
  0x13: 16, // Decimal128
  0x7f: 0, // MaxKey
  0xff: 0, // MinKey
};

function valueSize(bytes: Buffer, type: number, at: number): number {
  const fixed = FIXED_SIZES[type];
  if (fixed !== undefined) return fixed;
  switch (type) {
    case 0x02: // string
    case 0x0d: // code
    case 0x0e: // symbol
      return 4 + bytes.readInt32LE(at);
    case DOCUMENT:
    case ARRAY:
    case 0x0f: // code with scope
      return bytes.readInt32LE(at);
    case 0x05: // binary
      return 5 + bytes.readInt32LE(at);
    case 0x0b: // regular expression: two zero-terminated strings
      return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at;
    case 0x0c: // DBPointer
      return 16 + bytes.readInt32LE(at);
    default:
      throw new RangeError(`BSON type 0x${type.toString(16)} is not known`);
  }
}
