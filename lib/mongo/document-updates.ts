import type { mongo } from 'mongoose';
import { type PartialResult, partialResult } from './bulk-failures.js';
import type { SessionHandle } from '../core/session/session-token.js';
import { JobQueue, LARGE, ONE_COMMAND, type Waiting } from './job-queue.js';
import { type Limits, type OperationRunner, readOptions, writeOptions } from './operation-runner.js';
import type { SessionCollection, SessionDocument } from './session-document.interface.js';
import { idOf } from './stored-document.js';
import type { SessionUpdate } from './update-from-diff.js';

/** A change of one document, if it exists with that epoch. */
export interface SingleUpdate {
  readonly handle: SessionHandle;
  readonly epoch: number;
  readonly update: SessionUpdate | mongo.Document[];
}

/** One that can go with others. */
export interface DocumentUpdate extends SingleUpdate {
  readonly update: SessionUpdate;
  /** How much travels. */
  readonly bytes: number;
}

type WaitingUpdate = Waiting<DocumentUpdate, boolean>;

/** Writes changes of documents; those that are made together go as one unordered `bulkWrite`. */
export class DocumentUpdates {
  readonly #runner: OperationRunner;
  readonly #library: typeof mongo;
  readonly #queue: JobQueue<DocumentUpdate, boolean>;

  constructor(runner: OperationRunner, library: typeof mongo) {
    this.#runner = runner;
    this.#library = library;
    this.#queue = new JobQueue({
      action: 'update',
      timeoutMs: runner.timeoutMs,
      limits: ONE_COMMAND,
      bytesOf: ({ bytes }) => bytes,
      send: (waiting, signal) =>
        runner.attempt((collection, limits) => this.#send(collection, limits, waiting), signal),
    });
  }

  /** True: the document was there with that epoch, and has the change. */
  apply(update: DocumentUpdate): Promise<boolean> {
    if (update.bytes < LARGE) return this.#queue.run(update);
    return this.applyAlone('update', update);
  }

  /** The same by a command of its own; `condition`: what else the document has to meet. */
  applyAlone(action: string, change: SingleUpdate, condition: mongo.Filter<SessionDocument> = {}): Promise<boolean> {
    return this.#runner.run(action, (collection, limits) => this.#applyOne(collection, limits, change, condition));
  }

  async #applyOne(
    collection: SessionCollection,
    limits: Limits,
    change: SingleUpdate,
    condition: mongo.Filter<SessionDocument> = {},
  ): Promise<boolean> {
    const filter = { ...condition, ...this.#filter(change) };
    const { matchedCount } = await collection.updateOne(filter, change.update, writeOptions(collection, limits));
    return matchedCount === 1;
  }

  async #send(collection: SessionCollection, limits: Limits, waiting: readonly WaitingUpdate[]): Promise<void> {
    if (waiting.length === 1) {
      waiting[0]!.resolve(await this.#applyOne(collection, limits, waiting[0]!.job));
      return;
    }
    const { matchedCount, failures } = await this.#applyAll(collection, limits, waiting);
    const applied = waiting.filter((update, index) => {
      const failure = failures.get(index);
      if (failure) update.reject(failure);
      return !failure;
    });
    if (matchedCount === applied.length) for (const update of applied) update.resolve(true);
    else await this.#tellApart(collection, limits, applied);
  }

  async #applyAll(
    collection: SessionCollection,
    limits: Limits,
    waiting: readonly WaitingUpdate[],
  ): Promise<PartialResult> {
    const operations = waiting.map(({ job }) => ({ updateOne: { filter: this.#filter(job), update: job.update } }));
    try {
      const { matchedCount } = await collection.bulkWrite(operations, {
        ...writeOptions(collection, limits),
        ordered: false,
      });
      return { matchedCount, failures: new Map() };
    } catch (error) {
      return partialResult('update', error);
    }
  }

  /**
   * The server says only how many documents it has found, which leaves open which. Epochs only rise, no handle is used twice, and
   * nobody changes an epoch that was never read: a document that still has its epoch had it then, and has the change.
   */
  async #tellApart(collection: SessionCollection, limits: Limits, waiting: readonly WaitingUpdate[]): Promise<void> {
    const ids = waiting.map(({ job }) => idOf(job.handle, this.#library));
    const standing = await collection
      .find({ _id: { $in: ids } }, { ...readOptions(limits), projection: { epoch: 1 }, batchSize: ids.length + 1 })
      .toArray();
    const epochs = new Map(standing.map(({ _id, epoch }) => [_id.toHexString(), epoch]));
    for (const update of waiting) update.resolve(epochs.get(update.job.handle) === update.job.epoch);
  }

  #filter({ handle, epoch }: SingleUpdate): { _id: mongo.ObjectId; epoch: number } {
    return { _id: idOf(handle, this.#library), epoch };
  }
}
