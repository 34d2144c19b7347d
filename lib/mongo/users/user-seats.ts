import type { mongo } from 'mongoose';
import type { SeatedSession, SeatStore, StoredUser, UsersRead } from '../../core/store/seat-store.interface.js';
import { type SessionHandle, isHandle } from '../../core/token/session-token.js';
import { BINARY_COLLATION } from '../commands/document-updates.js';
import { type Limits, type OperationRunner, writeOptions } from '../commands/operation-runner.js';
import { PLAIN_ANSWERS } from '../documents/bson-codec.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import { idOf } from '../documents/stored-document.js';
import type { IndexKeeper } from '../maintenance/index-keeper.js';
import { DUPLICATE_KEY, codeOf } from '../store-error.js';
import type { StoreLog } from '../store-log.interface.js';
import { ofUser, readOptions } from './session-filters.js';
import { inSession, type Moment, type UserCollection, withUsers } from './user-collection.js';
import { isDate, toUserDocument, type UserDocument } from './user-document.js';
import { UserReads } from './user-reads.js';

/** Reads what can't be rolled back. A primary that was cut off can't answer. */
const MAJORITY = { level: 'majority' } as const;

/** Users in the collection `<collection>.users`, one document each. */
export class UserSeats implements SeatStore {
  readonly #runner: OperationRunner;
  readonly #indexes: IndexKeeper;
  readonly #library: typeof mongo;
  readonly #reads: UserReads;

  constructor(runner: OperationRunner, indexes: IndexKeeper, library: typeof mongo, log: StoreLog) {
    this.#runner = runner;
    this.#indexes = indexes;
    this.#library = library;
    this.#reads = new UserReads(runner, library, log);
  }

  findUsers(userIds: readonly unknown[]): Promise<UsersRead> {
    return this.#reads.read(userIds);
  }

  insertUser(user: StoredUser): Promise<boolean> {
    return this.#run('insertUser', async (users, limits, sessions) => {
      try {
        await users.insertOne(toUserDocument(user, this.#library), writeOptions(sessions, limits));
      } catch (error) {
        if (codeOf(error) === DUPLICATE_KEY) return false;
        throw error;
      }
      this.#indexes.onInsertUser(sessions, users);
      return true;
    });
  }

  changeUser(user: StoredUser, revision: string): Promise<boolean> {
    const { _id, ...next } = toUserDocument(user, this.#library);
    const filter = { _id: { $eq: _id }, revision: idOf(revision, this.#library) } as mongo.Filter<UserDocument>;
    return this.#run('changeUser', async (users, limits, sessions) => {
      const options = { ...writeOptions(sessions, limits), collation: BINARY_COLLATION };
      return (await users.replaceOne(filter, next, options)).matchedCount === 1;
    });
  }

  async findSeated(handles: readonly SessionHandle[], userId: unknown, asOf: unknown): Promise<SeatedSession[]> {
    const ids = handles.filter(isHandle).map((handle) => idOf(handle, this.#library));
    if (ids.length === 0) return [];
    const projection = { lastSeenAt: 1, expiresAt: 1, 'meta.authenticatedAt': 1 };
    const found = await this.#runner.run('findSeated', (sessions, limits) =>
      inSession(sessions, asOf as Moment, (session) => {
        const options = { ...readOptions(limits), readConcern: MAJORITY, session, projection };
        const filter = { _id: { $in: ids }, userId: ofUser(userId) };
        return sessions.find(filter, { ...options, ...PLAIN_ANSWERS, batchSize: ids.length + 1 }).toArray();
      }),
    );
    return found.flatMap(({ _id, lastSeenAt, expiresAt, meta }) => {
      if (!isDate(lastSeenAt) || !isDate(expiresAt)) return [];
      const times = { lastSeenAt: lastSeenAt.getTime(), expiresAt: expiresAt.getTime() };
      const { authenticatedAt } = meta ?? {};
      return {
        handle: _id.toHexString(),
        ...times,
        ...(isDate(authenticatedAt) && { authenticatedAt: authenticatedAt.getTime() }),
      };
    });
  }

  #run<T>(
    action: string,
    operation: (users: UserCollection, limits: Limits, sessions: SessionCollection) => Promise<T>,
  ): Promise<T> {
    return this.#runner.run(action, (sessions, limits) =>
      withUsers(sessions, (users) => operation(users, limits, sessions)),
    );
  }
}
