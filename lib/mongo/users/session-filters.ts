import type { mongo } from 'mongoose';
import { type Burial, TOMBSTONE_EPOCH } from '../../core/store/moving-store.interface.js';
import type { SessionOwner } from '../../core/store/user-session-store.interface.js';
import { BINARY_COLLATION } from '../commands/document-updates.js';
import type { Limits } from '../commands/operation-runner.js';
import { PLAIN_ANSWERS } from '../documents/bson-codec.js';
import type { SessionDocument } from '../documents/session-document.interface.js';

/** Matches the id as plain data: no operators, and null doesn't match a missing field. */
export function ofUser(userId: unknown): mongo.Document {
  return { $eq: userId, $exists: true };
}

export function ownerFilter(owner: SessionOwner): mongo.Filter<SessionDocument> {
  const { userId, epoch, expiresAt, authenticatedBefore, notMovedAfter } = owner;
  return {
    ...(userId !== undefined && { userId: ofUser(userId) }),
    ...(epoch !== undefined && { epoch }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    // Not `$lt`: it doesn't match a missing field.
    ...(authenticatedBefore !== undefined && {
      'meta.authenticatedAt': { $not: { $gte: new Date(authenticatedBefore) } },
    }),
    ...(notMovedAfter !== undefined && { 'meta.movedAt': { $not: { $gt: new Date(notMovedAfter) } } }),
  };
}

/** Tombstones go when their time is over: who knows it has read one that had expired. */
export function takeFilter(owner: SessionOwner): mongo.Filter<SessionDocument> {
  return { ...(owner.expiresAt === undefined && { epoch: { $ne: TOMBSTONE_EPOCH } }), ...ownerFilter(owner) };
}

export function burialFilter(burial: Burial): mongo.Filter<SessionDocument> {
  return {
    epoch: { $gte: 0 },
    'meta.movedAt': { $gt: new Date(burial.movedAfter) },
    ...(burial.ifEmpty && { data: {}, userId: { $exists: false } }),
    ...ownerFilter(burial),
  };
}

/** For reads by the driver's own methods, whose answers the app's options must not change. */
export function readOptions({ signal, maxTimeMS }: Limits) {
  return { ...PLAIN_ANSWERS, signal, maxTimeMS, readPreference: 'primary', collation: BINARY_COLLATION } as const;
}
