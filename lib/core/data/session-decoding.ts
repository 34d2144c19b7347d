import type { BsonCodec } from './session-codec.interface.js';
import { unpackRecord } from './unpack-values.js';

const PERCENT = '%'.charCodeAt(0);

/** A session's data, from one BSON document. */
export function decodeData(codec: BsonCodec, bytes: Uint8Array): Record<string, unknown> {
  const stored = codec.deserialize(bytes);
  // Everything that was escaped or tagged has a percent sign; most sessions have none, and need no second look.
  return bytes.includes(PERCENT) ? unpackRecord(stored) : stored;
}
