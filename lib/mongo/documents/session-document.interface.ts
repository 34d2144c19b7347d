import type { mongo } from 'mongoose';

/**
 * One session as MongoDB holds it. Query sessions with the model that the module registers; change them through the
 * session only, for the store's guarantees rest on how it writes.
 */
export interface SessionDocument {
  /** The session's public handle. */
  _id: mongo.ObjectId;
  /** SHA-256 of the token's secret. Queries leave it out unless they select it: `.select('+secretHash')`. */
  secretHash: mongo.Binary;
  /** Goes up when the secret changes for a change of privilege. */
  epoch: number;
  /** The session's data. Keys that MongoDB can't hold (`a.b`, `$x`, empty) are escaped with `%`. */
  data: Record<string, unknown>;
  /** Whose session it is; missing before a login. */
  userId?: unknown;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  meta?: {
    /** Set for a persistent session: how long it may stay idle, in milliseconds. */
    permanent?: number;
    /** When the user has last logged in with this session, and how (names of RFC 8176). */
    authenticatedAt?: Date;
    amr?: string[];
    /** Only with the option `devices`; what it was last used on. Texts, or with `encryption` encrypted values. */
    device?: { ip?: unknown; userAgent?: unknown; label?: unknown };
  };
  /** The renewal of the token. Queries leave it out unless they select it: `.select('+rotation')`. */
  rotation?: RotationDocument;
  /** Version of this format. */
  v: 1;
}

/** See `TokenRenewal`. */
export interface RotationDocument {
  revision: number;
  issuedAt: Date;
  next?: { secretHash: mongo.Binary; nonce: mongo.Binary; offeredAt: Date; sentAt: Date };
  previous?: { secretHash: mongo.Binary; until: Date };
  older?: mongo.Binary;
}

export type SessionCollection = mongo.Collection<SessionDocument>;
