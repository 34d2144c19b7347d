import mongoose, { type Connection, type mongo } from 'mongoose';
import { optionError } from '../../core/option-checks.js';
import type { SourceOptions } from '../../core/options/resolved-options.interface.js';
import { clientOf } from './client-state.js';
import type { CollectionSource } from './collection-source.interface.js';
import { MongooseSource } from './mongoose-source.js';
import { NativeSource } from './native-source.js';
import { refuseOldMongoose } from './old-drivers.js';
import type { CleanupMode } from '../maintenance/indexes.js';

/**
 * Finds the collection by the options. `fallback`: the app's own mongoose connection, used if the
 * options name none.
 */
export function connectionSource(
  options: SourceOptions,
  fallback?: unknown,
  cleanup: CleanupMode = 'ttl',
): CollectionSource {
  const { collection, connectionName, connection, client, db, uri, dbName } = options;
  refuseOldMongoose(mongoose.version);
  if (isMongooseCollection(collection)) return new MongooseSource(collection.conn, collection.collectionName, cleanup);
  if (isNativeCollection(collection)) return new NativeSource(clientOf(collection)!, collection, cleanup);
  if (typeof collection !== 'string') {
    throw optionError('collection', collection, 'Give the name of a collection, or a collection of the driver.');
  }
  if (client !== undefined) {
    if (!isClient(client)) throw optionError('client', client, 'Give a MongoClient of the driver.');
    return new NativeSource(client, client.db(dbName).collection(collection), cleanup);
  }
  if (db !== undefined) {
    if (!isDb(db)) throw optionError('db', db, "Give a Db of the driver, such as `client.db('shop')`.");
    return new NativeSource(db.client, db.collection(collection), cleanup);
  }
  if (uri !== undefined) {
    const own = openClient(uri);
    return new NativeSource(own, own.db(dbName).collection(collection), cleanup, true);
  }
  const chosen = connection === undefined ? fallback : connection;
  if (connectionName !== undefined && chosen === undefined) {
    const fix = `MongooseModule has no connection of this name: import MongooseModule.forRoot(uri, { connectionName: '${connectionName}' }).`;
    throw optionError('connectionName', connectionName, fix);
  }
  if (!isConnection(chosen)) {
    throw optionError(
      'connection',
      chosen,
      'Give a mongoose Connection, or a `client`, `db` or `uri`; or import MongooseModule.forRoot(...) with that connection.',
    );
  }
  return new MongooseSource(chosen, collection, cleanup);
}

/**
 * What an address says about reads. Sessions are read from the primary, and without a member that
 * suits this, the driver would not connect at all.
 */
const READ_PREFERENCE = /(?<=[?&])(?:readPreference|readPreferenceTags|maxStalenessSeconds)=[^&]*(?:&|$)/gi;

function openClient(uri: string): mongo.MongoClient {
  try {
    return new mongoose.mongo.MongoClient(uri.replace(READ_PREFERENCE, ''), {
      driverInfo: { name: 'nestjs-mongo-sessions' },
    });
  } catch (error) {
    const fault = error instanceof Error ? error.name : 'Error';
    throw optionError('uri', uri, `The driver can't read it (${fault}): give one such as 'mongodb://host:27017/shop'.`);
  }
}

// Recognised by their methods, not by class: the app's mongoose or driver may be another copy.

function isConnection(value: unknown): value is Connection {
  return can(value, 'getClient', 'model') && (value as Partial<Connection>).base?.mongo !== undefined;
}

function isClient(value: unknown): value is mongo.MongoClient {
  return can(value, 'db', 'startSession');
}

function isDb(value: unknown): value is mongo.Db {
  return can(value, 'collection', 'command') && isClient((value as Partial<mongo.Db>).client);
}

function isMongooseCollection(value: unknown): value is { conn: Connection; collectionName: string } {
  return can(value, 'findOne', 'updateOne') && isConnection((value as { conn?: unknown }).conn);
}

function isNativeCollection(value: unknown): value is mongo.Collection {
  return can(value, 'findOne', 'updateOne') && isClient(clientOf(value));
}

function can(value: unknown, ...methods: string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}
