import type { mongo } from 'mongoose';
import type { StoredSession } from '../../core/store/session-store.interface.js';
import { toDocument } from '../documents/stored-document.js';
import type { IndexKeeper } from '../maintenance/index-keeper.js';
import { DUPLICATE_KEY, codeOf } from '../store-error.js';
import { type OperationRunner, writeOptions } from './operation-runner.js';

/** Adds documents: nothing else does. */
export class DocumentInserts {
  constructor(
    private readonly runner: OperationRunner,
    private readonly indexes: IndexKeeper,
    private readonly library: typeof mongo,
  ) {}

  insert(session: StoredSession): Promise<void> {
    return this.runner.run('insert', async (collection, limits) => {
      await collection.insertOne(toDocument(session, this.library), writeOptions(collection, limits));
      this.indexes.onInsert(collection);
    });
  }

  async insertIfFree(session: StoredSession): Promise<boolean> {
    return this.insert(session).then(
      () => true,
      (error: Error) => {
        if (isTaken(error.cause)) return false;
        throw error;
      },
    );
  }
}

/** By the index on `_id`, and no other: a unique index of the app's own is a fault. */
function isTaken(error: unknown): boolean {
  const { keyPattern } = (error ?? {}) as { keyPattern?: object };
  return codeOf(error) === DUPLICATE_KEY && Object.keys(keyPattern ?? { _id: 1 }).join() === '_id';
}
