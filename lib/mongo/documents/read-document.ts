import type { SessionHandle } from '../../core/token/session-token.js';
import type { StoredSession } from '../../core/store/session-store.interface.js';
import type { BsonLibrary } from './bson-codec.js';
import { bytesOf, readRotation } from './rotation-document.js';
import { FORMAT } from './stored-document.js';

const HASH_BYTES = 32;

/** Documents inside stay bytes. Texts are not looked at: those of other documents may be no UTF-8. */
const TOP_LEVEL_ONLY = { raw: true, promoteLongs: false, validation: { utf8: false } } as const;

/** The session in a document's bytes, its data undecoded; or the name of the field that no session of ours has like this. */
export function readDocument(
  handle: SessionHandle,
  bytes: Uint8Array,
  bson: BsonLibrary,
): StoredSession | { unreadable: string } {
  const document: Record<string, unknown> = bson.deserialize(bytes, TOP_LEVEL_ONLY);
  if (integerOf(document['v']) !== FORMAT) return { unreadable: 'v' };
  const required = {
    handle,
    secretHash: hashOf(document['secretHash']),
    epoch: integerOf(document['epoch']),
    data: document['data'] instanceof Uint8Array ? document['data'] : undefined,
    createdAt: timeOf(document['createdAt']),
    lastSeenAt: timeOf(document['lastSeenAt']),
    expiresAt: timeOf(document['expiresAt']),
  };
  for (const [name, value] of Object.entries(required)) if (value === undefined) return { unreadable: name };
  const session = required as StoredSession;
  const { userId, meta, rotation } = document;
  if (userId === undefined && meta === undefined && rotation === undefined) return session;
  const renewal = rotation instanceof Uint8Array ? readRotation(bson.deserialize(rotation)) : undefined;
  return {
    ...session,
    ...(userId !== undefined && { userId: userId instanceof Uint8Array ? bson.deserialize(userId) : userId }),
    ...(meta instanceof Uint8Array && readMeta(bson.deserialize(meta))),
    ...(renewal && { renewal }),
  };
}

function readMeta(meta: Record<string, unknown>): Pick<StoredSession, 'permanent' | 'authenticatedAt' | 'amr'> {
  const permanent = Number(meta['permanent']);
  const { amr } = meta;
  const authenticatedAt = timeOf(meta['authenticatedAt']);
  return {
    ...(permanent > 0 && { permanent }),
    ...(authenticatedAt !== undefined && { authenticatedAt }),
    ...(Array.isArray(amr) && { amr: amr.map(String) }),
  };
}

function hashOf(value: unknown): Uint8Array | undefined {
  const bytes = bytesOf(value);
  return bytes.length === HASH_BYTES ? bytes : undefined;
}

/** MongoDB's shell, and other languages' drivers, write whole numbers as any of these. */
function integerOf(value: unknown): number | undefined {
  const isLong = (value as { _bsontype?: unknown } | null | undefined)?._bsontype === 'Long';
  const integer = isLong ? Number(value) : value;
  return Number.isSafeInteger(integer) ? (integer as number) : undefined;
}

function timeOf(value: unknown): number | undefined {
  const time = value instanceof Date ? value.getTime() : NaN;
  return Number.isNaN(time) ? undefined : time;
}
