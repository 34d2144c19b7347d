import type { mongo } from 'mongoose';
import { clientOf } from './client-state.js';
import { MOST_UNDER_WAY } from './job-queue.js';
import { type Limits, READ_CONCERN, writeConcernOf } from './operation-runner.js';
import type { SessionCollection } from './session-document.interface.js';
import type { SessionUpdate } from './update-from-diff.js';

export interface Found {
  readonly documents: readonly Uint8Array[];
  /** False: there are more, which did not fit into one answer. */
  readonly areAll: boolean;
}

export interface UpdateStatement {
  readonly q: mongo.Document;
  readonly u: SessionUpdate | mongo.Document[];
  readonly collation?: { readonly locale: string };
}

/** Each update may fail by itself. */
export interface Updated {
  /** How many documents were found. */
  readonly found: number;
  /** Of those that failed, by their place. */
  readonly failures: ReadonlyMap<number, Error>;
}

interface FindReply {
  readonly cursor: { readonly id: unknown; readonly firstBatch: readonly Uint8Array[] };
}

interface UpdateReply {
  readonly n: number;
  readonly writeErrors?: readonly { readonly index: number; readonly code?: number; readonly errmsg?: string }[];
}

/** A session of the driver serves one command at a time; reads and updates have a queue each. */
const MOST_KEPT = 2 * MOST_UNDER_WAY;
/** What the driver shall leave undecoded. */
const FIELDS_AS_RAW = { firstBatch: true };
/** By which the driver knows what a second try may mend. */
const RETRYABLE = ['RetryableWriteError', 'PoolRequestedRetry'];

/**
 * The two commands that requests wait for, bare. The driver's own methods make a cursor or a list of operations for each, and a session,
 * which takes about as long as the rest; here sessions are used again. A bare command is not tried again by the driver: what its
 * methods would try once more is tried once more here.
 */
export class BareCommands {
  #collection: SessionCollection | undefined;
  #database: mongo.Db | undefined;
  readonly #kept: mongo.ClientSession[] = [];
  #takesNumbers = true;

  /** Reads as many as fit into one answer. `query`: the filter, and `limit` or `batchSize`. */
  async find(collection: SessionCollection, limits: Limits, query: mongo.Document): Promise<Found> {
    const database = this.#databaseOf(collection);
    const { signal, maxTimeMS } = limits;
    const command = { find: collection.collectionName, ...query, maxTimeMS, readConcern: READ_CONCERN };
    // Without a preference the primary is asked.
    const options = { signal, fieldsAsRaw: FIELDS_AS_RAW, session: this.#session(database) };
    const mayRetry = () => database.client.options.retryReads;
    const { cursor } = await this.#send<FindReply>(database, command, options, mayRetry);
    const areAll = Number(cursor.id) === 0;
    // The server would keep it for ten minutes, which is no reason to fail.
    const close = { killCursors: collection.collectionName, cursors: [cursor.id] };
    if (!areAll) await database.command(close, { signal }).catch(() => {});
    return { documents: cursor.firstBatch, areAll };
  }

  /**
   * Changes documents, in no order. The number of the command makes a second try safe, for the server does nothing twice:
   * https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md
   */
  async update(collection: SessionCollection, limits: Limits, updates: readonly UpdateStatement[]): Promise<Updated> {
    const database = this.#databaseOf(collection);
    const { signal, maxTimeMS } = limits;
    const session = this.#session(database);
    const isNumbered = database.client.options.retryWrites && this.#takesNumbers;
    const command = {
      update: collection.collectionName,
      updates,
      ordered: false,
      maxTimeMS,
      writeConcern: writeConcernOf(collection),
      ...(isNumbered && { txnNumber: BigInt(++session.serverSession.txnNumber) }),
    };
    const mayRetry = (error: unknown) => isNumbered && isRetryable(error);
    try {
      const { n, writeErrors = [] } = await this.#send<UpdateReply>(database, command, { signal, session }, mayRetry);
      return { found: n, failures: new Map(writeErrors.map((error) => [error.index, toError(error)])) };
    } catch (error) {
      if (!isNumbered || !isForNumber(error)) throw error;
      this.#takesNumbers = false;
      return this.update(collection, limits, updates);
    }
  }

  /** Gives the driver back what is its own. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#kept.splice(0).map((session) => session.endSession()));
  }

  async #send<Reply>(
    database: mongo.Db,
    command: mongo.Document,
    options: mongo.RunCommandOptions & Pick<Limits, 'signal'> & { session: mongo.ClientSession },
    mayRetry: (error: unknown) => boolean,
  ): Promise<Reply> {
    const { session, signal } = options;
    try {
      const reply = await database.command(command, options);
      this.#keep(session, database);
      return reply as Reply;
    } catch (error) {
      try {
        if (signal.aborted || !mayRetry(error)) throw error;
        // By now the driver knows that a connection is lost, or a primary none any more, and looks for another.
        return (await database.command(command, options)) as Reply;
      } finally {
        endSession(session);
      }
    }
  }

  #session(database: mongo.Db): mongo.ClientSession {
    let session = this.#kept.pop();
    // A client that was closed, and opened again, has ended them.
    while (session?.hasEnded) session = this.#kept.pop();
    return session ?? database.client.startSession({ causalConsistency: false });
  }

  /** Behind a load balancer it would hold a connection; and the app may have another client by now. */
  #keep(session: mongo.ClientSession, database: mongo.Db): void {
    const isOfUse = database === this.#database && !database.client.options.loadBalanced;
    if (isOfUse && this.#kept.length < MOST_KEPT) this.#kept.push(session);
    else endSession(session);
  }

  #databaseOf(collection: SessionCollection): mongo.Db {
    if (!this.#database || collection !== this.#collection) {
      void this.stop();
      this.#collection = collection;
      this.#database = clientOf(collection)!.db(collection.dbName);
      this.#takesNumbers = true;
    }
    return this.#database;
  }
}

function endSession(session: mongo.ClientSession): void {
  session.endSession().catch(() => {});
}

function isRetryable(error: unknown): boolean {
  return RETRYABLE.some((label) => (error as Partial<mongo.MongoError>).hasErrorLabel?.(label));
}

/** What a server says that is no member of a replica set; the driver too knows it by this. */
function isForNumber(error: unknown): boolean {
  const { code, message } = error as Partial<mongo.MongoError>;
  return code === 20 && message !== undefined && message.includes('Transaction numbers');
}

function toError({ code, errmsg }: { code?: number; errmsg?: string }): Error {
  return Object.assign(new Error(errmsg), { name: 'MongoServerError', code });
}
