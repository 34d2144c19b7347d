import type { Model, mongo } from 'mongoose';
import type { SessionCollection, SessionDocument } from '../documents/session-document.interface.js';

/**
 * A collection of the driver, available when it is needed: its server may be down at first, or its
 * connection not yet open.
 */
export interface CollectionSource {
  /** The driver's classes (ObjectId, Binary, BSON) that belong to the collection. */
  readonly library: typeof mongo;
  readonly collectionName: string;
  readonly model: Model<SessionDocument>;
  /** The collection for one operation. Reconnects a client whose first attempt has failed. */
  collection(): SessionCollection | Promise<SessionCollection>;
  /** Closes what the source has opened. */
  stop(): Promise<void>;
}
