// 10,000 open sockets of real processes: what they cost, what is left of them, and how soon a logout closes one.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { cookieHeader } from '../../../lib/testing/session-client.js';
import { type MongoServer, start } from '../../../tools/mongo-server.mjs';
import { HttpClient } from '../../support/http.js';
import { writeProof } from '../../support/proof-out.js';
import { AppProcess, type Report } from './support/app-process.js';
import { machine } from './support/machine.js';

const SOCKETS = 10_000;
const AT_ONCE = 50;
const LOGOUTS = 200;
/** The goals are 100 ms and 1.2 s, on a machine that does nothing else. */
const MAX_HERE_MS = 500;
const MAX_ELSEWHERE_MS = 2500;
const figures: Record<string, unknown> = {};

let server: MongoServer;
const apps: AppProcess[] = [];

beforeAll(async () => {
  const { MONGODB_URI: _given, ...env } = process.env;
  server = await start({ durable: true, failpoints: false, env, log: () => {} });
});

afterAll(async () => {
  for (const app of apps) await app.kill();
  await server.stop();
  if (Object.keys(figures).length > 0) writeProof('sockets', { ...figures, machine: machine(server) });
});

async function startApp(database: string, withoutSessions = false): Promise<AppProcess> {
  const uri = server.uri.replace('/?', `/${database}?`);
  const app = new AppProcess({ uri, platform: 'express', withoutSessions });
  await app.start();
  apps.push(app);
  return app;
}

/** Does it for each, some at a time. */
async function forEach<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const work = async () => {
    for (const [index, item] of rest) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/** A cookie of a new session. */
async function cookieOf(app: AppProcess): Promise<string> {
  const browser = new HttpClient(app.origin);
  await browser.get('/write?value=1');
  browser.close();
  return cookieHeader(browser.jar);
}

async function connect(app: AppProcess, cookie: string): Promise<WebSocket> {
  const socket = new WebSocket(app.origin.replace('http', 'ws'), { headers: { cookie } });
  await once(socket, 'open');
  return socket;
}

async function ask(socket: WebSocket, event: string): Promise<void> {
  const answer = once(socket, 'message');
  socket.send(JSON.stringify({ event, data: {} }));
  const [text] = (await answer) as [Buffer];
  expect(JSON.parse(text.toString())).toMatchObject({ event: 'done' });
}

async function closeAll(app: AppProcess, sockets: readonly WebSocket[], rest: number): Promise<Report> {
  for (const socket of sockets) socket.terminate();
  const deadline = performance.now() + 30_000;
  let report = await app.measure();
  while (report.sockets > rest && performance.now() < deadline) {
    await delay(100);
    report = await app.measure();
  }
  return report;
}

/** Opens the sockets, lets each send a message, and closes them. The heap before, during and after. */
async function use(app: AppProcess, cookies: readonly string[], event: string) {
  const warmUp = await forEach(cookies.slice(0, 500), (cookie) => connect(app, cookie));
  await forEach(warmUp, (socket) => ask(socket, event));
  await closeAll(app, warmUp, 50);
  const before = await app.measure();
  const sockets = await forEach(cookies, (cookie) => connect(app, cookie));
  await forEach(sockets, (socket) => ask(socket, event));
  await delay(2000);
  const open = await app.measure();
  const from = performance.now();
  await delay(10_000);
  const later = await app.measure();
  // A poll a second.
  const polls = (performance.now() - from) / 1000;
  const commandsPerPoll = Number(((later.reads.primary - open.reads.primary) / polls).toFixed(1));
  const after = await closeAll(app, sockets, before.sockets);
  await delay(2000);
  const idle = await app.measure();
  await delay(3000);
  const commandsAfter = (await app.measure()).reads.primary - idle.reads.primary;
  return { before, open, after: await app.measure(), commandsPerPoll, commandsAfter, closed: after };
}

test(`${SOCKETS} sockets with a session each`, async () => {
  const app = await startApp('many');
  const cookies = await forEach(Array.from({ length: SOCKETS }), () => cookieOf(app));
  const ours = await use(app, cookies, 'user');
  await app.kill();
  const plain = await startApp('many', true);
  const theirs = await use(plain, cookies, 'nothing');
  await plain.kill();
  const perSocket = ({ before, open }: typeof ours) => (open.heap - before.heap) / SOCKETS;
  const bytesPerSocket = Math.round(perSocket(ours) - perSocket(theirs));
  const left = (ours.after.heap - ours.before.heap) / 2 ** 20;
  figures['open'] = {
    ...{ sockets: SOCKETS, commandsPerPoll: ours.commandsPerPoll, bytesPerSocket },
    ...{ bytesOfTheSocketItself: Math.round(perSocket(theirs)), mibLeft: Number(left.toFixed(1)) },
  };
  console.log(figures['open']);
  expect(ours.commandsPerPoll).toBeGreaterThanOrEqual(8);
  expect(ours.commandsPerPoll).toBeLessThanOrEqual(11);
  expect(bytesPerSocket).toBeLessThanOrEqual(1024);
  // What is kept of 10,000 sockets is twice as much, the sockets themselves twenty times.
  expect(left).toBeLessThan(4);
  expect(ours.after.listeners).toBe(ours.before.listeners);
  expect(ours.commandsAfter).toBe(0);
});

test('a logout closes a socket in the same process, and in another one', async () => {
  const [here, there] = [await startApp('ends'), await startApp('ends')];
  for (const [name, app, most] of [
    ['here', here, MAX_HERE_MS],
    ['elsewhere', there, MAX_ELSEWHERE_MS],
  ] as const) {
    const all: number[] = [];
    // One that stays open: the process listens already.
    const first = await connect(app, await cookieOf(here));
    await ask(first, 'user');
    await delay(2000);
    const worker = async () => {
      while (all.length < LOGOUTS) {
        const browser = new HttpClient(here.origin);
        await browser.get('/login?user=ada');
        const socket = await connect(app, cookieHeader(browser.jar));
        await ask(socket, 'user');
        let closedAt = 0;
        const closed = once(socket, 'close').then(() => (closedAt = performance.now()));
        await delay(Math.random() * 1000);
        await browser.get('/logout');
        const loggedOutAt = performance.now();
        await closed;
        all.push(Math.max(0, closedAt - loggedOutAt));
        browser.close();
      }
    };
    await Promise.all(Array.from({ length: 5 }, worker));
    first.terminate();
    const sorted = all.toSorted((one, other) => one - other);
    const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]!);
    figures[name] = { p50: at(0.5), p99: at(0.99), worst: at(1) };
    console.log(name, figures[name]);
    expect(at(0.99)).toBeLessThanOrEqual(most);
  }
});
