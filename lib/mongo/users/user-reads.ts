import type { mongo } from 'mongoose';
import { loggedErrors, SessionError } from '../../core/errors.js';
import type { StoredUser, UsersRead } from '../../core/store/seat-store.interface.js';
import { userKeyOf } from '../../core/store/user-key.js';
import { type Limits, type OperationRunner, READ_CONCERN } from '../commands/operation-runner.js';
import type { PendingJob } from '../commands/pending-job.js';
import { shareCommands } from '../commands/share-commands.js';
import { PLAIN_VALUES } from '../documents/bson-codec.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import { SilentConnectionError } from '../store-error.js';
import type { StoreLog } from '../store-log.interface.js';
import { readOptions } from './session-filters.js';
import { inSession, type Moment, withUsers } from './user-collection.js';
import { readUserDocument, type UserDocument } from './user-document.js';

type PendingRead = PendingJob<readonly unknown[], UsersRead>;

interface Found {
  readonly documents: readonly UserDocument[];
  readonly asOf: Moment;
}

const MAX_REPORTED = 100;
/** What a user with some sessions takes. */
const USUAL_BYTES = 1024;

/**
 * Reads users. Concurrent logins share one `find`: it leaves after all of their writes were
 * acknowledged, as one for each of them would.
 */
export class UserReads {
  readonly #library: typeof mongo;
  readonly #log: StoreLog;
  /** Reads these users. */
  readonly read: (userIds: readonly unknown[]) => Promise<UsersRead>;
  readonly #reported = new Set<string>();

  constructor(runner: OperationRunner, library: typeof mongo, log: StoreLog) {
    this.#library = library;
    this.#log = log;
    this.read = shareCommands(runner, {
      action: 'findUsers',
      bytesOf: (userIds) => userIds.length * USUAL_BYTES,
      send: (sessions, limits, reads) => this.#readAll(sessions, limits, reads),
    });
  }

  async #readAll(sessions: SessionCollection, limits: Limits, reads: readonly PendingRead[]): Promise<void> {
    const userIds = new Map(reads.flatMap(({ job }) => job.map((userId) => [userKeyOf(userId), userId])));
    limits.mayRepeat = true;
    const { documents, asOf } = await this.#find(sessions, limits, [...userIds.values()]);
    const byKey = new Map(documents.map((document) => [userKeyOf(document._id), document]));
    for (const read of reads) {
      try {
        const found = read.job.map((userId) => byKey.get(userKeyOf(userId)));
        read.resolve({ users: found.map((document) => document && this.#decode(document)), asOf });
      } catch (error) {
        read.reject(error);
      }
    }
  }

  async #find(sessions: SessionCollection, limits: Limits, userIds: readonly unknown[]): Promise<Found> {
    // Not `$in`: it would use a regular expression as a pattern.
    const filter = { $or: userIds.map((userId) => ({ _id: { $eq: userId } })) } as mongo.Filter<UserDocument>;
    const find = () =>
      inSession(sessions, {}, async (session) => {
        const options = { ...readOptions(limits), ...PLAIN_VALUES, batchSize: userIds.length + 1, session };
        const documents = await withUsers(sessions, (users) =>
          users.find(filter, { ...options, readConcern: READ_CONCERN }).toArray(),
        );
        const { operationTime, clusterTime } = session;
        return { documents, asOf: { operationTime, clusterTime } as Moment };
      });
    for (;;) {
      try {
        return await find();
      } catch (error) {
        if (!(error instanceof SilentConnectionError)) throw error;
      }
    }
  }

  #decode(document: UserDocument): StoredUser {
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
