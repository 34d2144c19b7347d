import type { mongo } from 'mongoose';
import { clientOf } from './client-state.js';
import { type Limits, READ_CONCERN } from './operation-runner.js';
import type { SessionCollection } from './session-document.interface.js';

/** What the driver shall leave undecoded. */
const FIELDS_AS_RAW = { firstBatch: true };
/** A session of the driver serves one command at a time, and so many are under way. */
const MOST_KEPT = 2;

interface FindReply {
  readonly cursor: { readonly firstBatch: readonly Uint8Array[] };
}

/**
 * Reads single documents. `findOne` makes a cursor and a session of the driver for each, a seventh of what it takes; so this is the
 * bare command, and sessions are used again. As the driver does with its own reads, what fails is tried once more.
 */
export class SingleReads {
  #collection: SessionCollection | undefined;
  #database: mongo.Db | undefined;
  readonly #kept: mongo.ClientSession[] = [];

  /** The document's bytes; undefined when there is none. */
  async read(collection: SessionCollection, limits: Limits, _id: mongo.ObjectId): Promise<Uint8Array | undefined> {
    const database = this.#databaseOf(collection);
    const command = {
      find: collection.collectionName,
      filter: { _id },
      limit: 1,
      singleBatch: true,
      maxTimeMS: limits.maxTimeMS,
      readConcern: READ_CONCERN,
    };
    let tries = database.client.options.retryReads ? 2 : 1;
    for (;;) {
      const session = this.#kept.pop() ?? database.client.startSession({ causalConsistency: false });
      try {
        // Without a preference the primary is asked.
        const options = { signal: limits.signal, fieldsAsRaw: FIELDS_AS_RAW, session };
        const { cursor } = (await database.command(command, options)) as unknown as FindReply;
        this.#keep(session, database);
        return cursor.firstBatch[0];
      } catch (error) {
        endSession(session);
        tries--;
        // By then the driver knows that a connection is lost, or a primary none any more, and looks for another.
        if (tries === 0 || limits.signal.aborted) throw error;
      }
    }
  }

  /** Gives the driver back what is its own. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#kept.splice(0).map((session) => session.endSession()));
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
    }
    return this.#database;
  }
}

function endSession(session: mongo.ClientSession): void {
  session.endSession().catch(() => {});
}
