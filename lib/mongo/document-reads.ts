import type { mongo } from 'mongoose';
import type { SessionHandle } from '../core/session/session-token.js';
import type { BareCommands } from './bare-commands.js';
import { JobQueue, LARGE, ONE_COMMAND, type Waiting } from './job-queue.js';
import type { Limits, OperationRunner } from './operation-runner.js';
import type { SessionCollection } from './session-document.interface.js';
import { idOf, queryOf } from './stored-document.js';

type WaitingRead = Waiting<SessionHandle, Uint8Array | undefined>;

const MOST_REMEMBERED = 1000;
/** Where the twelve bytes of `_id` are: it is the first element of every document that MongoDB stores. */
const ID_AT = 9;
const ID_BYTES = 12;

/** Reads documents by handle; those that are asked for together come with one `find`. */
export class DocumentReads {
  readonly #runner: OperationRunner;
  readonly #commands: BareCommands;
  readonly #library: typeof mongo;
  readonly #queue: JobQueue<SessionHandle, Uint8Array | undefined>;
  /** Handles of large documents that were read of late. */
  readonly #large = new Set<SessionHandle>();
  /** Bytes of a document, on average of those read of late. */
  #usualBytes = 1024;

  constructor(runner: OperationRunner, commands: BareCommands, library: typeof mongo) {
    this.#runner = runner;
    this.#commands = commands;
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
    const query = queryOf([...byHandle.keys()], this.#library);
    const { documents, areAll } = await this.#commands.find(collection, limits, query);
    for (const found of documents) {
      // A copy: these are parts of one large answer, and the slowest of many requests would keep it all in memory.
      const bytes = Buffer.from(found);
      const handle = handleIn(bytes);
      this.#learn(handle, bytes.length);
      for (const read of byHandle.get(handle)!) read.resolve(bytes);
      byHandle.delete(handle);
    }
    for (const [handle, reads] of byHandle) {
      const bytes = areAll ? undefined : await this.#readOne(collection, limits, handle);
      for (const read of reads) read.resolve(bytes);
    }
  }

  async #readOne(
    collection: SessionCollection,
    limits: Limits,
    handle: SessionHandle,
  ): Promise<Uint8Array | undefined> {
    const filter = { _id: idOf(handle, this.#library) };
    const { documents } = await this.#commands.find(collection, limits, { filter, limit: 1, singleBatch: true });
    const [bytes] = documents;
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
