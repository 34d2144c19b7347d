import type { mongo } from 'mongoose';
import { loggedErrors, SessionError } from '../../core/errors.js';
import type { SeatedSession, SeatStore, StoredUser, UsersRead } from '../../core/store/seat-store.interface.js';
import { isUnauthorized } from '../../core/store/unauthorized.js';
import { userKeyOf } from '../../core/store/user-key.js';
import { type SessionHandle, isHandle } from '../../core/token/session-token.js';
import { BINARY_COLLATION } from '../commands/document-updates.js';
import { type Limits, type OperationRunner, READ_CONCERN, writeOptions } from '../commands/operation-runner.js';
import { clientOf } from '../connection/client-state.js';
import { PLAIN_ANSWERS, PLAIN_VALUES } from '../documents/bson-codec.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import { idOf } from '../documents/stored-document.js';
import type { IndexKeeper } from '../maintenance/index-keeper.js';
import { DUPLICATE_KEY, codeOf } from '../store-error.js';
import type { StoreLog } from '../store-log.interface.js';
import { ofUser, readOptions } from './session-filters.js';
import { isDate, readUserDocument, toUserDocument, type UserDocument } from './user-document.js';

type UserCollection = mongo.Collection<UserDocument>;

/** With these times, a later read sees everything that this one has seen. */
type Moment = Pick<mongo.ClientSession, 'operationTime' | 'clusterTime'>;

/** Reads what can't be rolled back. A primary that was cut off can't answer. */
const MAJORITY = { level: 'majority' } as const;
const MAX_REPORTED = 100;
/** The rights that the database user needs there. */
const USER_ACTIONS = ['find', 'insert', 'update', 'createIndex'];

/** Users in the collection `<collection>.users`, one document each. */
export class UserSeats implements SeatStore {
  readonly #runner: OperationRunner;
  readonly #indexes: IndexKeeper;
  readonly #library: typeof mongo;
  readonly #log: StoreLog;
  readonly #reported = new Set<string>();

  constructor(runner: OperationRunner, indexes: IndexKeeper, library: typeof mongo, log: StoreLog) {
    this.#runner = runner;
    this.#indexes = indexes;
    this.#library = library;
    this.#log = log;
  }

  async findUsers(userIds: readonly unknown[]): Promise<UsersRead> {
    // Not `$in`: it would use a regular expression as a pattern.
    const filter = { $or: userIds.map((userId) => ({ _id: { $eq: userId } })) };
    const { documents, asOf } = await this.#run('findUsers', (users, limits, sessions) =>
      inSession(sessions, {}, async (session) => {
        const options = { ...readOptions(limits), ...PLAIN_VALUES, readConcern: READ_CONCERN, session };
        const found = await users.find(filter as mongo.Filter<UserDocument>, options).toArray();
        const { operationTime, clusterTime } = session;
        return { documents: found, asOf: { operationTime, clusterTime } as Moment };
      }),
    );
    const byKey = new Map(documents.map((document) => [userKeyOf(document._id), document]));
    const users = userIds.map((userId) => {
      const document = byKey.get(userKeyOf(userId));
      return document && this.#read(document);
    });
    return { users, asOf };
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
    return this.#runner.run(action, async (sessions, limits) => {
      const { dbName, collectionName } = sessions;
      const users = clientOf(sessions)!.db(dbName).collection<UserDocument>(`${collectionName}.users`);
      try {
        return await operation(users, limits, sessions);
      } catch (error) {
        if (isUnauthorized(error)) throw missingRight(users, error);
        throw error;
      }
    });
  }

  #read(document: UserDocument): StoredUser {
    const user = readUserDocument(document as unknown as Record<string, unknown>);
    if (!('unreadable' in user)) return user;
    const id = this.#library.BSON.EJSON.stringify({ _id: document._id }).slice(0, 200);
    const error = new SessionError(
      'SESSION_STORE_FAILED',
      `A document of a user can't be read (field \`${user.unreadable}\`). Remove it: the next login makes another one.`,
    );
    if (!this.#reported.has(id) && this.#reported.size < MAX_REPORTED) {
      this.#reported.add(id);
      this.#log.error(`${error.message} It is ${id}; until then, logins of this user are answered with 503.`);
    }
    loggedErrors.add(error);
    throw error;
  }
}

/** Runs a read in a driver session of its own, causally consistent with that moment. */
async function inSession<T>(
  sessions: SessionCollection,
  { operationTime, clusterTime }: Moment,
  read: (session: mongo.ClientSession) => Promise<T>,
): Promise<T> {
  const session = clientOf(sessions)!.startSession({ causalConsistency: true });
  if (clusterTime) session.advanceClusterTime(clusterTime);
  if (operationTime) session.advanceOperationTime(operationTime);
  try {
    return await read(session);
  } finally {
    session.endSession().catch(() => {});
  }
}

function missingRight({ dbName, collectionName }: UserCollection, cause: unknown): SessionError {
  const privilege = { resource: { db: dbName, collection: collectionName }, actions: USER_ACTIONS };
  return new SessionError(
    'SESSION_STORE_FAILED',
    `This database user has no rights on the collection "${collectionName}", where sessions of a user are counted and revoked. ` +
      `Grant them: db.getSiblingDB(${JSON.stringify(dbName)}).grantPrivilegesToRole("<its role>", [${JSON.stringify(privilege)}])`,
    { cause },
  );
}
