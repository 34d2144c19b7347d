import type { mongo } from 'mongoose';
import {
  type DeviceChange,
  EVERYBODY,
  type ListedSession,
  type SessionOwner,
  type TakenSession,
  type UserSessionStore,
} from '../../core/store/user-session-store.interface.js';
import { type Burial, type MovingStore, TOMBSTONE_EPOCH } from '../../core/store/moving-store.interface.js';
import type { SweepableStore } from '../../core/store/sweepable-store.interface.js';
import { tombstoneOf } from '../../core/store/tombstone.js';
import type { PeekedSession, WatchableStore } from '../../core/store/watchable-store.interface.js';
import { type SessionHandle, isHandle } from '../../core/token/session-token.js';
import { BINARY_COLLATION } from '../commands/document-updates.js';
import { type Limits, type OperationRunner, READ_CONCERN, writeOptions } from '../commands/operation-runner.js';
import { PLAIN_ANSWERS, PLAIN_VALUES } from '../documents/bson-codec.js';
import { readListed } from '../documents/read-document.js';
import type { SessionCollection, SessionDocument } from '../documents/session-document.interface.js';
import { idOf, toDocument } from '../documents/stored-document.js';
import { updateFromDevice } from '../documents/update-from-diff.js';
import { burialFilter, ofUser, ownerFilter, readOptions, takeFilter } from './session-filters.js';
import { isDate, isObjectId } from './user-document.js';

type Filter = mongo.Filter<SessionDocument>;
type Query = Pick<mongo.FindOptions, 'projection' | 'sort' | 'hint' | 'skip'> & { readonly limit: number };
type Bounds = { readonly $gt: mongo.ObjectId } | { readonly $gte: mongo.ObjectId };

/** Data and secrets never leave the server for a list. */
const NOT_LISTED = { data: 0, secretHash: 0, rotation: 0 };
/**
 * For documents that are encoded again. Numbers and texts stay plain values, because the driver
 * decodes errors with the same options.
 */
const UNCHANGED_VALUES = { ...PLAIN_VALUES, enableUtf8Validation: false };
const BY_HANDLE = { projection: { _id: 1 }, sort: { _id: 1 } } as const;
/** A condition on a field holds for a list if one of its items meets it. */
const NO_LIST = { $not: { $type: 'array' } };
/** The number of documents that one command scans: a tenth of a second's work. */
const MAX_SCANNED = 20_000;
const FIRST_HANDLE = '0'.repeat(24);

/** Finds and removes sessions by user and by time. */
export class UserSessions implements UserSessionStore, SweepableStore, WatchableStore, Pick<MovingStore, 'bury'> {
  readonly #runner: OperationRunner;
  readonly #library: typeof mongo;

  constructor(runner: OperationRunner, library: typeof mongo) {
    this.#runner = runner;
    this.#library = library;
  }

  async findByUser(userId: unknown, limit: number): Promise<ListedSession[]> {
    const query = { projection: NOT_LISTED, sort: { lastSeenAt: -1 }, limit } as const;
    const found = await this.#find('findByUser', { userId: ofUser(userId) }, query, UNCHANGED_VALUES);
    return found.flatMap((document) => this.#read(document) ?? []);
  }

  async handlesOf(userId: unknown, after: SessionHandle | undefined, limit: number): Promise<SessionHandle[]> {
    const _id = this.#after(after);
    if (userId === EVERYBODY) return this.#handlesOfEverybody(_id, limit);
    const found = await this.#find('handlesOf', { _id, userId: ofUser(userId) }, { ...BY_HANDLE, limit });
    return found.map(({ _id: id }) => id.toHexString());
  }

  /** Few sessions may have a user. Each command scans a part, so that none exceeds its time. */
  async #handlesOfEverybody(after: Bounds, limit: number): Promise<SessionHandle[]> {
    const handles: SessionHandle[] = [];
    let bounds = after;
    for (;;) {
      const part = { ...BY_HANDLE, hint: BY_HANDLE.sort, skip: MAX_SCANNED - 1, limit: 1 };
      const [last] = await this.#find('handlesOf', { _id: bounds }, part);
      const filter = { _id: { ...bounds, ...(last && { $lte: last._id }) }, userId: { $exists: true } };
      const page = { ...BY_HANDLE, hint: BY_HANDLE.sort, limit: limit - handles.length };
      const found = await this.#find('handlesOf', filter, page);
      handles.push(...found.map(({ _id }) => _id.toHexString()));
      if (!last || handles.length === limit) return handles;
      bounds = { $gt: last._id };
    }
  }

  /** Comparisons find no documents whose `_id` is of another type. */
  #after(handle: SessionHandle | undefined): Bounds {
    return handle === undefined ? { $gte: this.#id(FIRST_HANDLE) } : { $gt: this.#id(handle) };
  }

