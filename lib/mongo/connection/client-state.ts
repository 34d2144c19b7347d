import type { mongo } from 'mongoose';

/** The client of a driver's collection; undefined for anything else. */
export function clientOf(collection: unknown): mongo.MongoClient | undefined {
  return (collection as { client?: mongo.MongoClient }).client;
}

/**
 * Whether the client's first attempt to connect has failed, which it never gets over by itself: every operation then says
 * "Topology is closed". (A client that was connected once recovers alone; one that its owner closed has no topology.)
 */
export function hasFailedToConnect(client: mongo.MongoClient): boolean {
  return topologyOf(client)?.isDestroyed?.() ?? false;
}

export function isConnected(client: mongo.MongoClient): boolean {
  return topologyOf(client)?.isConnected?.() ?? false;
}

interface Topology {
  isConnected?(): boolean;
  isDestroyed?(): boolean;
}

// Not in the driver's published types, but mongoose too relies on it.
function topologyOf(client: mongo.MongoClient): Topology | undefined {
  return (client as unknown as { topology?: Topology }).topology;
}
