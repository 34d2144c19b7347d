import mongoose, { type Model } from 'mongoose';
import type { SourceOptions } from '../core/options/resolved-options.interface.js';
import type { BsonCodec } from '../core/data/session-codec.interface.js';
import type { OldDocuments } from '../core/store/old-documents.interface.js';
import type { SessionStore } from '../core/store/session-store.interface.js';
import { MongoBsonCodec } from './documents/bson-codec.js';
import type { CollectionSource } from './connection/collection-source.interface.js';
import { connectionSource } from './connection/connection-source.js';
import { openOldDocuments } from './old-documents.js';
import { MongoSessionStore, type MongoSessionStoreOptions } from './mongo-session.store.js';
import type { SessionDocument } from './documents/session-document.interface.js';

export interface MongoStoreOptions extends Omit<MongoSessionStoreOptions, 'source'> {
  /** The options that say where sessions are. */
  readonly source: SourceOptions;
  /** The app's own mongoose connection, for when `source` names none. */
  readonly connection?: unknown;
}

/** What the adapter gives to a registration. */
export interface MongoStoreParts {
  readonly store: SessionStore;
  readonly codec: BsonCodec;
  /** For the app's own queries. Undefined with a store of your own. */
  readonly model: Model<SessionDocument> | undefined;
  /**
   * Opens the collection of another session library. Undefined: nothing may connect to a database.
   */
  readonly openDocuments?: (collection: unknown) => OldDocuments;
}

/**
 * Creates the store for these options. Doesn't connect yet; throws `SESSION_OPTION_INVALID` for
 * what can never work.
 */
export function createMongoStore({ source: given, connection, ...options }: MongoStoreOptions): MongoStoreParts {
  const { timeoutMs, log } = options;
  const opener = (from?: CollectionSource) => (collection: unknown) =>
    openOldDocuments(collection, from, { timeoutMs, log });
  if (given.store) {
    const codec = new MongoBsonCodec(mongoose.mongo.BSON);
    return { store: given.store, codec, model: undefined, openDocuments: opener() };
  }
  const source = connectionSource(given, connection, options.cleanup);
  return {
    store: new MongoSessionStore({ ...options, source }),
    codec: new MongoBsonCodec(source.library.BSON),
    model: source.model,
    openDocuments: opener(source),
  };
}
