// The demo's database: a name of its own on whichever server there is, dropped at the end.
import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';

const { MongoClient, ObjectId, BSON } = mongoose.mongo;

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

/** A document as text, its hash shortened: it is no secret, but nobody has to read it. */
export function show({ secretHash, ...document }) {
  const hash = `SHA-256, ${secretHash.length()} bytes: ${Buffer.from(secretHash.buffer).toString('hex', 0, 4)}…`;
  const { _id, ...rest } = document;
  return BSON.EJSON.stringify({ _id, secretHash: hash, ...rest }, undefined, 2, { relaxed: true });
}

function withDatabase(uri, name) {
  const [, hosts = '', database = '', query = ''] = /^([^/]+\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  const search = new URLSearchParams(query);
  // The database in the path is also where a user is looked for, unless authSource says otherwise.
  if (hosts.includes('@') && !search.has('authSource')) search.set('authSource', database || 'admin');
  return `${hosts}/${name}?${search}`;
}
