import { SessionError } from '../errors.js';
import { readElements } from './bson-elements.js';
import type { BsonCodec } from './session-codec.interface.js';
import { packRecord } from './stored-values.js';
import { unpackRecord } from './unpack-values.js';

type Plain = Record<string, unknown>;

const PERCENT = '%'.charCodeAt(0);

/** The session's data as one BSON document: its snapshot, and what the store holds. */
export function encodeData(codec: BsonCodec, data: object, maxSize: number): Uint8Array {
  const bytes = codec.serialize(packRecord(data as Plain, null, []));
  if (bytes.length > maxSize) throw tooLarge(bytes, maxSize);
  return bytes;
}

export function decodeData(codec: BsonCodec, bytes: Uint8Array): Plain {
  const stored = codec.deserialize(bytes);
  // Everything that was escaped or tagged has a percent sign; most sessions have none, and need no second look.
  return bytes.includes(PERCENT) ? unpackRecord(stored) : stored;
}

function tooLarge(bytes: Uint8Array, maxSize: number): SessionError {
  const sizes = [...readElements(bytes)].sort(([, a], [, b]) => b.length - a.length);
  const [key, element] = sizes[0]!;
  return new SessionError(
    'SESSION_TOO_LARGE',
    `The session's data is ${bytes.length} bytes of BSON, over its limit of ${maxSize}; its largest key, ${JSON.stringify(key)}, ` +
      `has ${element.length}. Keep large things in a collection of their own and their id in the session, or raise \`maxSize\`.`,
  );
}
