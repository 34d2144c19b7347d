// The demo's database: a name of its own on whichever server there is, dropped at the end.
import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';

const { MongoClient, ObjectId, Binary, BSON } = mongoose.mongo;

export function openDatabase(server) {
  const name = `nms_demo_${randomBytes(6).toString('hex')}`;
  const client = new MongoClient(server.uri, { serverSelectionTimeoutMS: 10_000, appName: 'demo' });
  const db = client.db(name);
  const sessions = db.collection('sessions');
  return {
    name,
    uri: withDatabase(server.uri, name),
    count: () => sessions.countDocuments(),
    find: (handle) => sessions.findOne({ _id: ObjectId.createFromHexString(handle) }),
    indexes: () => sessions.indexes(),
    async close() {
      try {
        await db.dropDatabase();
      } finally {
        await client.close(true);
      }
    },
  };
}

/** Whether two documents are the same, byte by byte. */
export function same(a, b) {
  return Buffer.compare(BSON.serialize(a), BSON.serialize(b)) === 0;
}

/** A document as text, its hashes shortened: they are no secrets, but nobody has to read them. */
export function show(document) {
  return BSON.EJSON.stringify(withShortHashes(document), undefined, 2, { relaxed: true });
}

function withShortHashes(value) {
  if (value instanceof Binary) return `${value.length()} bytes: ${Buffer.from(value.buffer).toString('hex', 0, 4)}…`;
  if (Array.isArray(value)) return value.map(withShortHashes);
  if (value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withShortHashes(inner)]));
}

function withDatabase(uri, name) {
  const [, hosts = '', database = '', query = ''] = /^([^/]+\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  const search = new URLSearchParams(query);
  // The database in the path is also where a user is looked for, unless authSource says otherwise.
  if (hosts.includes('@') && !search.has('authSource')) search.set('authSource', database || 'admin');
  return `${hosts}/${name}?${search}`;
}
