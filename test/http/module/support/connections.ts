import type { mongo } from 'mongoose';

/** How many connections the server has from clients that call themselves so, those between two commands included. */
export async function connectionsOf(admin: mongo.MongoClient, appName: string): Promise<number> {
  const found = await admin
    .db('admin')
    .aggregate([{ $currentOp: { allUsers: true, idleConnections: true } }, { $match: { appName } }])
    .toArray();
  return found.length;
}
