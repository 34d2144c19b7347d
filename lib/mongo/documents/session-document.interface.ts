import type { mongo } from 'mongoose';

/**
 * One session in MongoDB. Query sessions with the model that the module registers, but change them
 * only through the session: the store's guarantees depend on how it writes.
 */
export interface SessionDocument {
  /** The session's public handle. */
  _id: mongo.ObjectId;
  /**
   * SHA-256 of the token's secret. Queries omit it unless they select it: `.select('+secretHash')`.
   */
  secretHash: mongo.Binary;
  /**
   * Goes up with each login and regeneration. -1: a tombstone, which is no session any more
   * (`movingIn`).
   */
  epoch: number;
  /** The session's data. Keys that MongoDB can't hold (`a.b`, `$x`, empty) are escaped with `%`. */
  data: Record<string, unknown>;
  /** The user whose session it is; missing before a login. */
  userId?: unknown;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  meta?: {
    /** Set for a permanent session: its idle time in milliseconds. */
    permanent?: number;
    /** When and how the user last logged in with this session (names of RFC 8176). */
    authenticatedAt?: Date;
    amr?: string[];
    /**
     * The device of its last use, with the option `devices`. Texts, or with `encryption` encrypted
     * values.
     */
    device?: { ip?: unknown; userAgent?: unknown; label?: unknown };
    /** When it was taken over from another session library (`movingIn`). */
    movedAt?: Date;
  };
  /** The renewal of the token. Queries omit it unless they select it: `.select('+rotation')`. */
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
