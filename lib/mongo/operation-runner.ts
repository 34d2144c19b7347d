import type { mongo } from 'mongoose';
import { PLAIN_ANSWERS } from './bson-codec.js';
import type { CollectionSource } from './collection-source.interface.js';
import { withDeadline } from './deadline.js';
import type { IndexKeeper } from './index-keeper.js';
import type { SessionCollection } from './session-document.interface.js';

/** How long an operation may take: the signal is for the driver, the time for the server. */
export interface Limits {
  readonly signal: AbortSignal;
  readonly maxTimeMS: number;
}

export type Operation<T> = (collection: SessionCollection, limits: Limits) => Promise<T>;

/** Runs operations on the collection, wherever that comes from and in whatever state its connection is. */
export class OperationRunner {
  constructor(
    private readonly source: CollectionSource,
    readonly timeoutMs: number,
    private readonly indexes: IndexKeeper,
  ) {}

  /** One operation with its deadline. Rejects with a `SessionError`. */
  run<T>(action: string, operation: Operation<T>): Promise<T> {
    return withDeadline(action, this.timeoutMs, (signal) => this.attempt(operation, signal));
  }

  /** The same for who sees to the deadline, and to the driver's errors, itself. */
  async attempt<T>(operation: Operation<T>, signal: AbortSignal): Promise<T> {
    const collection = await this.source.collection();
    const result = await operation(collection, { signal, maxTimeMS: this.timeoutMs });
    this.indexes.onServerReachable(collection);
    return result;
  }
}

/** The newest that the primary has, whatever the app has chosen for its own documents: others may not have heard of a logout yet. */
export const READ_CONCERN = { level: 'local' } as const;

type WriteOptions = Limits & typeof PLAIN_ANSWERS & { readonly writeConcern: mongo.WriteConcernSettings };

/** As the server wants it: a majority acknowledges, so that no failover undoes a logout - unless the app has chosen otherwise for its connection. */
export function writeConcernOf({ writeConcern }: SessionCollection): mongo.WriteConcernSettings {
  const { w, j, wtimeoutMS: wtimeout } = writeConcern ?? {};
  const journal = j === undefined ? {} : { j };
  if (w === undefined || w === 0) return { ...journal, w: 'majority' };
  return { ...journal, w, ...(wtimeout !== undefined && { wtimeout }) };
}

export function writeOptions(collection: SessionCollection, limits: Limits): WriteOptions {
  return { ...PLAIN_ANSWERS, ...limits, writeConcern: writeConcernOf(collection) };
}
