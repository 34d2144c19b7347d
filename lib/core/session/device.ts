import { EMPTY_DOCUMENT } from '../data/bson-elements.js';
import type { BsonCodec } from '../data/session-codec.interface.js';

/** What is known of the device that a session was last used on. */
export interface SessionDevice {
  readonly ip?: string;
  readonly userAgent?: string;
  /** The name that the user or the app has given it. */
  readonly label?: string;
}

const FIELDS = ['ip', 'userAgent', 'label'] as const;

/** As stores keep it: see `StoredSession.device`. */
export function encodeDevice(codec: BsonCodec, { ip, userAgent, label }: SessionDevice): Uint8Array {
  return codec.serialize({ ip, userAgent, label });
}

/** Elements that are no text, whoever wrote them, count as absent. */
export function decodeDevice(codec: BsonCodec, bytes: Uint8Array = EMPTY_DOCUMENT): SessionDevice {
  const stored = codec.deserialize(bytes);
  const texts = FIELDS.filter((field) => typeof stored[field] === 'string').map((field) => [field, stored[field]]);
  return Object.fromEntries(texts) as SessionDevice;
}
