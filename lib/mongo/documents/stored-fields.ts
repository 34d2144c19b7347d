import { DOCUMENT, eachElement, joinElements, textBetween } from '../../core/data/bson-elements.js';
import { OTHER, flatValueAt } from '../../core/data/flat-values.js';
import type { BsonLibrary } from './bson-codec.js';

const BINARY = 0x05;
/** Of a binary value: length and subtype. */
const BINARY_HEADER_BYTES = 5;

/**
 * Documents inside stay bytes. Texts are not looked at: those of other programs may be no UTF-8.
 */
export const TOP_LEVEL_ONLY = {
  raw: true,
  promoteLongs: false,
  bsonRegExp: true,
  validation: { utf8: false },
} as const;

/** The fields of a session's document, as they are: another program may have written any value. */
export interface StoredFields {
  v: unknown;
  epoch: unknown;
  createdAt: unknown;
  lastSeenAt: unknown;
  expiresAt: unknown;
  userId: unknown;
  /** Bytes, and undefined if it is no binary value. */
  secretHash: Uint8Array | undefined;
  /** A document's bytes, and undefined if it is none, as the two below. */
  data: Uint8Array | undefined;
  meta: Uint8Array | undefined;
  rotation: Uint8Array | undefined;
}

/**
 * Element by element, because every request comes by here: the library takes three times as long.
 * Other fields are not looked at.
 */
export function readFields(document: Uint8Array, bson: BsonLibrary): StoredFields {
  const fields: StoredFields = {
    v: undefined,
    epoch: undefined,
    createdAt: undefined,
    lastSeenAt: undefined,
    expiresAt: undefined,
    userId: undefined,
    secretHash: undefined,
    data: undefined,
    meta: undefined,
    rotation: undefined,
  };
  eachElement(document, (bytes, at, valueAt, end) => {
    const type = bytes[at]!;
    const name = textBetween(bytes, at + 1, valueAt - 1);
    switch (name) {
      case 'v':
      case 'epoch':
      case 'createdAt':
      case 'lastSeenAt':
      case 'expiresAt':
      case 'userId': {
        const value = flatValueAt(bytes, type, valueAt, end);
        fields[name] = value === OTHER ? decodeElement(name, bytes.subarray(at, end), bson) : value;
        break;
      }
      case 'secretHash':
        if (type === BINARY) fields.secretHash = bytes.subarray(valueAt + BINARY_HEADER_BYTES, end);
        break;
      case 'data':
      case 'meta':
      case 'rotation':
        if (type === DOCUMENT) fields[name] = bytes.subarray(valueAt, end);
    }
  });
  return fields;
}

function decodeElement(name: string, element: Uint8Array, bson: BsonLibrary): unknown {
  const value: unknown = bson.deserialize(joinElements([element]), TOP_LEVEL_ONLY)[name];
  return value instanceof Uint8Array ? bson.deserialize(value) : value;
}
