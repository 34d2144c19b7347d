import type { BsonCodec } from './session-codec.interface.js';
import { unpackRecord } from './unpack-values.js';

const PERCENT = '%'.charCodeAt(0);

/** Decodes a session's data. */
export function decodeData(codec: BsonCodec, bytes: Uint8Array): Record<string, unknown> {
  const stored = codec.deserialize(bytes);
  // Only escaped keys and tags have a percent sign. Most sessions have none.
  return bytes.includes(PERCENT) ? unpackRecord(stored) : stored;
}
