import { SessionError } from '../errors.js';
import { EMPTY_DOCUMENT, isEmptyDocument, joinElements, readElements } from './bson-elements.js';
import { documentHolds, elementHolds } from './document-holds.js';
import type { BsonCodec } from './session-codec.interface.js';
import { fromStoredKey, toStoredKey } from './stored-keys.js';
import { packRecord, refused } from './stored-values.js';
import { unpackRecord } from './unpack-values.js';

type Plain = Record<string, unknown>;

const PERCENT = '%'.charCodeAt(0);

/** How much data one session may hold. */
export interface DataLimits {
  /** Bytes of BSON. */
  readonly maxSize: number;
  /** Top-level keys. */
  readonly maxKeys: number;
  /** Levels of nesting. */
  readonly maxDepth: number;
}

/** The session's data as one BSON document: its snapshot, and what the store holds. */
export function encodeData(codec: BsonCodec, data: object, limits: DataLimits): Uint8Array {
  return encodeChanges(codec, EMPTY_DOCUMENT, data, limits);
}

/**
 * The same for data that were read from `before`, which is returned itself where it holds just that. Only what has changed is
 * encoded: a large session of which one key is set costs little more than that key.
 */
export function encodeChanges(codec: BsonCodec, before: Uint8Array, data: object, limits: DataLimits): Uint8Array {
  if (documentHolds(before, data as Plain)) return before;
  const present = readElements(before);
  const changed = Object.create(null) as Plain;
  const keys: string[] = [];
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined) continue;
    const storedKey = toStoredKey(key);
    keys.push(storedKey);
    const element = present.get(storedKey);
    if (!element || !elementHolds(element, value)) changed[key] = value;
  }
  if (keys.length > limits.maxKeys) throw tooManyKeys(keys.length, limits.maxKeys);
  const encoded = encodeRecord(codec, changed, limits);
  const bytes = present.size === 0 ? encoded : merge(keys, readElements(encoded), present);
  if (bytes.length > limits.maxSize) {
    const sizes = [...readElements(bytes)].map(([key, element]) => [key, element.length] as const);
    throw tooLarge(limits.maxSize, `${bytes.length} bytes of BSON`, sizes);
  }
  return bytes;
}

function merge(
  keys: readonly string[],
  changed: ReadonlyMap<string, Uint8Array>,
  present: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  return joinElements(keys.map((key) => changed.get(key) ?? present.get(key)!));
}

function encodeRecord(codec: BsonCodec, record: Plain, { maxDepth, maxSize }: DataLimits): Uint8Array {
  const packed = packRecord(record, null, { ancestors: [], maxDepth });
  try {
    return codec.serialize(packed);
  } catch (error) {
    throw explain(codec, packed, maxSize, error);
  }
}

export function decodeData(codec: BsonCodec, bytes: Uint8Array): Plain {
  // Most visitors have none.
  if (isEmptyDocument(bytes)) return {};
  const stored = codec.deserialize(bytes);
  // Everything that was escaped or tagged has a percent sign; most sessions have none, and need no second look.
  return bytes.includes(PERCENT) ? unpackRecord(stored) : stored;
}

/** Why the BSON library gave up: it met a value that it refuses itself, or its buffer of 17 MiB was full. */
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
  // The library's own message may hold the value.
  const what = 'of a BSON type that the library refuses, or holds one';
  return refused([null, fromStoredKey(storedKey)], what, "use the classes of the driver's own major version", cause);
}

function tooLarge(maxSize: number, size: string, sizes: readonly (readonly [string, number])[]): SessionError {
  const [key, most] = sizes.reduce((largest, next) => (next[1] > largest[1] ? next : largest));
  const share = most === Infinity ? 'alone is too large' : `has ${most}`;
  return new SessionError(
    'SESSION_TOO_LARGE',
    `The session's data is ${size}, over its limit of ${maxSize}; its largest key, ${JSON.stringify(fromStoredKey(key))}, ${share}. ` +
      'Keep large things in a collection of their own and their id in the session, or raise `maxSize`.',
  );
}

function tooManyKeys(keys: number, maxKeys: number): SessionError {
  return new SessionError(
    'SESSION_TOO_MANY_KEYS',
    `The session's data has ${keys} keys, over its limit of ${maxKeys}. Keep lists under one key, or raise \`maxKeys\`.`,
  );
}
