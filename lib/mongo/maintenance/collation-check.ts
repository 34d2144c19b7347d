import { clientOf } from '../connection/client-state.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import type { StoreLog } from '../store-log.interface.js';
import { readIndexes } from './indexes.js';

/**
 * Warns if the collection of users was created by hand with a collation: `ada` and `Ada` could then
 * not both be in it. Rejects if it can't be looked at, and where there is none.
 */
export async function checkUserCollation(sessions: SessionCollection, log: StoreLog): Promise<void> {
  const name = `${sessions.collectionName}.users`;
  const users = clientOf(sessions)!.db(sessions.dbName).collection(name);
  const indexes = await readIndexes(users);
  if (!indexes.some((index) => index['name'] === '_id_' && index['collation'])) return;
  log.error(
    `The collection "${name}" has a collation, which can treat two users as one: logins of the second one then fail ` +
      `with SESSION_CONTENDED. Drop it, and the next login creates it without one: db.getCollection(${JSON.stringify(name)}).drop()`,
  );
}
