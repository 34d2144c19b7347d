import { DOCUMENT, joinElements } from '../data/bson-elements.js';
import { TAG } from '../data/stored-values.js';

/**
 * An encrypted value in a document: `<name>: { '%enc': Binary }`. No other value looks like this,
 * because a `%` in keys of the data is escaped. Layout: https://bsonspec.org/spec.html
 */
const BINARY = 0x05;
const GENERIC = 0x00;
const LENGTH_BYTES = 4;
const TAG_NAME = Buffer.from(`${TAG.encrypted}\0`);

export function writeSealedElement(name: string, sealed: Uint8Array): Uint8Array {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32LE(sealed.length);
  const document = joinElements([Buffer.concat([Buffer.of(BINARY), TAG_NAME, length, Buffer.of(GENERIC), sealed])]);
  return Buffer.concat([Buffer.of(DOCUMENT), Buffer.from(`${name}\0`), document]);
}

/**
 * The sealed bytes of an element; undefined if its value is a plain one. If somebody has changed
 * its form, the bytes differ, which the tag reveals.
 */
export function readSealedElement(element: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(element.buffer, element.byteOffset, element.byteLength);
  const tagAt = bytes.indexOf(0, 1) + 1 + LENGTH_BYTES;
  const nameEnd = tagAt + 1 + TAG_NAME.length;
  if (bytes[0] !== DOCUMENT || !bytes.subarray(tagAt + 1, nameEnd).equals(TAG_NAME)) return undefined;
  return bytes.subarray(nameEnd + LENGTH_BYTES + 1, -1);
}
