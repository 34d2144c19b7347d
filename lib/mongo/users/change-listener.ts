import { AsyncLocalStorage } from 'node:async_hooks';
import type { mongo } from 'mongoose';
import type { SessionHandle } from '../../core/token/session-token.js';
import { isUnauthorized } from '../../core/store/unauthorized.js';
import { withDeadline } from '../commands/deadline.js';
import type { CollectionSource } from '../connection/collection-source.interface.js';
import { codeOf } from '../store-error.js';

/** Events that end sessions. The server filters out renewals and changes of data. */
const ENDS = [
  {
    $match: {
      $or: [
        { operationType: { $in: ['delete', 'drop', 'rename', 'dropDatabase', 'invalidate'] } },
        { 'updateDescription.updatedFields.epoch': { $exists: true } },
      ],
    },
  },
  { $project: { documentKey: 1 } },
];

const NO_REPLICA_SET = 40573;
const NOT_IMPLEMENTED = 238;
/** How long the server waits before it reports that nothing has happened. */
const MAX_AWAIT_MS = 1000;
/**
 * A stream that is silent for longer is opened again: its server or collection may be gone, and the
 * driver needs 30 seconds to notice.
 */
const MAX_SILENCE_MS = 3 * MAX_AWAIT_MS;
const RETRY_AFTER_MS = 1000;

/** Events belong to no request, and must not keep one in memory. */
const runOutsideRequests = AsyncLocalStorage.snapshot();

/**
 * Reports by a change stream that sessions have ended. After an error, the stream is opened again
 * instead of being resumed, because listeners then look at everything anyway.
 */
export class ChangeListener {
  #stream: mongo.ChangeStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isHearing = false;
  #hasStopped = false;

  constructor(
    private readonly source: CollectionSource,
    private readonly onChange: (handle?: SessionHandle) => void,
    private readonly onDown: (reason?: string) => void,
  ) {
    runOutsideRequests(() => void this.#open());
  }

  async stop(): Promise<void> {
    this.#hasStopped = true;
    clearTimeout(this.#timer);
    const stream = this.#stream;
    // Don't wait for a server that is gone.
    if (stream) await withDeadline('listen', RETRY_AFTER_MS, () => stream.close()).catch(() => {});
  }

  async #open(): Promise<void> {
    try {
      const collection = await this.source.collection();
      if (this.#hasStopped) return;
      const stream = collection.watch(ENDS, {
        readConcern: { level: 'majority' },
        readPreference: 'primary',
        maxAwaitTimeMS: MAX_AWAIT_MS,
      });
      this.#stream = stream;
      stream.on('error', (error) => this.#failed(stream, error));
      stream.on('resumeTokenChanged', () => this.#heard(stream));
      stream.on('change', (change) => this.#hasStopped || this.onChange(handleIn(change)));
    } catch (error) {
      this.#failed(undefined, error);
    }
  }

  /** The server responded, even if nothing has happened. */
  #heard(stream: mongo.ChangeStream): void {
    if (this.#hasStopped || stream !== this.#stream) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#failed(stream), MAX_SILENCE_MS).unref();
    if (this.#isHearing) return;
    this.#isHearing = true;
    // Earlier changes were missed.
    this.onChange();
  }

  #failed(stream: mongo.ChangeStream | undefined, error?: unknown): void {
    if (this.#hasStopped || stream !== this.#stream) return;
    this.#stream = undefined;
    clearTimeout(this.#timer);
    stream?.close().catch(() => {});
    const reason = permanentReason(error);
    if (reason !== undefined) {
      this.#hasStopped = true;
      this.onDown(reason);
      return;
    }
    this.#down();
    this.#timer = setTimeout(() => void this.#open(), RETRY_AFTER_MS).unref();
  }

  #down(): void {
    if (this.#isHearing) this.onDown();
    this.#isHearing = false;
  }
}

/** Undefined where it is the whole collection that has changed. */
function handleIn(change: mongo.ChangeStreamDocument): SessionHandle | undefined {
  const id = 'documentKey' in change ? (change.documentKey._id as Partial<mongo.ObjectId> | undefined) : undefined;
  return id?.toHexString?.();
}

/** Why there will never be one; undefined if it may come again. */
function permanentReason(error: unknown): string | undefined {
  if (codeOf(error) === NO_REPLICA_SET) return 'MongoDB has change streams on a replica set or sharded cluster only';
  if (codeOf(error) === NOT_IMPLEMENTED) return 'this server has no change streams';
  if (isUnauthorized(error)) return 'this database user has no right to `changeStream` on the collection';
  return undefined;
}
