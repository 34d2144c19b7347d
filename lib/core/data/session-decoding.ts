import { SessionError } from '../errors.js';
import type { BsonCodec } from './session-codec.interface.js';
import { unpackRecord } from './unpack-values.js';

const PERCENT = '%'.charCodeAt(0);

/** Decodes a session's data. Throws `SESSION_UNDECODABLE`, without any part of a value. */
export function decodeData(codec: BsonCodec, bytes: Uint8Array): Record<string, unknown> {
  try {
    const stored = codec.deserialize(bytes);
    // Only escaped keys and tags have a percent sign. Most sessions have none.
    return bytes.includes(PERCENT) ? unpackRecord(stored) : stored;
  } catch (error) {
    throw error instanceof SessionError ? error : undecodable(error);
  }
}

function undecodable(cause: unknown): SessionError {
  const fix = 'Another program or a later version has stored them: remove them, or read them with that version.';
  return new SessionError('SESSION_UNDECODABLE', `Data of a session can not be decoded. ${fix}`, { cause });
}
