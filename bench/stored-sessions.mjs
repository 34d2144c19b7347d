// Fills a collection with sessions as the library stores them (lib/mongo/documents/stored-document.ts), and knows the tokens of some.
import { createHash, randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { smallSession } from './session-data.mjs';

const { Binary, ObjectId } = mongoose.mongo;
/** Its name goes into the hash of a token. */
const REGISTRATION = 'default';
const BATCH = 5_000;
const AT_ONCE = 4;
/** So many of them are asked for, evenly spread over all. */
const KNOWN = 512;

export const SIZES = { '1 k stored': 1_000, '100 k stored': 100_000, '1 M stored': 1_000_000 };

/** @returns {Promise<{ user: string, cookie: string }[]>} visitors for the sessions whose tokens are known */
export async function storeSessions(collection, count) {
  const known = Math.min(KNOWN, count);
  const visitors = [];
  let next = 0;
  async function work() {
    while (next < count) {
      const from = next;
      next = Math.min(count, next + BATCH);
      const documents = [];
      for (let index = from; index < next; index++) {
        const isKnown = Math.floor((index * known) / count) !== Math.floor(((index - 1) * known) / count);
        documents.push(makeSession(index, isKnown && visitors));
      }
      await collection.insertMany(documents, { ordered: false, writeConcern: { w: 1 } });
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  // The library's own, which it would otherwise begin to build when it is measured.
  await collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 3600 });
  await collection.createIndex({ userId: 1 }, { sparse: true });
  return visitors;
}

function makeSession(index, visitors) {
  const now = new Date();
  const secret = randomBytes(32);
  const _id = new ObjectId();
  const user = `u${index}`;
  if (visitors) visitors.push({ user, cookie: `id=${Buffer.concat([_id.id, secret]).toString('base64url')}` });
  return {
    _id,
    // Nobody asks for the others, so that theirs need not be the hash of anything.
    secretHash: new Binary(
      visitors ? createHash('sha256').update(`${REGISTRATION}\0`).update(secret).digest() : secret,
    ),
    epoch: 0,
    data: smallSession(user),
    createdAt: now,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + 30 * 60_000),
    v: 1,
  };
}
