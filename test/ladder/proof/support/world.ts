// A replica set of its own, whose servers can be killed, and an app before it, which can be killed too.
import mongoose from 'mongoose';
import { expect } from 'vitest';
import type { SessionDocument } from '../../../../lib/mongo/documents/session-document.interface.js';
import { type MongoMember, type MongoServer, start } from '../../../../tools/mongo-server.mjs';
import type { Platform } from '../../../support/http.js';
import { AppProcess } from './app-process.js';
import { verify } from './journal.js';
import { Load } from './load.js';

const CLIENTS = 8;
/** Far above what a recovery takes, on a busy machine too. */
export const RECOVERY_MS = 60_000;

export interface World {
  readonly server: MongoServer;
  readonly app: AppProcess;
  readonly load: Load;
  primary(): Promise<MongoMember>;
  /** Nothing that was acknowledged is missing, and nothing is there that nobody has sent. Resolves with how many sessions there are. */
  expectNothingLost(): Promise<number>;
  close(): Promise<void>;
}

export async function openWorld(members: number, platform: Platform, query = ''): Promise<World> {
  // It has to be servers that can be killed, also in a run that is given one.
  const { MONGODB_URI: _given, ...env } = process.env;
  const server = await start({ members, durable: true, failpoints: false, env, log: () => {} });
  const admin = new mongoose.mongo.MongoClient(server.uri, { serverSelectionTimeoutMS: RECOVERY_MS });
  const app = new AppProcess({ uri: server.uri.replace('/?', '/proof?') + query, platform });
  await app.start();
  const load = new Load(app.origin, CLIENTS);
  return {
    server,
    app,
    load,
    async primary() {
      const { me } = await admin.db('admin').command({ hello: 1 }, { readPreference: 'primary' });
      return server.members.find(({ port }) => me === `127.0.0.1:${port}`)!;
    },
    async expectNothingLost() {
      const sessions = admin.db('proof').collection<SessionDocument>('sessions');
      const { compared, lost, wrong, half } = await verify(sessions, load.journal);
      expect({ lost, wrong, half, unseen: load.unseen }).toEqual({ lost: [], wrong: [], half: [], unseen: [] });
      return compared;
    },
    async close() {
      load.close();
      await app.kill();
      await admin.close(true);
      await server.stop();
    },
  };
}
