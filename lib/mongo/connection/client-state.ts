import type { mongo } from 'mongoose';

/** The client of a driver's collection; undefined for anything else. */
export function clientOf(collection: unknown): mongo.MongoClient | undefined {
  return (collection as { client?: mongo.MongoClient }).client;
}

/**
 * Whether the client's first attempt to connect has failed. It does not recover from that: every
 * operation fails with "Topology is closed". (A client that was once connected recovers; a client
 * that was closed has no topology.)
 */
export function hasFailedToConnect(client: mongo.MongoClient): boolean {
  return topologyOf(client)?.isDestroyed?.() ?? false;
}

export function isConnected(client: mongo.MongoClient): boolean {
  return topologyOf(client)?.isConnected?.() ?? false;
}

/**
 * Whether the client has a direct connection to a member of a replica set that is not the primary.
 * The driver reads there whatever the read preference is.
 */
export function isAtSecondary(client: mongo.MongoClient): boolean {
  if (!client.options.directConnection) return false;
  const servers = topologyOf(client)?.description?.servers.values() ?? [];
  return [...servers].some(({ type }) => type.startsWith('RS') && type !== 'RSPrimary');
}

interface Topology {
  readonly description?: { readonly servers: ReadonlyMap<string, { readonly type: string }> };
  isConnected?(): boolean;
  isDestroyed?(): boolean;
}

// Not in the driver's published types, but mongoose relies on it too.
function topologyOf(client: mongo.MongoClient): Topology | undefined {
  return (client as unknown as { topology?: Topology }).topology;
}
