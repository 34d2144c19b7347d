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

/**
 * The fields of a session's document. Undefined: absent, or of a type that they never have, because
 * another program may have written any value.
 */
export interface StoredFields {
  v: number | undefined;
  epoch: number | undefined;
  createdAt: number | undefined;
  lastSeenAt: number | undefined;
  expiresAt: number | undefined;
  userId: unknown;
  secretHash: Uint8Array | undefined;
  /** A document's bytes, like the two below. */
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
        fields[name] = integerOf(decodeElement(bytes, at, valueAt, end, bson));
        break;
      case 'createdAt':
      case 'lastSeenAt':
      case 'expiresAt':
        fields[name] = timeOf(decodeElement(bytes, at, valueAt, end, bson));
        break;
      case 'userId':
        fields.userId = decodeElement(bytes, at, valueAt, end, bson);
        break;
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

function decodeElement(bytes: Buffer, at: number, valueAt: number, end: number, bson: BsonLibrary): unknown {
  const flat = flatValueAt(bytes, bytes[at]!, valueAt, end);
  if (flat !== OTHER) return flat;
  const [value] = Object.values(bson.deserialize(joinElements([bytes.subarray(at, end)]), TOP_LEVEL_ONLY));
  return value instanceof Uint8Array ? bson.deserialize(value) : (value as unknown);
}

/** MongoDB's shell, and other languages' drivers, write whole numbers as any of these. */
function integerOf(value: unknown): number | undefined {
  const isLong = (value as { _bsontype?: unknown } | null | undefined)?._bsontype === 'Long';
  const integer = isLong ? Number(value) : value;
  return Number.isSafeInteger(integer) ? (integer as number) : undefined;
}

/** The milliseconds of a date. */
export function timeOf(value: unknown): number | undefined {
  const time = value instanceof Date ? value.getTime() : NaN;
  return Number.isNaN(time) ? undefined : time;
}
