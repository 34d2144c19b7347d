import type { Model, mongo } from 'mongoose';
import type { SessionCollection, SessionDocument } from '../documents/session-document.interface.js';

/** A collection of the driver, to be had when it is needed: its server may be away at first, its connection not yet open. */
export interface CollectionSource {
  /** The driver's classes (ObjectId, Binary, BSON) that go with the collection. */
  readonly library: typeof mongo;
  readonly collectionName: string;
  readonly model: Model<SessionDocument>;
  /** The collection, for one operation. Brings a client back whose first attempt to connect has failed. */
  collection(): SessionCollection | Promise<SessionCollection>;
  /** Closes what the source itself has opened. */
  stop(): Promise<void>;
}
