import type { mongo } from 'mongoose';
import type { Clock } from '../core/clock.interface.js';
import { SessionError, loggedErrors } from '../core/errors.js';
import { applyDiff } from '../core/data/data-bounds.js';
import type { DataDiff } from '../core/data/session-diff.js';
import type { SessionHandle } from '../core/token/session-token.js';
import type {
  SecretReplacement,
  SessionChange,
  SessionStore,
  StoredSession,
  WriteTarget,
} from '../core/store/session-store.interface.js';
import type { CountableStore } from '../core/store/countable-store.interface.js';
import { type MovingStore, TOMBSTONE_EPOCH } from '../core/store/moving-store.interface.js';
import type { SeatStore } from '../core/store/seat-store.interface.js';
import type { SweepableStore } from '../core/store/sweepable-store.interface.js';
import type { UserSessionStore } from '../core/store/user-session-store.interface.js';
import type { WatchableStore } from '../core/store/watchable-store.interface.js';
import type { TokenRenewal } from '../core/token/renewal.js';
import { BareCommands } from './commands/bare-commands.js';
import { decodeExactly } from './documents/bson-codec.js';
import type { CollectionSource } from './connection/collection-source.interface.js';
import { withDeadline } from './commands/deadline.js';
import { DocumentInserts } from './commands/document-inserts.js';
import { DocumentReads } from './commands/document-reads.js';
import { DocumentUpdates } from './commands/document-updates.js';
import { ChangeListener } from './users/change-listener.js';
import { UserSeats } from './users/user-seats.js';
import { UserSessions } from './users/user-sessions.js';
import { IndexKeeper } from './maintenance/index-keeper.js';
import { sessionIndexes, type CleanupMode, type IndexMode } from './maintenance/indexes.js';
import { OperationRunner, writeOptions, type Operation } from './commands/operation-runner.js';
import { withoutSessions } from './commands/outage.js';
import { readDocument } from './documents/read-document.js';
import type { SessionDocument } from './documents/session-document.interface.js';
import { toRotationDocument } from './documents/rotation-document.js';
import type { StoreLog } from './store-log.interface.js';
import { filterOf, idOf, isTarget, queryOf } from './documents/stored-document.js';
import { fitsBounds, holds, holdsJust, updateFromDiff, updateFromSecret } from './documents/update-from-diff.js';

export interface MongoSessionStoreOptions {
  readonly source: CollectionSource;
  /** Deadline of each operation, in milliseconds. */
  readonly timeoutMs: number;
  readonly indexes: IndexMode;
  /** Which index on `expiresAt` there shall be. @default 'ttl' */
  readonly cleanup?: CleanupMode;
  /** Whether `start` rejects if MongoDB can't be used. */
  readonly failFast: boolean;
  /** Compared with the server's at start, and used for nothing else here. */
  readonly clock: Clock;
  readonly log: StoreLog;
}

/** After this many attempts, others have emptied and filled the session each time. */
const MAX_ATTEMPTS = 3;
const CONTENDED = 'The session was full each time, and had room again when it was looked at. Send the request again.';

/** No session has it: the random part of an ObjectId is not zero. */
const PROBE_HANDLE = '0'.repeat(24);

/**
 * Sessions in a collection of MongoDB, one document each. Only `insert` inserts. Every other write
 * is filtered, without upsert.
 */
