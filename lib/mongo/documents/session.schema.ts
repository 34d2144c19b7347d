import type { Connection, Model, Schema } from 'mongoose';
import { sessionIndexes, type CleanupMode } from '../maintenance/indexes.js';
import type { SessionDocument } from './session-document.interface.js';

export type { SessionDocument } from './session-document.interface.js';

/** Name of the model for a collection of sessions. All registrations of the collection share it. */
export function sessionModelName(collection: string): string {
  return `MongoSession(${collection})`;
}

/** The model on this connection, shared by registrations of the same collection. */
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
  // Of the connection's copy of mongoose, which may not be ours.
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
          movedAt: Date,
        },
        { _id: false, minimize: false },
      ),
      rotation: { type: base.Schema.Types.Mixed, select: false },
      v: { type: Number, required: true },
    },
    {
      collection,
      // Created by indexes.ts, which can reconcile them. Declared for `syncIndexes()`.
      autoIndex: false,
      autoCreate: false,
      minimize: false,
      strict: true,
      versionKey: false,
      id: false,
    },
  );
  // Copies, because mongoose 8 changes the options that it gets.
  for (const { key, options } of sessionIndexes(cleanup)) schema.index({ ...key }, { ...options });
  return schema;
}
