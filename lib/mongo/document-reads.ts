import type { mongo } from 'mongoose';
import type { SessionHandle } from '../core/session/session-token.js';
import { JobQueue, LARGE, ONE_COMMAND, type Waiting } from './job-queue.js';
import { type Limits, type OperationRunner, readOptions } from './operation-runner.js';
import type { SessionCollection } from './session-document.interface.js';
import { SingleReads } from './single-reads.js';
import { idOf } from './stored-document.js';

type WaitingRead = Waiting<SessionHandle, Uint8Array | undefined>;

const MOST_REMEMBERED = 1000;
/** Where the twelve bytes of `_id` are: it is the first element of every document that MongoDB stores. */
const ID_AT = 9;
const ID_BYTES = 12;

/** Reads documents by handle; those that are asked for together come with one `find`. */
export class DocumentReads {
  readonly #runner: OperationRunner;
  readonly #library: typeof mongo;
  readonly #queue: JobQueue<SessionHandle, Uint8Array | undefined>;
  readonly #single = new SingleReads();
  /** Handles of large documents that were read of late. */
  readonly #large = new Set<SessionHandle>();
  /** Bytes of a document, on average of those read of late. */
  #usualBytes = 1024;

  constructor(runner: OperationRunner, library: typeof mongo) {
    this.#runner = runner;
    this.#library = library;
    this.#queue = new JobQueue({
      action: 'find',
      timeoutMs: runner.timeoutMs,
      limits: ONE_COMMAND,
      bytesOf: () => this.#usualBytes,
      send: (waiting, signal) =>
        runner.attempt((collection, limits) => this.#readAll(collection, limits, waiting), signal),
    });
  }

  /** The document's bytes; undefined when there is none. */
  read(handle: SessionHandle): Promise<Uint8Array | undefined> {
    if (!this.#large.has(handle)) return this.#queue.run(handle);
    return this.#runner.run('find', (collection, limits) => this.#readOne(collection, limits, handle));
  }

  stop(): Promise<void> {
    return this.#single.stop();
  }

  async #readAll(collection: SessionCollection, limits: Limits, waiting: readonly WaitingRead[]): Promise<void> {
    const { job: first } = waiting[0]!;
    if (waiting.every(({ job }) => job === first)) {
      const bytes = await this.#readOne(collection, limits, first);
      for (const read of waiting) read.resolve(bytes);
      return;
    }
    const byHandle = new Map<SessionHandle, WaitingRead[]>();
    for (const read of waiting) {
      const others = byHandle.get(read.job);
      if (others) others.push(read);
      else byHandle.set(read.job, [read]);
    }
    const handles = [...byHandle.keys()];
    const cursor = collection.find(
      { _id: { $in: handles.map((handle) => idOf(handle, this.#library)) } },
      // One more than there can be, so that the server knows at once that these are all.
      { ...readOptions(limits), raw: true, batchSize: handles.length + 1 },
    );
    try {
      // What the server sends first need not wait for the rest, if that does not fit into one answer.
      while (await cursor.hasNext()) {
        for (const found of cursor.readBufferedDocuments() as unknown[] as Uint8Array[]) {
          // A copy: these are parts of one large answer, and the slowest of many requests would keep it all in memory.
          const bytes = Buffer.from(found);
          const handle = handleIn(bytes);
          this.#learn(handle, bytes.length);
          for (const read of byHandle.get(handle) ?? []) read.resolve(bytes);
        }
      }
    } finally {
      if (!cursor.closed) await cursor.close();
    }
    // Those that were found are settled already.
    for (const read of waiting) read.resolve(undefined);
  }

  async #readOne(
    collection: SessionCollection,
    limits: Limits,
    handle: SessionHandle,
  ): Promise<Uint8Array | undefined> {
    const bytes = await this.#single.read(collection, limits, idOf(handle, this.#library));
    this.#learn(handle, bytes?.length ?? 0);
    return bytes;
  }

  #learn(handle: SessionHandle, bytes: number): void {
    if (bytes >= LARGE) {
      // The one that was told of longest ago goes first.
      this.#large.delete(handle);
      this.#large.add(handle);
      if (this.#large.size > MOST_REMEMBERED) this.#large.delete(this.#large.values().next().value!);
      return;
    }
    this.#large.delete(handle);
    this.#usualBytes += (bytes - this.#usualBytes) / 16;
  }
}

function handleIn(document: Uint8Array): SessionHandle {
  return Buffer.from(document.buffer, document.byteOffset + ID_AT, ID_BYTES).toString('hex');
}
