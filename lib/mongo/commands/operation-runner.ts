import type { mongo } from 'mongoose';
import { PLAIN_ANSWERS } from '../documents/bson-codec.js';
import { clientOf } from '../connection/client-state.js';
import { ClientView } from '../connection/client-view.js';
import type { CollectionSource } from '../connection/collection-source.interface.js';
import { withDeadline } from './deadline.js';
import type { IndexKeeper } from '../maintenance/index-keeper.js';
import { Outage } from './outage.js';
import type { StoreLog } from '../store-log.interface.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import { refuseSecondary } from '../store-error.js';

/** The time limits of an operation: the signal for the driver, the time for the server. */
export interface Limits {
  /** For the current attempt; read again for the next one. */
  readonly signal: AbortSignal;
  readonly maxTimeMS: number;
  /** Whether the command can be sent again: it only reads, or the server knows it by its number. */
  mayRepeat?: boolean;
}

export type Operation<T> = (collection: SessionCollection, limits: Limits) => Promise<T>;

/** Runs operations on the collection, whatever the state of its connection. */
export class OperationRunner {
  readonly #outage: Outage;
  #collection: SessionCollection | undefined;
  #view: ClientView | undefined;

  constructor(
    private readonly source: CollectionSource,
    readonly timeoutMs: number,
    private readonly indexes: IndexKeeper,
    log: StoreLog,
  ) {
    this.#outage = new Outage(log, () => this.#view?.isUsable ?? false);
  }

  /** How many commands may be in flight. */
  get maxInFlight(): number {
    return this.#view?.maxInFlight ?? 0;
  }

  /**
   * Runs an operation with its deadline. Rejects with a `SessionError`, during an outage at once.
   */
  run<T>(action: string, operation: Operation<T>): Promise<T> {
    return this.guard(action, () => this.probe(action, operation));
  }

  /** The same, even during an outage. */
  probe<T>(action: string, operation: Operation<T>): Promise<T> {
    const { timeoutMs } = this;
    return withDeadline(action, timeoutMs, (signal) => this.attempt(operation, { signal, maxTimeMS: timeoutMs }));
  }

  /** The same for an operation that has a deadline already. */
  guard<T>(action: string, operation: () => Promise<T>): Promise<T> {
    return this.#outage.guard(action, operation);
  }

  /** The same for a caller that handles deadline, outages and the driver's errors itself. */
  async attempt<T>(operation: Operation<T>, limits: Limits): Promise<T> {
    const collection = await this.source.collection();
    if (collection !== this.#collection) {
      this.#collection = collection;
      this.#view = ClientView.of(clientOf(collection)!);
    }
    const result = await operation(collection, limits);
    refuseSecondary(clientOf(collection)!);
    this.#view!.confirmPrimary();
    this.#outage.end();
    this.indexes.onServerReachable(collection);
    return result;
  }
}

/**
 * The latest data of the primary, whatever the app has chosen for its own documents: a secondary
 * may not have heard of a logout yet.
 */
export const READ_CONCERN = { level: 'local' } as const;

type WriteOptions = Omit<Limits, 'mayRepeat'> &
  typeof PLAIN_ANSWERS & { readonly writeConcern: mongo.WriteConcernSettings };

/**
 * Acknowledged by a majority, so that no failover undoes a logout, unless the app has chosen
 * otherwise for its connection.
 */
export function writeConcernOf({ writeConcern }: SessionCollection): mongo.WriteConcernSettings {
  const { w, j, wtimeoutMS: wtimeout } = writeConcern ?? {};
  const journal = j === undefined ? {} : { j };
  if (w === undefined || w === 0) return { ...journal, w: 'majority' };
  return { ...journal, w, ...(wtimeout !== undefined && { wtimeout }) };
}

export function writeOptions(collection: SessionCollection, limits: Limits): WriteOptions {
  return { ...PLAIN_ANSWERS, ...limits, writeConcern: writeConcernOf(collection) };
}
