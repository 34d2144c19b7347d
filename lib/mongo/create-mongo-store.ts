import mongoose, { type Model } from 'mongoose';
import type { SourceOptions } from '../core/options/resolved-options.interface.js';
import type { BsonCodec } from '../core/data/session-codec.interface.js';
import type { SessionStore } from '../core/store/session-store.interface.js';
import { MongoBsonCodec } from './documents/bson-codec.js';
import { connectionSource } from './connection/connection-source.js';
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
}

/**
 * Creates the store for these options. Doesn't connect yet; throws `SESSION_OPTION_INVALID` for
 * what can never work.
 */
export function createMongoStore({ source: given, connection, ...options }: MongoStoreOptions): MongoStoreParts {
  if (given.store) return { store: given.store, codec: new MongoBsonCodec(mongoose.mongo.BSON), model: undefined };
  const source = connectionSource(given, connection, options.cleanup);
  return {
    store: new MongoSessionStore({ ...options, source }),
    codec: new MongoBsonCodec(source.library.BSON),
    model: source.model,
  };
}
