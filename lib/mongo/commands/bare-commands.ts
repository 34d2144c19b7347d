import type { mongo } from 'mongoose';
import { clientOf } from '../connection/client-state.js';
import { type Limits, READ_CONCERN, writeConcernOf } from './operation-runner.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import { isRetryableRead, isRetryableWrite, refuseSecondary, SilentConnectionError } from '../store-error.js';
import type { SessionUpdate } from '../documents/update-from-diff.js';

export interface Found {
  readonly documents: readonly Uint8Array[];
  /** False: not all documents fitted into the response. */
  readonly isComplete: boolean;
}

export interface UpdateStatement {
  readonly q: mongo.Document;
  readonly u: SessionUpdate | mongo.Document[];
  readonly collation?: { readonly locale: string };
}

/** Each update can fail by itself. */
export interface Updated {
  /** How many documents matched. */
  readonly found: number;
  /** The errors of failed updates, by their index. */
  readonly failures: ReadonlyMap<number, Error>;
}

interface FindReply {
  readonly cursor: { readonly id: unknown; readonly firstBatch: readonly Uint8Array[] };
}

interface UpdateReply {
  readonly n: number;
  readonly writeErrors?: readonly { readonly index: number; readonly code?: number; readonly errmsg?: string }[];
}

/**
 * A driver session serves one command at a time. With a server that is near, two are in flight, of
 * reads and of updates.
 */
const MAX_POOLED_SESSIONS = 4;
/** What the driver leaves undecoded. */
const FIELDS_AS_RAW = { firstBatch: true };

/**
 * The two commands that requests share, without the driver's helpers: those create a cursor or a
 * list of operations and a session for each command, which takes about as long as the rest. Here
 * sessions are reused. The driver does not retry bare commands, so they are retried here, by the
 * same rules.
 */
export class BareCommands {
  #collection: SessionCollection | undefined;
  #database: mongo.Db | undefined;
  readonly #pooled: mongo.ClientSession[] = [];
  #supportsRetryableWrites = true;

  /** Reads the documents that fit into one response. `query`: the filter and `batchSize`. */
  async find(collection: SessionCollection, limits: Limits, query: mongo.Document): Promise<Found> {
    const database = this.#databaseOf(collection);
    const { maxTimeMS } = limits;
    const command = { find: collection.collectionName, ...query, maxTimeMS, readConcern: READ_CONCERN };
    // The primary is asked by default.
    const options = { fieldsAsRaw: FIELDS_AS_RAW, session: this.#session(database) };
    const mayRetry = database.client.options.retryReads;
    const isRetryable = (error: unknown) => mayRetry && isRetryableRead(error);
    limits.mayRepeat = mayRetry;
    const { cursor } = await this.#send<FindReply>(database, command, limits, options, isRetryable);
    refuseSecondary(database.client);
    const isComplete = Number(cursor.id) === 0;
    // The server would keep the cursor for ten minutes, which is no reason to fail.
    const close = { killCursors: collection.collectionName, cursors: [cursor.id] };
    if (!isComplete) await database.command(close, { signal: limits.signal }).catch(() => {});
    return { documents: cursor.firstBatch, isComplete };
  }

  /**
   * Updates documents, unordered. The command's number makes a retry safe, because the server
   * applies it once:
   * https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md
   */
  async update(collection: SessionCollection, limits: Limits, updates: readonly UpdateStatement[]): Promise<Updated> {
    const database = this.#databaseOf(collection);
    const session = this.#session(database);
    const isNumbered = database.client.options.retryWrites && this.#supportsRetryableWrites;
    const command = {
      update: collection.collectionName,
      updates,
      ordered: false,
      maxTimeMS: limits.maxTimeMS,
      writeConcern: writeConcernOf(collection),
      ...(isNumbered && { txnNumber: BigInt(++session.serverSession.txnNumber) }),
    };
    const isRetryable = (error: unknown) => isNumbered && isRetryableWrite(error);
    limits.mayRepeat = isNumbered;
    try {
      const { n, writeErrors = [] } = await this.#send<UpdateReply>(
        database,
        command,
        limits,
        { session },
        isRetryable,
      );
      return { found: n, failures: new Map(writeErrors.map((error) => [error.index, toError(error)])) };
    } catch (error) {
      if (!isNumbered || !isRetryUnsupported(error)) throw error;
      this.#supportsRetryableWrites = false;
      return this.update(collection, limits, updates);
    }
  }

  /** Ends the driver sessions. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#pooled.splice(0).map((session) => session.endSession()));
  }

  async #send<Reply>(
    database: mongo.Db,
    command: mongo.Document,
    limits: Limits,
    options: mongo.RunCommandOptions & { session: mongo.ClientSession },
    isRetryable: (error: unknown) => boolean,
  ): Promise<Reply> {
    let failures = 0;
    for (;;) {
      const { signal } = limits;
      try {
        const reply = await database.command(command, { ...options, signal });
        if (failures === 0) this.#keep(options.session, database);
        else endSession(options.session);
        return reply as Reply;
      } catch (error) {
        failures++;
        const isSilent = error instanceof SilentConnectionError;
        const mayRetry = failures === 1 && !signal.aborted && isRetryable(error);
        // By now the driver knows that the connection is lost, or that there is another primary.
        if (isSilent || mayRetry) continue;
        endSession(options.session);
        throw error;
      }
    }
  }

  #session(database: mongo.Db): mongo.ClientSession {
    let session = this.#pooled.pop();
    // A client that was closed and opened again has ended them.
    while (session?.hasEnded) session = this.#pooled.pop();
    return session ?? database.client.startSession({ causalConsistency: false });
  }

  /**
   * Behind a load balancer it would hold a connection, and the app may use another client by now.
   */
  #keep(session: mongo.ClientSession, database: mongo.Db): void {
    const isOfUse = database === this.#database && !database.client.options.loadBalanced;
    if (isOfUse && this.#pooled.length < MAX_POOLED_SESSIONS) this.#pooled.push(session);
    else endSession(session);
  }

  #databaseOf(collection: SessionCollection): mongo.Db {
    if (!this.#database || collection !== this.#collection) {
      void this.stop();
      this.#collection = collection;
      this.#database = clientOf(collection)!.db(collection.dbName);
      this.#supportsRetryableWrites = true;
    }
    return this.#database;
  }
}

function endSession(session: mongo.ClientSession): void {
  session.endSession().catch(() => {});
}

/**
 * The error of a server that is no member of a replica set. The driver recognises it in the same
 * way.
 */
function isRetryUnsupported(error: unknown): boolean {
  const { code, message } = error as Partial<mongo.MongoError>;
  return code === 20 && message !== undefined && message.includes('Transaction numbers');
}

function toError({ code, errmsg }: { code?: number; errmsg?: string }): Error {
  return Object.assign(new Error(errmsg), { name: 'MongoServerError', code });
}
