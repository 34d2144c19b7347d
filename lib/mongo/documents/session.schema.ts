import type { Connection, Model, Schema } from 'mongoose';
import { sessionIndexes, type CleanupMode } from '../maintenance/indexes.js';
import type { SessionDocument } from './session-document.interface.js';

export type { SessionDocument } from './session-document.interface.js';

/** Name of the model for the sessions of a collection: one model a collection, whatever the registrations are called. */
export function sessionModelName(collection: string): string {
  return `MongoSession(${collection})`;
}

/** The model on that connection; the one that is there already, if two registrations share a collection. */
export function sessionModel(
  connection: Connection,
  collection: string,
  cleanup: CleanupMode,
  prepare: (schema: Schema<SessionDocument>) => void = () => {},
): Model<SessionDocument> {
  const name = sessionModelName(collection);
  const existing = connection.models[name] as Model<SessionDocument> | undefined;
  if (existing) return existing;
  const schema = createSessionSchema(connection, collection, cleanup);
  prepare(schema);
  return connection.model<SessionDocument>(name, schema, collection);
}

function createSessionSchema({ base }: Connection, collection: string, cleanup: CleanupMode): Schema<SessionDocument> {
  // Of the connection's own copy of mongoose, which need not be ours.
  const schema = new base.Schema<SessionDocument>(
    {
      _id: { type: base.Schema.Types.ObjectId, required: true },
      secretHash: { type: base.Schema.Types.Buffer, required: true, select: false },
      epoch: { type: Number, required: true },
      data: { type: base.Schema.Types.Mixed, required: true },
      userId: { type: base.Schema.Types.Mixed },
      createdAt: { type: Date, required: true },
      lastSeenAt: { type: Date, required: true },
      expiresAt: { type: Date, required: true },
      meta: new base.Schema(
        {
          permanent: Number,
          authenticatedAt: Date,
          amr: { type: [String], default: undefined },
          device: { type: base.Schema.Types.Mixed },
        },
        { _id: false, minimize: false },
      ),
      rotation: { type: base.Schema.Types.Mixed, select: false },
      v: { type: Number, required: true },
    },
    {
      collection,
      // Indexes are made by indexes.ts, which can reconcile; they are declared for the sake of `syncIndexes()`.
      autoIndex: false,
      autoCreate: false,
      minimize: false,
      strict: true,
      versionKey: false,
      id: false,
    },
  );
  // Copies, for mongoose 8 adds to the options that it is given.
  for (const { key, options } of sessionIndexes(cleanup)) schema.index({ ...key }, { ...options });
  return schema;
}
