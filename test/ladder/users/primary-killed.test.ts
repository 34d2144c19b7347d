// Logins of one user by two processes, on a replica set of three whose primary is killed, or cut off from the others.
import mongoose from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { resolveOptions } from '../../../lib/core/options/resolve-options.js';
import { Registration } from '../../../lib/core/request/registration.js';
import { createLoginProtocol } from '../../../lib/core/users/login-protocol.js';
import { Browser } from '../../support/core/world.js';
import { membersBy, replicaSet } from '../../support/replica-set.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import type { UserStore } from './support/stepped-users.js';

const LIMIT = 2;

const set = replicaSet();

/** As another process has it: a client, a store and a registration of its own. */
function startProcess() {
  const client = new mongoose.mongo.MongoClient(set.server.uri);
  onTestFinished(() => client.close());
  const { store, codec } = mongoStore({ client, dbName: 'users', collection: 'sessions' }, { timeoutMs: 3000 });
  const users = store as typeof store & UserStore;
  const hooks = { emit() {}, log: { warn() {}, error() {} } };
  const options = resolveOptions({ store, maxSessions: LIMIT });
  return { client, store: users, registration: new Registration(options, store, codec, hooks, createLoginProtocol) };
}

type Process = ReturnType<typeof startProcess>;

/** The handle of the new session, if its token has left; undefined: the login has failed. */
async function logIn({ registration }: Process, userId: string): Promise<string | undefined> {
  const browser = new Browser({ registration }, undefined);
  await browser.visit((session) => session.login(userId)).catch(() => {});
  return browser.cookie && browser.handle;
}

/** How many sessions live whose tokens have left: one that nobody knows the token of frees its seat when it is idle. */
async function countKnown({ store }: Process, userId: string, known: readonly string[]): Promise<number> {
  const living = await store.handlesOf(userId, undefined, 1000);
  return living.filter((handle) => known.includes(handle)).length;
}

async function untilLoggedIn(process: Process, userId: string): Promise<string> {
  let handle: string | undefined;
  await expect.poll(async () => (handle ??= await logIn(process, userId)), { timeout: 30_000 }).toBeDefined();
  return handle!;
}

describe('maxSessions on a replica set', () => {
  test('holds while the primary is killed under logins, and the next login finds room', async () => {
    const processes = [startProcess(), startProcess()];
    const known: string[] = [];
    const counts: number[] = [];
    const end = new AbortController();
    onTestFinished(() => end.abort());
    const loops = processes.map(async (process) => {
      while (!end.signal.aborted) {
        const handle = await logIn(process, 'ada');
        if (handle) known.push(handle);
        counts.push(await countKnown(process, 'ada', [...known]).catch(() => 0));
      }
    });
    const untilKnown = (count: number) =>
      expect.poll(() => known.length, { timeout: 60_000, interval: 20 }).toBeGreaterThanOrEqual(count);
    await untilKnown(3 * LIMIT);
    const { primary } = await membersBy(set.server, processes[0]!.client);
    await primary.kill();
    onTestFinished(() => primary.restart());
    await untilKnown(known.length + 3 * LIMIT);
    end.abort();
    await Promise.all(loops);
    expect(Math.max(...counts)).toBe(LIMIT);
    known.push(await untilLoggedIn(processes[0]!, 'ada'));
    expect(await countKnown(processes[1]!, 'ada', known)).toBeLessThanOrEqual(LIMIT);
    expect(await countKnown(processes[1]!, 'ada', [known.at(-1)!])).toBe(1);
  }, 120_000);

  test('lets no token leave a primary that is cut off, and goes on after the failover', async () => {
    const process = startProcess();
    const known = [await untilLoggedIn(process, 'bob'), await untilLoggedIn(process, 'bob')];
    // On all three, so that every one of them can become the primary with it.
    const warmup = process.client.db('users').collection('warmup');
    await warmup.insertOne({}, { writeConcern: { w: 3 } });
    const { primary, others } = await membersBy(set.server, process.client);
    await Promise.all(others.map((other) => other.kill()));
    expect(await logIn(process, 'bob')).toBeUndefined();
    await primary.kill();
    onTestFinished(() => primary.restart());
    await Promise.all(others.map((other) => other.restart()));
    known.push(await untilLoggedIn(process, 'bob'));
    expect(await countKnown(process, 'bob', known)).toBeLessThanOrEqual(LIMIT);
    expect(await countKnown(process, 'bob', [known.at(-1)!])).toBe(1);
  }, 120_000);
});
