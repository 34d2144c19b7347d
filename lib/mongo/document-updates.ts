import type { mongo } from 'mongoose';
import type { BareCommands, UpdateStatement } from './bare-commands.js';
import type { SessionHandle } from '../core/session/session-token.js';
import type { WriteTarget } from '../core/store/session-store.interface.js';
import { JobQueue, LARGE, ONE_COMMAND, type Waiting } from './job-queue.js';
import type { Limits, OperationRunner } from './operation-runner.js';
import type { SessionCollection, SessionDocument } from './session-document.interface.js';
import { toStoreError } from './store-error.js';
import { filterOf, queryOf } from './stored-document.js';
import type { SessionUpdate } from './update-from-diff.js';

/** A change of one document, if it is the target. */
export interface SingleUpdate {
  readonly target: WriteTarget;
  readonly update: SessionUpdate | mongo.Document[];
}

/** One that can go with others. */
export interface DocumentUpdate extends SingleUpdate {
  readonly update: SessionUpdate;
  /** How much travels. */
  readonly bytes: number;
}

/** Texts compare by their bytes, whatever the collection's own collation says: it would take `A` and `a` for the same value or key. */
const BINARY_COLLATION = { locale: 'simple' };

type WaitingUpdate = Waiting<DocumentUpdate, boolean>;

/** Writes changes of documents; those that are made together go as one unordered command. */
export class DocumentUpdates {
  readonly #runner: OperationRunner;
  readonly #commands: BareCommands;
  readonly #library: typeof mongo;
  readonly #queue: JobQueue<DocumentUpdate, boolean>;

  constructor(runner: OperationRunner, commands: BareCommands, library: typeof mongo) {
    this.#runner = runner;
    this.#commands = commands;
    this.#library = library;
    this.#queue = new JobQueue({
      action: 'update',
      timeoutMs: runner.timeoutMs,
      limits: ONE_COMMAND,
      bytesOf: ({ bytes }) => bytes,
      send: (waiting, signal) =>
        runner.attempt((collection, limits) => this.#applyAll(collection, limits, waiting), signal),
    });
  }

  /** True: the target was there, and has the change. */
  apply(update: DocumentUpdate): Promise<boolean> {
    if (update.bytes < LARGE) return this.#queue.run(update);
    return this.applyAlone('update', update);
  }

  /** The same by a command of its own; `condition`: what else the document has to meet. */
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

  async #applyAll(collection: SessionCollection, limits: Limits, waiting: readonly WaitingUpdate[]): Promise<void> {
    const statements = waiting.map(({ job }) => this.#statement(job));
    const { found, failures } = await this.#commands.update(collection, limits, statements);
    for (const [index, failure] of failures) waiting[index]!.reject(toStoreError('update', failure));
    const applied = waiting.filter((_, index) => !failures.has(index));
    if (found > 0 && found < applied.length) await this.#tellApart(collection, limits, applied);
    else for (const update of applied) update.resolve(found > 0);
  }

  /**
   * The server says only how many documents it has found, which leaves open which. Epochs only rise, no handle is used twice,
   * nobody changes an epoch that was never read, and what has expired never lives again: a document that is the target now was
   * the target then, and has the change.
   */
  async #tellApart(collection: SessionCollection, limits: Limits, waiting: readonly WaitingUpdate[]): Promise<void> {
    const { documents } = await this.#commands.find(collection, limits, {
      ...queryOf(
        waiting.map(({ job }) => job.target.handle),
        this.#library,
      ),
      projection: { epoch: 1, lastSeenAt: 1, expiresAt: 1 },
    });
    const found = new Map<SessionHandle, Told>();
    for (const bytes of documents) {
      const document = this.#library.BSON.deserialize(bytes) as Told;
      found.set(document._id.toHexString(), document);
    }
    for (const update of waiting) {
      const { target } = update.job;
      update.resolve(isTarget(found.get(target.handle), target));
    }
  }

  #statement({ target, update }: SingleUpdate): UpdateStatement {
    return { q: filterOf(target, this.#library), u: update };
  }
}

type Told = Pick<SessionDocument, '_id' | 'epoch' | 'lastSeenAt' | 'expiresAt'>;

/** See `filterOf`. */
function isTarget(document: Told | undefined, { epoch, now, seenAfter = -Infinity }: WriteTarget): boolean {
  return document?.epoch === epoch && Number(document.expiresAt) > now && Number(document.lastSeenAt) > seenAfter;
}
