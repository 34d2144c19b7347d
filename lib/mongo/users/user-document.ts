import type { mongo } from 'mongoose';
import type { StoredUser } from '../../core/store/seat-store.interface.js';

/** The document of one user. */
export interface UserDocument {
  /** The user's id; `true` stands for everybody. */
  _id: unknown;
  seats?: mongo.ObjectId[];
  revision: mongo.ObjectId;
  revokedAt?: Date;
  spared?: mongo.ObjectId;
  expiresAt: Date;
  /** Version of this format. */
  v: 1;
}

export function toUserDocument(user: StoredUser, { ObjectId }: typeof mongo): UserDocument {
  const { userId, seats, revision, revokedAt, spared, expiresAt } = user;
  const idOf = (hex: string) => ObjectId.createFromHexString(hex);
  return {
    _id: userId,
    ...(seats && { seats: seats.map(idOf) }),
    revision: idOf(revision),
    ...(revokedAt !== undefined && { revokedAt: new Date(revokedAt) }),
    ...(spared !== undefined && { spared: idOf(spared) }),
    expiresAt: new Date(expiresAt),
    v: 1,
  };
}

/**
 * The user in a document, or the name of a field that has an unexpected type. Nothing is guessed: a
 * limit that trusts a wrong list of seats is no limit.
 */
export function readUserDocument(document: Readonly<Record<string, unknown>>): StoredUser | { unreadable: string } {
  const { _id: userId, seats, revision, revokedAt, spared, expiresAt, v } = document;
  if (v !== 1) return { unreadable: 'v' };
  if (seats !== undefined && !(Array.isArray(seats) && seats.every(isObjectId))) return { unreadable: 'seats' };
  if (!isObjectId(revision)) return { unreadable: 'revision' };
  if (revokedAt !== undefined && !isDate(revokedAt)) return { unreadable: 'revokedAt' };
  if (spared !== undefined && !isObjectId(spared)) return { unreadable: 'spared' };
  if (!isDate(expiresAt)) return { unreadable: 'expiresAt' };
  return {
    userId,
    ...(seats && { seats: seats.map((seat) => seat.toHexString()) }),
    revision: revision.toHexString(),
    ...(revokedAt && { revokedAt: revokedAt.getTime() }),
    ...(spared && { spared: spared.toHexString() }),
    expiresAt: expiresAt.getTime(),
  };
}

/** By name, not by class: the client may be of another copy of the driver. */
export function isObjectId(value: unknown): value is mongo.ObjectId {
  return (value as { _bsontype?: unknown } | null)?._bsontype === 'ObjectId';
}

export function isDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
