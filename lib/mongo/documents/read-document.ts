import type { SessionHandle } from '../../core/token/session-token.js';
import type { StoredSession } from '../../core/store/session-store.interface.js';
import type { ListedSession, TakenSession } from '../../core/store/user-session-store.interface.js';
import type { BsonLibrary } from './bson-codec.js';
import { readRotation } from './rotation-document.js';
import { FORMAT } from './stored-document.js';
import { type StoredFields, TOP_LEVEL_ONLY, readFields, timeOf } from './stored-fields.js';

const HASH_BYTES = 32;

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
  const fields = readFields(bytes, bson);
  const { v, secretHash, epoch, data, createdAt, lastSeenAt, expiresAt, userId, meta, rotation } = fields;
  if (v !== FORMAT) return unreadable('v');
  if (secretHash?.length !== HASH_BYTES) return unreadable('secretHash');
  if (epoch === undefined) return unreadable('epoch');
  if (data === undefined) return unreadable('data');
  if (createdAt === undefined) return unreadable('createdAt');
  if (lastSeenAt === undefined) return unreadable('lastSeenAt');
  if (expiresAt === undefined) return unreadable('expiresAt');
  const session = { handle, secretHash, epoch, data, createdAt, lastSeenAt, expiresAt };
  if (userId === undefined && meta === undefined && rotation === undefined) return session;
  const renewal = rotation && readRotation(bson.deserialize(rotation));
  return { ...session, ...readUser(fields, bson), ...(renewal && { renewal }) };
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
  const fields = readFields(bytes, bson);
  const { v, epoch, createdAt, lastSeenAt, expiresAt, data } = fields;
  const required = { handle, epoch, createdAt, lastSeenAt, expiresAt };
  const isReadable = v === FORMAT && Object.values(required).every((value) => value !== undefined);
  if (!isReadable) return undefined;
  return {
    ...(required as ListedSession),
    ...readUser(fields, bson),
    ...(data && { data }),
  };
}

function readUser({ userId, meta }: StoredFields, bson: BsonLibrary): Partial<ListedSession> {
  return {
    ...(userId !== undefined && { userId }),
    ...(meta && readMeta(bson.deserialize(meta, TOP_LEVEL_ONLY))),
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
