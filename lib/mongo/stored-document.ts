import type { mongo } from 'mongoose';
import type { SessionHandle } from '../core/session/session-token.js';
import type { StoredSession } from '../core/store/session-store.interface.js';
import { decodeExactly, type BsonLibrary } from './bson-codec.js';
import { readRotation, toRotationDocument } from './rotation-document.js';
import type { SessionDocument } from './session-document.interface.js';

const FORMAT = 1;
const HASH_BYTES = 32;

export function idOf(handle: SessionHandle, { ObjectId }: typeof mongo): mongo.ObjectId {
  return ObjectId.createFromHexString(handle);
}

/** The document of a new session. */
export function toDocument(session: StoredSession, library: typeof mongo): SessionDocument {
  return {
    _id: idOf(session.handle, library),
    secretHash: new library.Binary(session.secretHash),
    epoch: session.epoch,
    data: decodeExactly(library.BSON, session.data),
    ...(session.userId !== undefined && { userId: session.userId }),
    createdAt: new Date(session.createdAt),
    lastSeenAt: new Date(session.lastSeenAt),
    expiresAt: new Date(session.expiresAt),
    ...withMeta(session),
    ...(session.rotation && { rotation: toRotationDocument(session.rotation, library) }),
    v: FORMAT,
  };
}

function withMeta({ permanent, authenticatedAt, amr }: StoredSession): Pick<SessionDocument, 'meta'> {
  const meta = {
    ...(permanent !== undefined && { permanent }),
    ...(authenticatedAt !== undefined && { authenticatedAt: new Date(authenticatedAt) }),
    ...(amr && { amr: [...amr] }),
  };
  return Object.keys(meta).length > 0 ? { meta } : {};
}

/** The session in a document's bytes, its data undecoded; or the name of the field that no session of ours has like this. */
export function readDocument(bytes: Uint8Array, bson: BsonLibrary): StoredSession | { unreadable: string } {
  const document = bson.deserialize(bytes, { raw: true, promoteLongs: false });
  const _id = document['_id'] as Partial<mongo.ObjectId> | undefined;
  const data: unknown = document['data'];
  const meta: unknown = document['meta'];
  const secretHash = readHash(document['secretHash']);
  const epoch = Number(document['epoch']);
  const createdAt = readTime(document['createdAt']);
  const lastSeenAt = readTime(document['lastSeenAt']);
  const expiresAt = readTime(document['expiresAt']);

  if (document['v'] !== FORMAT) return { unreadable: 'v' };
  if (_id?._bsontype !== 'ObjectId') return { unreadable: '_id' };
  if (!secretHash) return { unreadable: 'secretHash' };
  if (!Number.isSafeInteger(epoch)) return { unreadable: 'epoch' };
  if (!(data instanceof Uint8Array)) return { unreadable: 'data' };
  if (createdAt === undefined) return { unreadable: 'createdAt' };
  if (lastSeenAt === undefined) return { unreadable: 'lastSeenAt' };
  if (expiresAt === undefined) return { unreadable: 'expiresAt' };

  const userId: unknown = document['userId'];
  const rotation: unknown = document['rotation'];
  return {
    handle: _id.toHexString!(),
    secretHash,
    epoch,
    data,
    createdAt,
    lastSeenAt,
    expiresAt,
    // A document as the user's id was left undecoded too.
    ...(userId !== undefined && { userId: userId instanceof Uint8Array ? bson.deserialize(userId) : userId }),
    ...(meta instanceof Uint8Array && readMeta(bson.deserialize(meta))),
    ...(rotation instanceof Uint8Array && withRotation(readRotation(bson.deserialize(rotation)))),
  };
}

function readMeta(meta: Record<string, unknown>): Pick<StoredSession, 'permanent' | 'authenticatedAt' | 'amr'> {
  const permanent = Number(meta['permanent']);
  const authenticatedAt = readTime(meta['authenticatedAt']);
  const amr: unknown = meta['amr'];
  return {
    ...(permanent > 0 && { permanent }),
    ...(authenticatedAt !== undefined && { authenticatedAt }),
    ...(Array.isArray(amr) && { amr: amr.map(String) }),
  };
}

function withRotation(rotation: StoredSession['rotation']): Pick<StoredSession, 'rotation'> {
  return rotation ? { rotation } : {};
}

function readHash(value: unknown): Uint8Array | undefined {
  const { _bsontype, buffer, position } = (value ?? {}) as Partial<mongo.Binary>;
  return _bsontype === 'Binary' && position === HASH_BYTES ? buffer?.subarray(0, HASH_BYTES) : undefined;
}

function readTime(value: unknown): number | undefined {
  const time = value instanceof Date ? value.getTime() : NaN;
  return Number.isNaN(time) ? undefined : time;
}
