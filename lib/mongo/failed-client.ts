import type { mongo } from 'mongoose';

/**
 * Whether the client's first attempt to connect has failed, which it never gets over by itself: every operation then says
 * "Topology is closed". (A client that was connected once recovers alone; one that its owner closed has no topology.)
 */
export function hasFailedToConnect(client: mongo.MongoClient): boolean {
  return topologyOf(client)?.isDestroyed?.() ?? false;
}

/** Whether the client has begun to connect, and has not failed in it. */
export function hasBegunToConnect(client: mongo.MongoClient): boolean {
  return topologyOf(client) !== undefined && !hasFailedToConnect(client);
}

// Not in the driver's published types, but mongoose too relies on it.
function topologyOf(client: mongo.MongoClient): { isDestroyed?(): boolean } | undefined {
  return (client as unknown as { topology?: { isDestroyed?(): boolean } }).topology;
}