  async take(handle: SessionHandle, owner: SessionOwner): Promise<TakenSession | undefined> {
    if (!isHandle(handle)) return undefined;
    const filter = { _id: this.#id(handle), ...takeFilter(owner) } as Filter;
    const document = await this.#runner.run('take', (collection, limits) =>
      collection.findOneAndDelete(filter, takeOptions(collection, limits)),
    );
    return document ? this.#read(document) : undefined;
  }

  async bury(handle: SessionHandle, burial: Burial): Promise<TakenSession | undefined> {
    if (!isHandle(handle)) return undefined;
    const filter = { _id: this.#id(handle), ...burialFilter(burial) } as Filter;
    const { _id, ...tombstone } = toDocument(tombstoneOf(handle, burial), this.#library);
    const document = await this.#runner.run('bury', (collection, limits) =>
      collection.findOneAndReplace(filter, tombstone, {
        ...takeOptions(collection, limits),
        returnDocument: 'before',
      }),
    );
    return document ? this.#read(document) : undefined;
  }

  async describe(handle: SessionHandle, owner: SessionOwner, change: DeviceChange): Promise<boolean> {
    if (!isHandle(handle)) return false;
    const filter = { _id: this.#id(handle), ...ownerFilter(owner) } as Filter;
    const update = updateFromDevice(change, this.#library.BSON);
    const { matchedCount } = await this.#runner.run('describe', (collection, limits) =>
      collection.updateOne(filter, update, { ...writeOptions(collection, limits), collation: BINARY_COLLATION }),
    );
    return matchedCount === 1;
  }

  async findExpired(before: number, limit: number): Promise<Pick<ListedSession, 'handle' | 'expiresAt'>[]> {
    const query = { projection: { expiresAt: 1 }, sort: { expiresAt: 1 }, limit } as const;
    // What another program has put there must not be in the way of sessions.
    const filter = { _id: { $type: 'objectId' }, expiresAt: { $lte: new Date(before), ...NO_LIST } };
    const found = await this.#find('findExpired', filter, query);
    return found.map(({ _id, expiresAt }) => ({ handle: _id.toHexString(), expiresAt: expiresAt.getTime() }));
  }

  async count(after: number): Promise<number> {
    const filter = { expiresAt: { $gt: new Date(after) }, epoch: { $ne: TOMBSTONE_EPOCH } };
    return this.#runner.run('count', (collection, limits) =>
      collection.countDocuments(filter, { ...readOptions(limits), readConcern: READ_CONCERN }),
    );
  }

  async peek(handles: readonly SessionHandle[]): Promise<PeekedSession[]> {
    const ids = handles.filter(isHandle).map((handle) => this.#id(handle));
    if (ids.length === 0) return [];
    const query = { projection: { epoch: 1, expiresAt: 1 }, limit: ids.length };
    // One that another program has changed must not keep the others from being seen.
    const isSession = { epoch: { $type: 'number', ...NO_LIST }, expiresAt: { $type: 'date', ...NO_LIST } };
    const found = await this.#find('peek', { _id: { $in: ids }, ...isSession }, query);
    return found.flatMap(({ _id, epoch, expiresAt }) =>
      Number.isSafeInteger(epoch) && epoch !== TOMBSTONE_EPOCH && isDate(expiresAt)
        ? { handle: _id.toHexString(), epoch, expiresAt: expiresAt.getTime() }
        : [],
    );
  }

  /** Finds at most `limit` documents, with one command. */
  async #find(
    action: string,
    filter: object,
    query: Query,
    values: object = PLAIN_ANSWERS,
  ): Promise<SessionDocument[]> {
    const documents = await this.#runner.run(action, (collection, limits) => {
      const options = { ...readOptions(limits), readConcern: READ_CONCERN, ...values, ...query };
      return collection.find(filter as Filter, { ...options, batchSize: query.limit + 1 }).toArray();
    });
    return documents.filter(({ _id }) => isObjectId(_id));
  }

  #read(document: SessionDocument): TakenSession | undefined {
    const { BSON } = this.#library;
    if (document.epoch === TOMBSTONE_EPOCH) return undefined;
    return readListed(document._id.toHexString(), BSON.serialize(document, { checkKeys: false }), BSON);
  }

  #id(handle: SessionHandle): mongo.ObjectId {
    return idOf(handle, this.#library);
  }
}

/** For writes that return the document as it was. */
function takeOptions(collection: SessionCollection, limits: Limits) {
  return { ...writeOptions(collection, limits), ...UNCHANGED_VALUES, collation: BINARY_COLLATION };
}
