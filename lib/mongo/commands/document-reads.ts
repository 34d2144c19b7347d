import type { mongo } from 'mongoose';
import type { SessionHandle } from '../../core/token/session-token.js';
import type { BareCommands } from './bare-commands.js';
import { MIN_LARGE_BYTES } from './command-batcher.js';
import type { Limits, OperationRunner } from './operation-runner.js';
import type { PendingJob } from './pending-job.js';
import { shareCommands } from './share-commands.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import { handleIn, queryOf } from '../documents/stored-document.js';

type PendingRead = PendingJob<SessionHandle, Uint8Array | undefined>;

const MAX_REMEMBERED = 1000;

/** Reads documents by handle. Concurrent reads share one `find`. */
export class DocumentReads {
  readonly #runner: OperationRunner;
  readonly #commands: BareCommands;
  readonly #library: typeof mongo;
  readonly #readShared: (handle: SessionHandle) => Promise<Uint8Array | undefined>;
  /** Handles of large documents that were read recently. */
  readonly #large = new Set<SessionHandle>();
  /** The average size of recently read documents, in bytes. */
  #usualBytes = 1024;

  constructor(runner: OperationRunner, commands: BareCommands, library: typeof mongo) {
    this.#runner = runner;
    this.#commands = commands;
    this.#library = library;
    this.#readShared = shareCommands(runner, {
      action: 'find',
      bytesOf: () => this.#usualBytes,
      send: (collection, limits, reads) => this.#readAll(collection, limits, reads),
    });
  }

  /** The document's bytes; undefined if there is none. */
  read(handle: SessionHandle): Promise<Uint8Array | undefined> {
    if (!this.#large.has(handle)) return this.#readShared(handle);
    return this.#runner.run('find', (collection, limits) => this.#readOne(collection, limits, handle));
  }

  async #readAll(collection: SessionCollection, limits: Limits, pending: readonly PendingRead[]): Promise<void> {
    const byHandle = new Map<SessionHandle, PendingRead[]>();
    for (const read of pending) {
      const others = byHandle.get(read.job);
      if (others) others.push(read);
      else byHandle.set(read.job, [read]);
    }
    const query = queryOf([...byHandle.keys()], this.#library);
    const { documents, isComplete } = await this.#commands.find(collection, limits, query);
    for (const found of documents) {
      // A copy: these bytes are part of a large response, which the slowest of its requests would
      // keep in memory.
      const bytes = Buffer.from(found);
      const handle = handleIn(bytes);
      this.#learn(handle, bytes.length);
      for (const read of byHandle.get(handle)!) read.resolve(bytes);
      byHandle.delete(handle);
    }
    for (const [handle, reads] of byHandle) {
      const bytes = isComplete ? undefined : await this.#readOne(collection, limits, handle);
      for (const read of reads) read.resolve(bytes);
    }
  }

  async #readOne(
    collection: SessionCollection,
    limits: Limits,
    handle: SessionHandle,
  ): Promise<Uint8Array | undefined> {
    const { documents } = await this.#commands.find(collection, limits, queryOf([handle], this.#library));
    const [bytes] = documents;
    this.#learn(handle, bytes?.length ?? 0);
    return bytes;
  }

  #learn(handle: SessionHandle, bytes: number): void {
    if (bytes >= MIN_LARGE_BYTES) {
      // The least recently noted one goes first.
      this.#large.delete(handle);
      this.#large.add(handle);
      if (this.#large.size > MAX_REMEMBERED) this.#large.delete(this.#large.values().next().value!);
      return;
    }
    this.#large.delete(handle);
    this.#usualBytes += (bytes - this.#usualBytes) / 16;
  }
}
