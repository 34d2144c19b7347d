import type { mongo } from 'mongoose';
import type { SessionHandle } from '../../core/token/session-token.js';
import type { StoredSession, WriteTarget } from '../../core/store/session-store.interface.js';
import { decodeExactly } from './bson-codec.js';
import { toRotationDocument } from './rotation-document.js';
import type { SessionDocument } from './session-document.interface.js';

/** See `SessionDocument.v`. */
export const FORMAT = 1;

export function idOf(handle: SessionHandle, { ObjectId }: typeof mongo): mongo.ObjectId {
  return ObjectId.createFromHexString(handle);
}

/**
 * Where the twelve bytes of `_id` are: it is the first element of every document that MongoDB
 * stores.
 */
const ID_AT = 9;
const ID_BYTES = 12;

/** The handle in the bytes of a document whose `_id` is known to be an ObjectId. */
export function handleIn(document: Uint8Array): SessionHandle {
  return Buffer.from(document.buffer, document.byteOffset + ID_AT, ID_BYTES).toString('hex');
}

/** The filter for the document of a write. */
export function filterOf(
  { handle, epoch, now, seenAfter }: WriteTarget,
  library: typeof mongo,
): mongo.Filter<SessionDocument> {
  return {
    _id: idOf(handle, library),
    epoch,
    expiresAt: { $gt: new Date(now) },
    ...(seenAfter !== undefined && { lastSeenAt: { $gt: new Date(seenAfter) } }),
  };
}

/** The same for what was read. */
export function isTarget(
  found: { epoch: number; expiresAt: Date | number; lastSeenAt: Date | number } | undefined,
  { epoch, now, seenAfter = -Infinity }: WriteTarget,
): boolean {
  return found?.epoch === epoch && Number(found.expiresAt) > now && Number(found.lastSeenAt) > seenAfter;
}

/**
 * The `find` for these documents. It asks for one more than there can be, so the server knows at
 * once that these are all. The server finds a single `_id` without planning the query.
 */
export function queryOf(
  handles: readonly SessionHandle[],
  library: typeof mongo,
): { filter: mongo.Document; batchSize: number } {
  const ids = handles.map((handle) => idOf(handle, library));
  return { filter: { _id: ids.length === 1 ? ids[0] : { $in: ids } }, batchSize: ids.length + 1 };
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
    ...withMeta(session, library),
    ...(session.renewal && { rotation: toRotationDocument(session.renewal, library) }),
    v: FORMAT,
  };
}

function withMeta(session: StoredSession, { BSON }: typeof mongo): Pick<SessionDocument, 'meta'> {
  const { permanent, authenticatedAt, amr, device, movedAt } = session;
  const meta = {
    ...(permanent !== undefined && { permanent }),
    ...(authenticatedAt !== undefined && { authenticatedAt: new Date(authenticatedAt) }),
    ...(amr && { amr: [...amr] }),
    ...(device && { device: decodeExactly(BSON, device) }),
    ...(movedAt !== undefined && { movedAt: new Date(movedAt) }),
  };
  return Object.keys(meta).length > 0 ? { meta } : {};
}
