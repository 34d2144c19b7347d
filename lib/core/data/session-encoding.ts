import { SessionError } from '../errors.js';
import { type DataBounds, checkKeys, checkSize, tooLarge } from './data-bounds.js';
import { EMPTY_DOCUMENT, joinElements, readElements } from './bson-elements.js';
import { bsonEquals, elementEquals } from './bson-equals.js';
import type { BsonCodec } from './session-codec.interface.js';
import { type DataDiff, diffElements } from './session-diff.js';
import { fromStoredKey, toStoredKey } from './stored-keys.js';
import { packRecord } from './stored-values.js';
import { refused } from './value-path.js';
import { LazyValues } from './lazy-values.js';

type Plain = Record<string, unknown>;

/** How much data one session may hold. */
export interface DataLimits extends DataBounds {
  /** Levels of nesting. */
  readonly maxDepth: number;
}

/** Encodes a session's data as one BSON document. */
export function encodeData(codec: BsonCodec, data: object, limits: DataLimits): Uint8Array {
  return encodeChanges(codec, EMPTY_DOCUMENT, data, limits).document;
}

/** New data, and how they differ from the data before. */
export interface EncodedChanges {
  /** All data; the same bytes as before if nothing differs. */
  readonly document: Uint8Array;
  /** The differences. */
  readonly diff: DataDiff | undefined;
}

/**
 * Encodes data that were read from `before`. Encodes only what has changed: setting one key of a
 * large session costs little more than that key.
 */
export function encodeChanges(codec: BsonCodec, before: Uint8Array, data: object, limits: DataLimits): EncodedChanges {
  const undecoded = LazyValues.of(data);
  if (bsonEquals(before, data as Plain, undecoded)) return { document: before, diff: undefined };
  const present = readElements(before);
  const elements = new Map<string, Uint8Array | undefined>();
  const changed = Object.create(null) as Plain;
  for (const key of Object.keys(data)) {
    const storedKey = toStoredKey(key);
    let element = undecoded?.elementOf(key);
    if (!element) {
      const value = (data as Plain)[key];
      if (value === undefined) continue;
      element = present.get(storedKey);
      if (element && !elementEquals(element, value)) element = undefined;
      if (!element) changed[key] = value;
    }
    elements.set(storedKey, element);
  }
  checkKeys(present.size, elements.size, limits);
  // Data that are too large already may be made smaller.
  const encoded = encodeRecord(codec, changed, limits, Math.max(limits.maxSize, before.length));
  // Everything is new.
  if (present.size === 0 && !undecoded) return { document: checkSize(before, encoded, limits), diff: { set: encoded } };
  for (const [key, element] of readElements(encoded)) elements.set(key, element);
  const all = elements as Map<string, Uint8Array>;
  return { document: checkSize(before, joinElements(all.values()), limits), diff: diffElements(present, all) };
}

function encodeRecord(codec: BsonCodec, record: Plain, { maxDepth, maxSize }: DataLimits, room: number): Uint8Array {
  const packed = packRecord(record, null, { ancestors: [], depth: 0, maxDepth, room });
  try {
    return codec.serialize(packed);
  } catch (error) {
    throw explain(codec, packed, maxSize, error);
  }
}

/** Why the BSON library failed: it refuses a value, or its buffer of 17 MiB is full. */
function explain(codec: BsonCodec, packed: Plain, maxSize: number, cause: unknown): unknown {
  const sizes: [string, number][] = [];
  for (const [key, value] of Object.entries(packed)) {
    try {
      sizes.push([key, codec.serialize({ [key]: value }).length]);
    } catch (error) {
      if (!(error instanceof RangeError)) return refusedByLibrary(key, error);
      sizes.push([key, Infinity]);
    }
  }
  return cause instanceof RangeError ? tooLarge(maxSize, 'more than BSON can hold', sizes) : cause;
}

function refusedByLibrary(storedKey: string, cause: unknown): SessionError {
  // The library's own message may contain the value.
  const what = 'of a BSON type that the library refuses, or holds one';
  return refused([null, fromStoredKey(storedKey)], what, "use the classes of the driver's own major version", cause);
}
