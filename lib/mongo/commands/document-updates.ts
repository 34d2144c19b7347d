import type { mongo } from 'mongoose';
import type { BareCommands, UpdateStatement } from './bare-commands.js';
import type { SessionHandle } from '../../core/token/session-token.js';
import type { SessionChange, WriteTarget } from '../../core/store/session-store.interface.js';
import { MIN_LARGE_BYTES } from './command-batcher.js';
import type { Limits, OperationRunner } from './operation-runner.js';
import type { PendingJob } from './pending-job.js';
import { shareCommands } from './share-commands.js';
import type { SessionCollection, SessionDocument } from '../documents/session-document.interface.js';
import { toStoreError } from '../store-error.js';
import { filterOf, isTarget, queryOf } from '../documents/stored-document.js';
import { updateFromDiff, type SessionUpdate } from '../documents/update-from-diff.js';

/** An update of one document, if it is the target. */
export interface SingleUpdate {
  readonly target: WriteTarget;
  readonly update: SessionUpdate | mongo.Document[];
}

/** One that can share a command. */
interface SharedUpdate extends SingleUpdate {
  readonly bytes: number;
}

/**
 * Compares texts by their bytes, whatever the collection's collation is: that could treat `A` and
 * `a` as the same value or key.
 */
export const BINARY_COLLATION = { locale: 'simple' };

type PendingUpdate = PendingJob<SharedUpdate, boolean>;

/** Up to this size an estimate is good enough. */
const MAX_ESTIMATED_BYTES = 4 * 1024;

/** Updates documents. Concurrent updates share one unordered command. */
export class DocumentUpdates {
  readonly #runner: OperationRunner;
  readonly #commands: BareCommands;
  readonly #library: typeof mongo;
  readonly #applyShared: (update: SharedUpdate) => Promise<boolean>;

  constructor(runner: OperationRunner, commands: BareCommands, library: typeof mongo) {
    this.#runner = runner;
    this.#commands = commands;
    this.#library = library;
    this.#applyShared = shareCommands(runner, {
      action: 'update',
      bytesOf: ({ bytes }) => bytes,
      send: (collection, limits, updates) => this.#applyAll(collection, limits, updates),
    });
  }

  /** True: the target existed, and has the change. */
  apply(target: WriteTarget, change: SessionChange): Promise<boolean> {
    const update = updateFromDiff(change, this.#library.BSON);
    const bytes = this.#bytesOf(change, update);
    if (bytes >= MIN_LARGE_BYTES) return this.applyAlone('update', { target, update });
    return this.#applyShared({ target, update, bytes });
  }

  /** The same with a command of its own. `condition`: what else the document must match. */
  applyAlone(action: string, change: SingleUpdate, condition: mongo.Filter<SessionDocument> = {}): Promise<boolean> {
    return this.#runner.run(action, async (collection, limits) => {
      const { q, u } = this.#statement(change);
      const { found, failures } = await this.#commands.update(collection, limits, [
        { q: { ...condition, ...q }, u, collation: BINARY_COLLATION },
      ]);
      for (const failure of failures.values()) throw failure;
      return found === 1;
    });
  }

  async #applyAll(collection: SessionCollection, limits: Limits, pending: readonly PendingUpdate[]): Promise<void> {
    const statements = pending.map(({ job }) => this.#statement(job));
    const { found, failures } = await this.#commands.update(collection, limits, statements);
    for (const [index, failure] of failures) pending[index]!.reject(toStoreError('update', failure));
    const applied = pending.filter((_, index) => !failures.has(index));
    if (found > 0 && found < applied.length) await this.#resolveByEpoch(collection, limits, applied);
    else for (const update of applied) update.resolve(found > 0);
  }

  /**
   * The server only says how many documents it has found, not which. Epochs only rise, no handle is
   * used twice, nobody changes an epoch that was never read, and what has expired never lives
   * again. So a document that is the target now was the target then, and has the change.
   */
  async #resolveByEpoch(
    collection: SessionCollection,
    limits: Limits,
    pending: readonly PendingUpdate[],
  ): Promise<void> {
    const query = queryOf(
      pending.map(({ job }) => job.target.handle),
      this.#library,
    );
    const { documents } = await this.#commands
      .find(collection, limits, { ...query, projection: { epoch: 1, lastSeenAt: 1, expiresAt: 1 } })
      // The updates are applied: this must not look like a refused command, which would be sent
      // again.
      .catch((error: unknown) => Promise.reject(toStoreError('update', error)));
    const found = new Map<SessionHandle, Told>();
    for (const bytes of documents) {
      const document = this.#library.BSON.deserialize(bytes) as Told;
      found.set(document._id.toHexString(), document);
    }
    for (const update of pending) {
      const { target } = update.job;
      update.resolve(isTarget(found.get(target.handle), target));
    }
  }

  #statement({ target, update }: SingleUpdate): UpdateStatement {
    return { q: filterOf(target, this.#library), u: update };
  }

  /** How many bytes are sent. Looking at every value takes long, so small changes are estimated. */
  #bytesOf({ set, unset, device }: SessionChange, update: SessionUpdate): number {
    // A value of three bytes, the smallest possible, gets five more, because its name starts with
    // `data.`.
    let estimate = 256 + 3 * ((set?.length ?? 0) + (device?.length ?? 0));
    for (const key of unset ?? []) estimate += 16 + 3 * key.length;
    return estimate <= MAX_ESTIMATED_BYTES ? estimate : this.#library.BSON.calculateObjectSize(update) + 256;
  }
}

type Told = Pick<SessionDocument, '_id' | 'epoch' | 'lastSeenAt' | 'expiresAt'>;
