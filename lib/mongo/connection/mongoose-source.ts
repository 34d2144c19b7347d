import type { Connection, ConnectOptions, Model, mongo } from 'mongoose';
import { hasFailedToConnect } from './client-state.js';
import type { CollectionSource } from './collection-source.interface.js';
import type { SessionCollection, SessionDocument } from '../documents/session-document.interface.js';
import { sessionModel } from '../documents/session.schema.js';
import { unavailable } from '../store-error.js';

/** What mongoose keeps of the call that opened a connection, so that the same call can be made again. */
interface ConnectionInternals {
  readonly _parent?: Connection;
  readonly _connectionString?: string;
  readonly _connectionOptions?: ConnectOptions;
  readonly $dbName?: string;
}

/**
 * A collection of a mongoose connection, in whatever state that is. Operations go to the driver's client underneath, which
 * has queues and retries of its own.
 */
export class MongooseSource implements CollectionSource {
  readonly library: typeof mongo;
  readonly model: Model<SessionDocument>;
  readonly #connection: Connection;
  /** The connection that was opened: one of `useDb()` rests on another one. */
  readonly #opened: Connection & ConnectionInternals;
  #client: mongo.MongoClient | undefined;
  #collection: SessionCollection | undefined;

  constructor(
    connection: Connection,
    readonly collectionName: string,
  ) {
    this.#connection = connection;
    this.#opened = openedConnection(connection);
    this.library = connection.base.mongo;
    this.model = sessionModel(connection, collectionName);
    // Nobody may be waiting for a lazy connection's first attempt; its failure must not end the process.
    this.#opened.asPromise().catch(() => {});
  }

  collection(): SessionCollection {
    if (this.#clientInUse && hasFailedToConnect(this.#clientInUse)) this.#reopen();
    const client = this.#clientInUse;
    if (!client) throw unavailable('The mongoose connection has not been opened: call its openUri()');
    // A connection that is closed and opened again has another client.
    if (!this.#collection || client !== this.#client) {
      this.#client = client;
      this.#collection = client.db(this.#databaseName).collection<SessionDocument>(this.collectionName);
    }
    return this.#collection;
  }

  /** The connection belongs to the app. */
  async stop(): Promise<void> {}

  get #clientInUse(): mongo.MongoClient | undefined {
    return this.#opened.getClient();
  }

  /** Undefined for the one that the connection string names, as long as the connection does not know it yet. */
  get #databaseName(): string | undefined {
    const { name, $dbName } = this.#connection as Connection & ConnectionInternals;
    return name ?? $dbName;
  }

  /** Opens the connection once more as the app has opened it, so that the app's own models recover too. */
  #reopen(): void {
    const { _connectionString: uri, _connectionOptions: options, $dbName: dbName } = this.#opened;
    const opening =
      uri !== undefined && options
        ? this.#opened.openUri(uri, { ...options, ...(dbName !== undefined && { dbName }) })
        : this.#opened.getClient().connect();
    // Whoever needs the connection hears of a failure by its own operation.
    opening.catch(() => {});
  }
}

function openedConnection(connection: Connection): Connection {
  const { _parent: parent } = connection as Connection & ConnectionInternals;
  return parent ? openedConnection(parent) : connection;
}
