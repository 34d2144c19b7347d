// Operations that wait for each other: their deadlines hold from the call, and don't add up.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MongoSessionsModule } from '../../../lib/index.js';
import { sessionOf } from '../../../lib/http/request-sessions.js';
import { type AnySession, type Handle, type World, startWorld } from '../../support/world.js';
import { type Platform, PLATFORMS, testDatabase } from '../../support/http.js';
import { proxyTo } from '../../support/fault-proxy/proxy-to.js';

const database = testDatabase();
const READS = ['find'];
const proxy = proxyTo(database);
const TIMEOUT_MS = 1000;
const OPERATIONS = 20;
const WRITES = ['update', 'findAndModify', 'delete', 'insert'];

beforeAll(() => proxy.open());
afterEach(() => proxy.set(undefined));

async function start(platform: Platform): Promise<World> {
  const options = { uri: proxy.uri, collection: 'sessions', timeoutMs: TIMEOUT_MS };
  return startWorld(platform, options);
}

describe.each(PLATFORMS)('A14: twenty operations on one session while MongoDB hangs, on %s', (platform) => {
  test('of as many requests fail with 503 within one deadline, and then work again', async () => {
    const world = await start(platform);
    const browser = await world.browserWith({ n: 0 });
    // Handlers that have read their session, and begin at different moments.
    const visits = await Promise.all(
      Array.from({ length: OPERATIONS }, () => world.begin(browser.clone(), ({ session }) => session.increment('n'))),
    );
    proxy.set({ kind: 'black-hole', commands: WRITES });
    const started = performance.now();
    const replies = await Promise.all(visits.map((visit) => visit.end()));
    const took = performance.now() - started;
    proxy.set(undefined);

    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([503]));
    expect(took).toBeGreaterThan(TIMEOUT_MS / 2);
    expect(took).toBeLessThan(2 * TIMEOUT_MS);
    // What was swallowed is not done, and nothing is left in a queue.
    await expect
      .poll(async () => (await world.visit(browser, ({ session }) => session.increment('n').then(String))).status, {
        timeout: 10_000,
      })
      .toBe(200);
  });

  test('of one request fail within one deadline, and so does its response', async () => {
    const world = await start(platform);
    const browser = await world.browserWith({ n: 0 });
    const codes: unknown[] = [];
    proxy.set({ kind: 'black-hole', commands: WRITES });
    const started = performance.now();
    const reply = await world.visit(browser, async ({ session }) => {
      const all = Array.from({ length: OPERATIONS }, () =>
        session.increment('n').catch((error: { code: unknown }) => codes.push(error.code)),
      );
      await Promise.all(all);
      session['other'] = 1;
    });
    const took = performance.now() - started;
    expect(codes).toEqual(Array.from({ length: OPERATIONS }, () => 'SESSION_STORE_UNAVAILABLE'));
    expect(reply.status).toBe(503);
    expect(took).toBeLessThan(2 * TIMEOUT_MS);
  });
});

describe.each(PLATFORMS)('A14: three registrations while MongoDB hangs, on %s', (platform) => {
  test('are read at the same time, so a request waits for one deadline', async () => {
    const options = { uri: proxy.uri, timeoutMs: TIMEOUT_MS };
    const imports = ['admin', 'shop'].map((name) =>
      MongoSessionsModule.forRoot({ ...options, name, collection: name }),
    );
    const world = await startWorld(platform, { ...options, collection: 'sessions' }, { imports });
    const browser = world.client();
    const fill: Handle = ({ request }) => {
      for (const name of ['default', 'admin', 'shop']) (sessionOf(request, name) as AnySession)['a'] = 1;
    };
    await world.visit(browser, fill);
    expect(browser.jar.size).toBe(3);
    proxy.set({ kind: 'black-hole', commands: READS });
    const started = performance.now();
    const reply = await world.visit(browser, () => 'does not ask');
    const took = performance.now() - started;
    expect([reply.status, reply.body]).toEqual([200, 'does not ask']);
    expect(took).toBeLessThan(2 * TIMEOUT_MS);
  });
});
