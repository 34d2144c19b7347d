// MongoDB goes away, and comes back: the outage costs its deadline once, not every request, and has two lines in the log.
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MongoServer, start } from '../../../tools/mongo-server.mjs';
import { type HttpClient, PLATFORMS, type Reply, sharedApp, testDatabase } from '../../support/http.js';
import { proxyTo } from '../../support/fault-proxy/proxy-to.js';
import { VisitorsController } from '../commands/support/visitors.controller.js';

const TIMEOUT = 2500;
/** What takes less has not waited for its deadline. */
const AT_ONCE = TIMEOUT - 500;
const VISITORS = 12;

interface World {
  readonly uri: () => string;
  /** Takes MongoDB away. */
  readonly away: () => Promise<unknown> | void;
  readonly back: () => Promise<unknown> | void;
}

/** Sends these requests together, and tells how many have waited for their deadline. */
async function together(visitors: readonly HttpClient[], path: string) {
  let slow = 0;
  const replies = await Promise.all(
    visitors.map(async (visitor): Promise<Reply> => {
      const begin = performance.now();
      const reply = await visitor.get(path);
      if (performance.now() - begin > AT_ONCE) slow++;
      return reply;
    }),
  );
  return { statuses: [...new Set(replies.map(({ status }) => status))], slow };
}

function describeOutage({ uri, away, back }: World): void {
  describe.each(PLATFORMS)('on %s', (platform) => {
    const clients: mongoose.mongo.MongoClient[] = [];
    const app = sharedApp(() => {
      const client = new mongoose.mongo.MongoClient(uri());
      clients.push(client);
      return {
        platform,
        sessions: { collection: `outage ${platform}`, client, timeoutMs: TIMEOUT },
        controllers: [VisitorsController],
      };
    });
    afterAll(() => Promise.all(clients.map((client) => client.close(true))));
    test('costs its deadline once, whatever is asked for, and ends with the first response', async () => {
      const visitors = Array.from({ length: VISITORS }, () => app().client());
      expect((await together(visitors, '/begin?who=me')).statuses).toEqual([200]);
      await away();
      // Until the driver has noticed that its server is gone, and a request has waited in vain.
      const lines = () => app().log.lines.filter((line) => line.startsWith('MongoDB'));
      const ask = () => together(visitors, '/read').then(() => lines().length);
      await expect.poll(ask, { timeout: 60_000, interval: 1 }).toBe(1);

      const strangers = Array.from({ length: 4 }, () => app().client());
      const calls = await Promise.all([
        together(visitors, '/read'),
        together(visitors, '/write?value=1'),
        together(visitors, '/clear'),
        together(strangers, '/begin?who=me'),
      ]);
      expect(calls.map(({ statuses }) => statuses)).toEqual([[503], [503], [503], [503]]);
      // One of them all keeps the driver looking for its server.
      expect(calls.reduce((sum, { slow }) => sum + slow, 0)).toBeLessThanOrEqual(1);
      const plain = await together([...visitors, ...strangers], '/plain');
      expect(plain.statuses).toEqual([200]);
      expect(plain.slow).toBeLessThanOrEqual(1);
      expect(lines()).toEqual([expect.stringMatching(/^MongoDB .* Until then, .* 503\./)]);

      await back();
      await expect
        .poll(async () => (await visitors[0]!.get('/read')).status, { timeout: 30_000, interval: 50 })
        .toBe(200);
      expect((await together(visitors, '/read')).statuses).toEqual([200]);
      expect((await together(visitors, '/write?value=2')).statuses).toEqual([200]);
      expect((await together(strangers, '/begin?who=me')).statuses).toEqual([200]);
      expect(lines().slice(1)).toEqual([expect.stringMatching(/^MongoDB answers again, after \d+ s\./)]);
    }, 120_000);
  });
}

describe('A13: an outage of a server that is killed and started again', () => {
  // It has to be a server that can be killed, also in a run that is given one.
  const { MONGODB_URI: _given, ...env } = process.env;
  let server: MongoServer;
  beforeAll(async () => {
    server = await start({ durable: true, failpoints: false, env, log: () => {} });
  });
  afterAll(() => server.stop());
  const member = () => server.members[0]!;
  describeOutage({ uri: () => server.uri, away: () => member().kill(), back: () => member().restart() });
});

describe('A13: an outage of a network that swallows everything', () => {
  // The driver asks its server every half second, and waits for an answer that long.
  const proxy = proxyTo(testDatabase(), { connectTimeoutMS: '500', serverSelectionTimeoutMS: '30000' });
  beforeAll(() => proxy.open());
  describeOutage({
    uri: () => proxy.uri,
    away: () => proxy.set({ kind: 'silence' }),
    back: () => proxy.set(undefined),
  });
});
