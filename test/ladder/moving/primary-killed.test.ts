// Old sessions that are taken over on a replica set of three, whose primary is killed between two steps.
import mongoose from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isProof } from '../../support/proof-out.js';
import { membersBy, replicaSet } from '../../support/replica-set.js';
import { oldSession } from '../../http/moving-in/support/old-sessions.js';
import { MoverProcess, NEW_SESSIONS, OLD_SESSIONS, type Visited } from './support/mover-process.js';

const set = replicaSet();
const dbName = 'moving';
const WAIT = { timeout: 60_000, interval: 100 };

function connect(): mongoose.mongo.MongoClient {
  const client = new mongoose.mongo.MongoClient(set.server.uri);
  onTestFinished(() => client.close());
  return client;
}

/** Before the insert, the removal of the original, the read of the user, and the tombstone; the shorter selection: between insert and removal. */
const STOPS = isProof ? [2, 3, 4, 6] : [3];

describe('movingIn on a replica set', () => {
  test.each(STOPS)(
    'logs nobody out, and revives nothing, when the primary is killed before call number %d',
    async (at) => {
      const client = connect();
      const originals = client.db(dbName).collection(OLD_SESSIONS, { writeConcern: { w: 'majority' } });
      const { cookie } = await oldSession(originals, { cart: 'tea', user: 'ada' });
      const header = `connect.sid=${cookie}`;
      let hasKilled = false;
      const first = new MoverProcess({
        ...{ client, dbName, timeoutMs: 3000 },
        async beforeCall(call) {
          if (call !== at) return;
          const { primary } = await membersBy(set.server, client);
          await primary.kill('SIGKILL');
          onTestFinished(() => primary.restart());
          hasKilled = true;
        },
      });
      await first.visit(header, (session) => at > 4 && session.logout()).catch(() => {});
      expect(hasKilled).toBe(true);

      const other = new MoverProcess({ client: connect(), dbName, timeoutMs: 3000 });
      const visit = () => other.visit(header).catch(() => undefined);
      let found: Visited | undefined;
      await expect.poll(async () => (found = await visit()), WAIT).toBeDefined();
      // A logout that was answered with an error may have ended the session all the same.
      if (at <= 4) expect(found).toEqual({ isNew: false, cart: 'tea', userId: 'ada' });
      await other.visit(header, (session) => session.logout());
      expect((await other.visit(header)).isNew).toBe(true);
      expect(await originals.countDocuments()).toBe(0);
      expect(
        await client
          .db(dbName)
          .collection(NEW_SESSIONS)
          .countDocuments({ epoch: { $ne: -1 } }),
      ).toBe(0);
    },
    120_000,
  );
});
