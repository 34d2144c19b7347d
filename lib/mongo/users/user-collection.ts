import type { mongo } from 'mongoose';
import { SessionError } from '../../core/errors.js';
import { isUnauthorized } from '../../core/store/unauthorized.js';
import { clientOf } from '../connection/client-state.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import type { UserDocument } from './user-document.js';

export type UserCollection = mongo.Collection<UserDocument>;

/** With these times, a later read sees everything that this one has seen. */
export type Moment = Pick<mongo.ClientSession, 'operationTime' | 'clusterTime'>;

/** The rights that the database user needs there. */
const USER_ACTIONS = ['find', 'insert', 'update', 'createIndex'];

/**
 * Runs an operation on `<collection>.users`. If a right is missing, the error says how to grant it.
 */
export async function withUsers<T>(
  sessions: SessionCollection,
  operation: (users: UserCollection) => Promise<T>,
): Promise<T> {
  const { dbName, collectionName } = sessions;
  const users = clientOf(sessions)!.db(dbName).collection<UserDocument>(`${collectionName}.users`);
  try {
    return await operation(users);
  } catch (error) {
    if (isUnauthorized(error)) throw missingRight(users, error);
    throw error;
  }
}

/** Runs a read in a driver session of its own, causally consistent with that moment. */
export async function inSession<T>(
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
