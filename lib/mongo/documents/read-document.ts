import type { SessionHandle } from '../../core/token/session-token.js';
import type { StoredSession } from '../../core/store/session-store.interface.js';
import type { ListedSession, TakenSession } from '../../core/store/user-session-store.interface.js';
import type { BsonLibrary } from './bson-codec.js';
import { bytesOf, readRotation } from './rotation-document.js';
import { FORMAT } from './stored-document.js';

const HASH_BYTES = 32;

/**
 * Documents inside stay bytes. Texts are not looked at: those of other documents may be no UTF-8.
 */
const TOP_LEVEL_ONLY = { raw: true, promoteLongs: false, bsonRegExp: true, validation: { utf8: false } } as const;

/** Why it is no session of ours, in words. */
type Unreadable = { readonly unreadable: string };

/**
 * The session in a document's bytes, its data undecoded; or why it is none. The library throws for
 * some values that other programs can store, such as a regular expression with odd options.
 */
export function readDocument(handle: SessionHandle, bytes: Uint8Array, bson: BsonLibrary): StoredSession | Unreadable {
  try {
    return readSession(handle, bytes, bson);
  } catch {
    return { unreadable: 'a value can not be decoded' };
  }
}

function readSession(handle: SessionHandle, bytes: Uint8Array, bson: BsonLibrary): StoredSession | Unreadable {
  const document: Record<string, unknown> = bson.deserialize(bytes, TOP_LEVEL_ONLY);
  if (integerOf(document['v']) !== FORMAT) return unreadable('v');
  const required = {
    handle,
    secretHash: hashOf(document['secretHash']),
    epoch: integerOf(document['epoch']),
    data: document['data'] instanceof Uint8Array ? document['data'] : undefined,
    createdAt: timeOf(document['createdAt']),
    lastSeenAt: timeOf(document['lastSeenAt']),
    expiresAt: timeOf(document['expiresAt']),
  };
  for (const [name, value] of Object.entries(required)) if (value === undefined) return unreadable(name);
  const session = required as StoredSession;
  const { userId, meta, rotation } = document;
  if (userId === undefined && meta === undefined && rotation === undefined) return session;
  const renewal = rotation instanceof Uint8Array ? readRotation(bson.deserialize(rotation)) : undefined;
  return { ...session, ...readUser(document, bson), ...(renewal && { renewal }) };
}

function unreadable(field: string): Unreadable {
  return { unreadable: `field \`${field}\`` };
}

/**
 * What is shown of the session in a document's bytes; undefined if it is none that this version can
 * read.
 */
export function readListed(handle: SessionHandle, bytes: Uint8Array, bson: BsonLibrary): TakenSession | undefined {
  try {
    return readShown(handle, bytes, bson);
  } catch {
    return undefined;
  }
}

function readShown(handle: SessionHandle, bytes: Uint8Array, bson: BsonLibrary): TakenSession | undefined {
  const document: Record<string, unknown> = bson.deserialize(bytes, TOP_LEVEL_ONLY);
  const required = {
    handle,
    epoch: integerOf(document['epoch']),
    createdAt: timeOf(document['createdAt']),
    lastSeenAt: timeOf(document['lastSeenAt']),
    expiresAt: timeOf(document['expiresAt']),
  };
  const isReadable =
    integerOf(document['v']) === FORMAT && Object.values(required).every((value) => value !== undefined);
  if (!isReadable) return undefined;
  const { data } = document;
  return {
    ...(required as ListedSession),
    ...readUser(document, bson),
    ...(data instanceof Uint8Array && { data }),
  };
}

function readUser({ userId, meta }: Record<string, unknown>, bson: BsonLibrary): Partial<ListedSession> {
  return {
    ...(userId !== undefined && { userId: userId instanceof Uint8Array ? bson.deserialize(userId) : userId }),
    ...(meta instanceof Uint8Array && readMeta(bson.deserialize(meta, TOP_LEVEL_ONLY))),
  };
}

function readMeta(meta: Record<string, unknown>): Partial<ListedSession> {
  const permanent = Number(meta['permanent']);
  const { amr, device } = meta;
  const authenticatedAt = timeOf(meta['authenticatedAt']);
  const movedAt = timeOf(meta['movedAt']);
  return {
    ...(permanent > 0 && { permanent }),
    ...(authenticatedAt !== undefined && { authenticatedAt }),
    ...(Array.isArray(amr) && { amr: amr.map(String) }),
    ...(device instanceof Uint8Array && { device }),
    ...(movedAt !== undefined && { movedAt }),
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
