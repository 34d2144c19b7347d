// MongoSessions.ended() in two real processes: how soon one hears what the other has done, and what that costs.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MongoServer, start } from '../../../tools/mongo-server.mjs';
import { HttpClient, read } from '../../support/http.js';
import { writeProof } from '../../support/proof-out.js';
import { AppProcess } from './support/app-process.js';
import { machine } from './support/machine.js';

const SESSIONS = 200;
const AT_ONCE = 5;
const WATCHED = 10_000;
/**
 * The page shows the figures beside the goals, 1.2 s and 100 ms, which hold for a machine that does nothing else. What fails here is
 * what no busy machine explains: polls that are left out, or a change stream that is not heard, which a slow poll makes up for.
 */
const MAX_POLLED_MS = 2500;
const MAX_STREAMED_MS = 1000;
const figures: Record<string, unknown> = {};

let server: MongoServer;
const apps: AppProcess[] = [];

beforeAll(async () => {
  const { MONGODB_URI: _given, ...env } = process.env;
  server = await start({ members: 3, durable: true, failpoints: false, env, log: () => {} });
});

afterAll(async () => {
  for (const app of apps) await app.kill();
  await server.stop();
  if (Object.keys(figures).length > 0) writeProof('session-ends', { ...figures, machine: machine(server) });
});

async function startApp(database: string, changeStream = false): Promise<AppProcess> {
  const app = new AppProcess({ uri: server.uri.replace('/?', `/${database}?`), platform: 'express', changeStream });
  await app.start();
  apps.push(app);
  return app;
}

/** A browser with a session, and its stream in another process. */
async function openStream(here: AppProcess, there: AppProcess) {
  const browser = new HttpClient(here.origin);
  await browser.get('/login?user=ada');
  const response = await new HttpClient(there.origin, browser.jar).open('/live');
  await once(response, 'readable');
  let closedAt = 0;
  const closed = read(response).then(() => (closedAt = performance.now()));
  return { browser, closed, isOpen: () => closedAt === 0 };
}

/** How long it takes from the response to a logout until the other process has closed the stream, in milliseconds. */
async function latency(here: AppProcess, there: AppProcess): Promise<number> {
  const { browser, closed } = await openStream(here, there);
  await delay(Math.random() * 1000);
  await browser.get('/logout');
  const loggedOutAt = performance.now();
  return Math.max(0, (await closed) - loggedOutAt);
}

async function latencies(here: AppProcess, there: AppProcess): Promise<{ p50: number; p99: number; worst: number }> {
  const all: number[] = [];
  // One that stays open: what is measured is how soon ends are heard, not how soon a process begins to listen.
  const first = await openStream(here, there);
  await delay(2000);
  const worker = async () => {
    while (all.length < SESSIONS) all.push(await latency(here, there));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await first.browser.get('/logout');
  await first.closed;
  const sorted = all.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]!);
  return { p50: at(0.5), p99: at(0.99), worst: at(1) };
}

describe('ended() in another process', () => {
  test('hears of a logout by polling', async () => {
    const measured = await latencies(await startApp('polling'), await startApp('polling'));
    figures['polling'] = measured;
    expect(measured.p99).toBeLessThanOrEqual(MAX_POLLED_MS);
  });

  test('hears of a logout by a change stream', async () => {
    const measured = await latencies(await startApp('stream', true), await startApp('stream', true));
    figures['changeStream'] = measured;
    expect(measured.p99).toBeLessThanOrEqual(MAX_STREAMED_MS);
  });

  test(`looks at ${WATCHED} sessions by ${WATCHED / 1000} commands a second, and hears of every end`, async () => {
    const client = new mongoose.mongo.MongoClient(server.uri);
    const collection = client.db('many').collection('sessions');
    const now = Date.now();
    const times = { createdAt: new Date(now), lastSeenAt: new Date(now), expiresAt: new Date(now + 3_600_000) };
    const secretHash = new mongoose.mongo.Binary(randomBytes(32));
    const documents = Array.from({ length: WATCHED }, () => ({ secretHash, epoch: 0, data: {}, ...times, v: 1 }));
    await collection.insertMany(documents);
    const app = await startApp('many');
    const browser = new HttpClient(app.origin);
    await browser.get('/ended');
    const before = await app.measure();
    await browser.get('/watch-all');
    await delay(2000);
    const during = await app.measure();
    await delay(10_000);
    const after = await app.measure();
    const commands = (after.reads.primary - during.reads.primary) / 10;
    const bytes = Math.round((after.heap - before.heap) / WATCHED);
    figures['watched'] = { sessions: WATCHED, commandsPerSecond: commands, bytesPerSession: bytes };
    expect(commands).toBeGreaterThanOrEqual(8);
    expect(commands).toBeLessThanOrEqual(11);
    expect(bytes).toBeLessThanOrEqual(2048);
    const { deletedCount } = await collection.deleteMany({});
    expect(deletedCount).toBe(WATCHED);
    const deadline = performance.now() + 10_000;
    let ended = 0;
    while (ended < WATCHED && performance.now() < deadline) {
      ended = (JSON.parse((await browser.get('/ended')).body) as { ended: number }).ended;
      await delay(50);
    }
    expect(ended).toBe(WATCHED);
    // Nobody listens any more.
    await delay(1500);
    const idle = await app.measure();
    await delay(3000);
    expect((await app.measure()).reads.primary).toBe(idle.reads.primary);
    browser.close();
    await client.close();
  });

  test.each([false, true])('outlives a failover, with a change stream: %s', async (changeStream) => {
    const database = `failover_${changeStream}`;
    const [here, there] = [await startApp(database, changeStream), await startApp(database, changeStream)];
    const streams = [];
    for (let index = 0; index < 20; index++) streams.push(await openStream(here, there));
    const admin = new mongoose.mongo.MongoClient(server.uri);
    const { me } = await admin.db('admin').command({ hello: 1 }, { readPreference: 'primary' });
    const primary = server.members.find(({ port }) => me === `127.0.0.1:${port}`)!;
    await primary.kill('SIGKILL');
    // While there is no primary, one of them logs out as soon as that can be done.
    const deadline = performance.now() + 60_000;
    let status = 0;
    while (status !== 200 && performance.now() < deadline) ({ status } = await streams[0]!.browser.get('/logout'));
    const loggedOutAt = performance.now();
    const late = Math.max(0, (await streams[0]!.closed) - loggedOutAt);
    expect(streams.slice(1).every((stream) => stream.isOpen())).toBe(true);
    await primary.restart();
    for (const { browser } of streams.slice(1)) await browser.get('/logout');
    await Promise.all(streams.map(({ closed }) => closed));
    figures[changeStream ? 'failoverWithStream' : 'failover'] = { lateMs: Math.round(late) };
    await admin.close();
  });
});