export class MongoSessionStore
  implements SessionStore, UserSessionStore, SeatStore, SweepableStore, WatchableStore, MovingStore, CountableStore
{
  readonly #source: CollectionSource;
  readonly #library: typeof mongo;
  readonly #indexes: IndexKeeper;
  readonly #runner: OperationRunner;
  readonly #commands = new BareCommands();
  readonly #reads: DocumentReads;
  readonly #updates: DocumentUpdates;
  readonly #inserts: DocumentInserts;
  readonly #failFast: boolean;
  readonly #log: StoreLog;
  readonly #users: UserSessions;
  readonly #seats: UserSeats;
  #hasReportedForeignDocument = false;

  constructor({ source, timeoutMs, indexes, cleanup = 'ttl', failFast, clock, log }: MongoSessionStoreOptions) {
    this.#source = source;
    this.#library = source.library;
    this.#indexes = new IndexKeeper(indexes, sessionIndexes(cleanup), clock, log);
    this.#runner = new OperationRunner(source, timeoutMs, this.#indexes, log);
    this.#reads = new DocumentReads(this.#runner, this.#commands, source.library);
    this.#updates = new DocumentUpdates(this.#runner, this.#commands, source.library);
    this.#users = new UserSessions(this.#runner, source.library);
    this.#inserts = new DocumentInserts(this.#runner, this.#indexes, source.library);
    this.#seats = new UserSeats(this.#runner, this.#indexes, source.library, log);
    this.#failFast = failFast;
    this.#log = log;
  }

  async find(handle: SessionHandle): Promise<StoredSession | undefined> {
    const bytes = await this.#reads.read(handle);
    return bytes && this.#read(handle, bytes);
  }

  insert(session: StoredSession): Promise<void> {
    return this.#inserts.insert(session);
  }

  async update(target: WriteTarget, change: SessionChange): Promise<boolean> {
    if (!target.bounds || !change.set) return this.#updates.apply(target, change);
    const update = updateFromDiff(change, this.#library.BSON);
    const condition = { $expr: fitsBounds(change, target.bounds) };
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (await this.#updates.applyAlone('update', { target, update }, condition)) return true;
      if (!(await this.#checkBounds(target, change))) return false;
    }
    throw new SessionError('SESSION_CONTENDED', CONTENDED);
  }

  async replaceSecret(target: WriteTarget, change: SecretReplacement): Promise<boolean> {
    const { BSON } = this.#library;
    const update = updateFromSecret(change, this.#library);
    const condition = change.data && {
      $expr: { $eq: ['$data', { $literal: decodeExactly(BSON, change.data.expected) }] },
    };
    return this.#updates.applyAlone('replaceSecret', { target, update }, condition);
  }

  async replaceValue(
    target: WriteTarget,
    key: string,
    expected: Uint8Array | undefined,
    next: Uint8Array | undefined,
    others: readonly string[] = [],
  ): Promise<boolean> {
    const { BSON } = this.#library;
    const change = next ? { set: next } : { unset: [key] };
    const $and = [holdsJust(key, expected, BSON), ...others.map((other) => holdsJust(other, undefined, BSON))];
    if (target.bounds && next) $and.push(fitsBounds(change, target.bounds));
    const update = updateFromDiff(change, BSON);
    if (await this.#updates.applyAlone('replaceValue', { target, update }, { $expr: { $and } })) return true;
    if (target.bounds && next)
      await this.#checkBounds(target, change, (data) => holds(data, [key, ...others], expected));
    return false;
  }

  /**
   * Finds out why a write with bounds was not applied, and throws if they were the reason. False:
   * the target does not exist.
   */
  async #checkBounds(
    target: WriteTarget,
    change: DataDiff,
    mayApply: (data: Uint8Array) => boolean = () => true,
  ): Promise<boolean> {
    const stored = await this.find(target.handle);
    if (!stored || !isTarget(stored, target) || !mayApply(stored.data)) return false;
    applyDiff(stored.data, change, target.bounds);
    return true;
  }

  async renewToken(
    target: WriteTarget,
    revision: number,
    secretHash: Uint8Array,
    renewal: TokenRenewal,
  ): Promise<boolean> {
    const $set = {
      secretHash: new this.#library.Binary(secretHash),
      rotation: toRotationDocument(renewal, this.#library),
    };
    // A document that was never renewed has no such field, which null matches.
    return this.#updates.applyAlone(
      'renewToken',
      { target, update: { $set } },
      { 'rotation.revision': revision === 0 ? null : revision },
    );
  }

  removeIfEmpty(target: WriteTarget): Promise<boolean> {
    const empty = { data: {}, userId: { $exists: false } };
    return this.#deleteOne('removeIfEmpty', { ...filterOf(target, this.#library), ...empty });
  }

  remove(handle: SessionHandle): Promise<boolean> {
    return this.#deleteOne('remove', { _id: idOf(handle, this.#library), epoch: { $ne: TOMBSTONE_EPOCH } });
  }

  readonly findByUser: UserSessionStore['findByUser'] = (...given) => this.#users.findByUser(...given);
  readonly handlesOf: UserSessionStore['handlesOf'] = (...page) => this.#users.handlesOf(...page);
  readonly take: UserSessionStore['take'] = (...given) => this.#users.take(...given);
  readonly describe: UserSessionStore['describe'] = (...given) => this.#users.describe(...given);
  readonly findExpired: SweepableStore['findExpired'] = (...given) => this.#users.findExpired(...given);
  readonly count: CountableStore['count'] = (after) => this.#users.count(after);
  readonly peek: WatchableStore['peek'] = (handles) => this.#users.peek(handles);

  readonly insertIfFree: MovingStore['insertIfFree'] = (session) => this.#inserts.insertIfFree(session);
  readonly bury: MovingStore['bury'] = (...given) => this.#users.bury(...given);

  readonly findUsers: SeatStore['findUsers'] = (userIds) => this.#seats.findUsers(userIds);
  readonly insertUser: SeatStore['insertUser'] = (user) => this.#seats.insertUser(user);
  readonly changeUser: SeatStore['changeUser'] = (...given) => this.#seats.changeUser(...given);
  readonly findSeated: SeatStore['findSeated'] = (...given) => this.#seats.findSeated(...given);

  listen(onChange: (handle?: SessionHandle) => void, onDown: (reason?: string) => void): () => Promise<void> {
    const listener = new ChangeListener(this.#source, onChange, onDown);
    return () => listener.stop();
  }

  async start(): Promise<void> {
    this.#indexes.enable();
    // Tells whether the server is up, has a primary and lets us read.
    const look: Operation<unknown> = (collection, limits) =>
      this.#commands.find(collection, limits, queryOf([PROBE_HANDLE], this.#library));
    try {
      await (this.#failFast ? this.#runner.probe('find', look) : this.#runner.run('find', look));
    } catch (error) {
      if (this.#failFast) throw error;
      if (!loggedErrors.has(error as Error)) this.#log.warn(withoutSessions(error as Error));
      return;
    }
    // Indexes of a large collection take longer than a start should wait.
    await withDeadline('indexes', this.#runner.timeoutMs, () => this.#indexes.settled()).catch(() => {});
  }

  async stop(): Promise<void> {
    this.#indexes.disable();
    await this.#commands.stop();
    // A server that is silent would keep the app from ending.
    await withDeadline('stop', this.#runner.timeoutMs, () => this.#source.stop()).catch(() => {});
  }

  async #deleteOne(action: string, filter: mongo.Filter<SessionDocument>): Promise<boolean> {
    const { deletedCount } = await this.#runner.run(action, (collection, limits) =>
      collection.deleteOne(filter, writeOptions(collection, limits)),
    );
    return deletedCount === 1;
  }

  #read(handle: SessionHandle, bytes: Uint8Array): StoredSession | undefined {
    const session = readDocument(handle, bytes, this.#library.BSON);
    if (!('unreadable' in session)) return session;
    if (!this.#hasReportedForeignDocument) {
      this.#hasReportedForeignDocument = true;
      this.#log.warn(
        `Document ${handle} of the collection "${this.#source.collectionName}" is no session that this version can read ` +
          `(${session.unreadable}), and counts as none, like all others of its kind: remove them, or give sessions a collection of their own.`,
      );
    }
    return undefined;
  }
}
