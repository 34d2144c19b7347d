// A replica set of three real servers of a test file's own, whose members it kills and starts again.
import type { mongo } from 'mongoose';
import { afterAll, beforeAll } from 'vitest';
import { type MongoMember, type MongoServer, start } from '../../tools/mongo-server.mjs';

/** What the tests of a file share. Not `MONGODB_URI`: nobody else's server is killed. */
export function replicaSet(): { readonly server: MongoServer } {
  const { MONGODB_URI: _given, ...env } = process.env;
  let server: MongoServer | undefined;
  beforeAll(async () => {
    server = await start({ members: 3, durable: true, failpoints: false, env, log: () => {} });
  });
  afterAll(() => server?.stop());
  return {
    get server() {
      return server!;
    },
  };
}

/** Its members, as the client sees them at this moment. */
export async function membersBy(
  { members }: MongoServer,
  client: mongo.MongoClient,
): Promise<{ primary: MongoMember; others: MongoMember[] }> {
  const { primary } = await client.db('admin').command({ hello: 1 });
  const isPrimary = ({ port }: MongoMember) => (primary as string).endsWith(`:${port}`);
  return { primary: members.find(isPrimary)!, others: members.filter((member) => !isPrimary(member)) };
}
