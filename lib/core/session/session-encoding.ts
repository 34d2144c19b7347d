import { SessionError } from '../errors.js';
import { readElements } from './bson-elements.js';
import type { BsonCodec } from './session-codec.interface.js';
import { fromStoredKey } from './stored-keys.js';
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
export function encodeData(codec: BsonCodec, data: object, { maxSize, maxKeys, maxDepth }: DataLimits): Uint8Array {
  const packed = packRecord(data as Plain, null, { ancestors: [], maxDepth });
  const keys = Object.keys(packed).length;
  if (keys > maxKeys) throw tooManyKeys(keys, maxKeys);
  let bytes: Uint8Array;
  try {
    bytes = codec.serialize(packed);
  } catch (error) {
    throw explain(codec, packed, maxSize, error);
  }
  if (bytes.length > maxSize) {
    const sizes = [...readElements(bytes)].map(([key, element]) => [key, element.length] as const);
    throw tooLarge(maxSize, `${bytes.length} bytes of BSON`, sizes);
  }
  return bytes;
}

export function decodeData(codec: BsonCodec, bytes: Uint8Array): Plain {
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
