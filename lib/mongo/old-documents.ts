import type { Connection, mongo } from 'mongoose';
import { SessionError, loggedErrors } from '../core/errors.js';
import { optionError } from '../core/option-checks.js';
import type { OldDocuments } from '../core/store/old-documents.interface.js';
import { isUnauthorized } from '../core/store/unauthorized.js';
import { withDeadline } from './commands/deadline.js';
import { READ_CONCERN, writeConcernOf } from './commands/operation-runner.js';
import { clientOf } from './connection/client-state.js';
import type { CollectionSource } from './connection/collection-source.interface.js';
import { PLAIN_ANSWERS, PLAIN_VALUES } from './documents/bson-codec.js';
import type { StoreLog } from './store-log.interface.js';

type Collection = mongo.Collection;

/** What the database user has to be allowed to do there. */
const ACTIONS = ['find', 'remove'];

export interface OldDocumentsOptions {
  readonly collectionName: string;
  readonly collection: () => Collection | Promise<Collection>;
  /** Deadline of each operation, in milliseconds. */
  readonly timeoutMs: number;
  readonly log: StoreLog;
}

/** The collection of another session library, in MongoDB. */
export class MongoOldDocuments implements OldDocuments {
  readonly collectionName: string;
  #hasReported = false;

  constructor(private readonly options: OldDocumentsOptions) {
    this.collectionName = options.collectionName;
  }

  async find(field: string, id: unknown): Promise<Record<string, unknown> | undefined> {
    const document = await this.#run('find', (collection, signal) =>
      collection.findOne(
        { [field]: { $eq: id } },
        {
          ...PLAIN_VALUES,
          ...{ raw: false, useBigInt64: false, signal, maxTimeMS: this.options.timeoutMs },
          ...{ readPreference: 'primary', readConcern: READ_CONCERN },
        },
      ),
    );
    return document ?? undefined;
  }

  async remove(field: string, id: unknown): Promise<void> {
    await this.#run('remove', (collection, signal) => {
      const writeConcern = writeConcernOf(collection as unknown as Parameters<typeof writeConcernOf>[0]);
      const limits = { signal, maxTimeMS: this.options.timeoutMs };
      return collection.deleteOne({ [field]: { $eq: id } }, { ...PLAIN_ANSWERS, ...limits, writeConcern });
    });
  }

  /**
   * What fails has one line in the log, until it works again: each request with an old cookie would
   * write one.
   */
  async #run<T>(action: string, operation: (collection: Collection, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeoutMs, log, collection } = this.options;
    try {
      const result = await withDeadline(`${action} in "${this.collectionName}"`, timeoutMs, async (signal) =>
        operation(await collection(), signal),
      );
      this.#hasReported = false;
      return result;
    } catch (error) {
      const failure = isUnauthorized(error) ? this.#missingRight(error) : (error as Error);
      if (!this.#hasReported) log.error(`A session of another library could not be read: ${failure.message}`);
      this.#hasReported = true;
      loggedErrors.add(failure);
      throw failure;
    }
  }

  #missingRight(cause: unknown): SessionError {
    const privilege = { resource: { db: '<its database>', collection: this.collectionName }, actions: ACTIONS };
    return new SessionError(
      'SESSION_STORE_FAILED',
      `This database user may not read and remove the old sessions in the collection "${this.collectionName}". ` +
        `Grant it: db.grantPrivilegesToRole("<its role>", [${JSON.stringify(privilege)}])`,
      { cause },
    );
  }
}

/**
 * Opens the collection of a source: a name in the module's database, a collection of the driver, or
 * one of mongoose's.
 */
export function openOldDocuments(
  given: unknown,
  source: CollectionSource | undefined,
  options: Pick<OldDocumentsOptions, 'timeoutMs' | 'log'>,
): OldDocuments {
  if (typeof given === 'string') {
    if (source)
      return new MongoOldDocuments({ ...options, collectionName: given, collection: () => besides(source, given) });
    const fix = 'A `store` of your own has no database: give a collection of the driver.';
    throw optionError('movingIn[].collection', given, fix);
  }
  const { collectionName, conn } = given as { collectionName: string; conn?: Connection };
  const collection = conn
    ? async () => (await conn.asPromise()).db!.collection(collectionName)
    : () => given as Collection;
  return new MongoOldDocuments({ ...options, collectionName, collection });
}

async function besides(source: CollectionSource, name: string): Promise<Collection> {
  const sessions = await source.collection();
  return clientOf(sessions)!.db(sessions.dbName).collection(name);
}
