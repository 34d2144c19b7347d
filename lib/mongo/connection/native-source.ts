import mongoose, { type Connection, type Model, type mongo } from 'mongoose';
import { SessionError } from '../../core/errors.js';
import type { CollectionSource } from './collection-source.interface.js';
import { hasFailedToConnect, isConnected } from './client-state.js';
import { refuseOldDriver } from './old-drivers.js';
import type { SessionCollection, SessionDocument } from '../documents/session-document.interface.js';
import { sessionModel } from '../documents/session.schema.js';
import type { CleanupMode } from '../maintenance/indexes.js';
import { makeUnprintable } from './unprintable.js';

/**
 * A collection of a driver's client, unknown to mongoose. For the model there is one mongoose
 * connection per client, which takes over the client once it is connected.
 */
export class NativeSource implements CollectionSource {
  readonly library = mongoose.mongo;
  readonly collectionName: string;
  readonly model: Model<SessionDocument>;
  readonly #client: mongo.MongoClient;
  readonly #collection: SessionCollection;
  readonly #closeAtStop: boolean;

  constructor(client: mongo.MongoClient, collection: mongo.Collection, cleanup: CleanupMode, closeAtStop = false) {
    refuseForeignMajor(client);
    refuseOldDriver(client);
    this.#client = client;
    this.#collection = collection as unknown as SessionCollection;
    this.#closeAtStop = closeAtStop;
    this.collectionName = collection.collectionName;
    if (closeAtStop) makeUnprintable(client, 'MongoClient');
    const database = modelConnectionOf(client).useDb(collection.dbName, { useCache: true });
    makeUnprintable(database, 'Connection');
    this.model = sessionModel(database, collection.collectionName, cleanup, (schema) => {
      if (!isOfOurCopy(client)) refuseQueries(schema);
    });
  }

  collection(): SessionCollection | Promise<SessionCollection> {
    if (hasFailedToConnect(this.#client)) return this.#client.connect().then(() => this.collection());
    return this.#collection;
  }

  async stop(): Promise<void> {
    if (this.#closeAtStop) await this.#client.close();
  }
}

/** Separate from the app's `mongoose`, whose `disconnect()` would close the client too. */
const modelConnections = new WeakMap<mongo.MongoClient, Connection>();

function modelConnectionOf(client: mongo.MongoClient): Connection {
  const existing = modelConnections.get(client);
  if (existing) return existing;
  const connection = new mongoose.Mongoose().createConnection();
  modelConnections.set(client, connection);
  // It contains the client's address, with the password.
  makeUnprintable(connection, 'Connection');
  if (isOfOurCopy(client)) {
    if (isConnected(client)) connection.setClient(client);
    else client.once('open', () => connection.setClient(client));
  }
  return connection;
}

/**
 * Another major version of the driver has another BSON, and neither accepts the other's ObjectIds.
 */
function refuseForeignMajor(client: mongo.MongoClient): void {
  // A session is the only thing with a BSON value that a client provides before it is connected.
  const session = client.startSession();
  try {
    mongoose.mongo.BSON.serialize({ id: session.id?.id });
  } catch (error) {
    throw new SessionError(
      'SESSION_OPTION_INVALID',
      "The client is of another major version of the MongoDB driver than mongoose's own, and their BSON types don't mix. " +
        "Create it from mongoose's copy (`new mongoose.mongo.MongoClient(...)`), install the same major, or give the option `uri`.",
      { cause: error },
    );
  } finally {
    session.endSession().catch(() => {});
  }
}

function isOfOurCopy(client: mongo.MongoClient): boolean {
  return client instanceof mongoose.mongo.MongoClient;
}

/** Sessions work with a client of another copy of the driver; mongoose's models don't. */
function refuseQueries(schema: mongoose.Schema<SessionDocument>): void {
  schema.set('bufferCommands', false);
  schema.pre(/.*/, refuse);
  schema.pre('aggregate', refuse);
}

function refuse(): never {
  throw new SessionError(
    'SESSION_OPTION_INVALID',
    "The sessions' model needs a client of mongoose's own copy of the MongoDB driver: create it with " +
      '`new mongoose.mongo.MongoClient(...)`, or remove the second copy of the driver (`npm dedupe`).',
  );
}
