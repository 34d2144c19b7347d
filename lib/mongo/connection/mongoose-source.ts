import type { Connection, Model, mongo } from 'mongoose';
import { SessionError, loggedErrors } from '../../core/errors.js';
import { hasFailedToConnect } from './client-state.js';
import type { CollectionSource } from './collection-source.interface.js';
import { refuseOldMongoose } from './old-drivers.js';
import type { SessionCollection, SessionDocument } from '../documents/session-document.interface.js';
import { sessionModel } from '../documents/session.schema.js';
import type { CleanupMode } from '../maintenance/indexes.js';
import { unavailable } from '../store-error.js';

interface ConnectionInternals {
  /** The connection whose `useDb()` has made this one. */
  readonly _parent?: Connection;
  /** The database of a connection that is not open yet. */
  readonly $dbName?: string;
}

/**
 * A collection of a mongoose connection in any state. Operations use the driver's client below,
 * which has queues and retries of its own.
 */
export class MongooseSource implements CollectionSource {
  readonly library: typeof mongo;
  readonly model: Model<SessionDocument>;
  readonly #connection: Connection;
  /** The connection that was opened: one made by `useDb()` belongs to another one. */
  readonly #opened: Connection;
  #client: mongo.MongoClient | undefined;
  #collection: SessionCollection | undefined;
  #failure: SessionError | undefined;

  constructor(
    connection: Connection,
    readonly collectionName: string,
    cleanup: CleanupMode,
  ) {
    refuseOldMongoose(connection.base.version);
    this.#connection = connection;
    this.#opened = openedConnection(connection);
    this.library = connection.base.mongo;
    this.model = sessionModel(connection, collectionName, cleanup);
    // Nobody may wait for the first attempt of a lazy connection. Its failure must not end the
    // process.
    this.#opened.asPromise().catch(() => {});
  }

  collection(): SessionCollection {
    const client = this.#opened.getClient() as mongo.MongoClient | undefined;
    if (!client) throw unavailable('The mongoose connection has not been opened: call its openUri()');
    if (hasFailedToConnect(client)) throw this.#failedToConnect();
    // A connection that was closed and opened again has another client.
    if (!this.#collection || client !== this.#client) {
      this.#client = client;
      this.#failure = undefined;
      this.#collection = client.db(this.#databaseName).collection<SessionDocument>(this.collectionName);
    }
    return this.#collection;
  }

  /** The connection belongs to the app. */
  async stop(): Promise<void> {}

  /**
   * Undefined: the database of the connection string, while the connection does not know it yet.
   */
  get #databaseName(): string | undefined {
    const { name, $dbName } = this.#connection as Connection & ConnectionInternals;
    return name ?? $dbName;
  }

  /** The same error each time, so that it is logged once, not for each request. */
  #failedToConnect(): SessionError {
    if (this.#failure) loggedErrors.add(this.#failure);
    return (this.#failure ??= new SessionError('SESSION_STORE_FAILED', FAILED_TO_CONNECT));
  }
}

const FAILED_TO_CONNECT =
  'The mongoose connection could not connect when it was opened, and does not try again. Call its openUri() once more, or restart the app.';

function openedConnection(connection: Connection): Connection {
  const { _parent: parent } = connection as Connection & ConnectionInternals;
  return parent ? openedConnection(parent) : connection;
}
