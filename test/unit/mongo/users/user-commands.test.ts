// The commands of the ports, as the server gets them: by which index they go, what they wait for, and when they are sent again.
import mongoose from 'mongoose';
import { afterEach, describe, expect, test } from 'vitest';
import { pack, storedSession, target } from '../../../../lib/testing/contract/stored-sessions.js';
import { proxyTo } from '../../../support/fault-proxy/proxy-to.js';
import { failCommand, testDatabase } from '../../../support/mongo.js';
import type { PortStore } from '../../../support/store/describe-ports.js';
import { newId, newUser, storesOf } from '../../../support/store/watched-store.js';

const database = testDatabase();
const { client, db, name } = database;
const connect = storesOf(database);
const proxy = proxyTo(database, { serverSelectionTimeoutMS: '5000' });

let clear: (() => Promise<void>) | undefined;
afterEach(async () => {
  await clear?.();
  clear = undefined;
});

const MAJORITY = { w: 'majority' };

async function insert(store: PortStore, given: Parameters<typeof storedSession>[0] = {}) {
  const session = storedSession(given);
  await store.insert(session);
  return session;
}

describe('writes', () => {
  test.each([
    ['take', 'findAndModify', (store: PortStore, handle: string) => store.take(handle, { userId: 'ada' })],
    [
      'describe',
      'update',
      (store: PortStore, handle: string) => store.describe(handle, { userId: 'ada' }, { set: pack({ label: 'x' }) }),
    ],
    ['insertUser', 'insert', (store: PortStore) => store.insertUser(newUser())],
    ['changeUser', 'update', (store: PortStore) => store.changeUser(newUser(), newId())],
  ])('%s is one command, which a majority acknowledges', async (_what, command, write) => {
    const { store, commands } = connect();
    const { handle } = await insert(store, { userId: 'ada' });
    commands.length = 0;
    await write(store, handle);
    expect(commands).toHaveLength(1);
    expect(commands[0]).toMatchObject({ writeConcern: MAJORITY, maxTimeMS: 5000 });
    expect(commands[0]).toHaveProperty(command);
  });

  test('take gets the session although its answer was lost', async () => {
    await proxy.open();
    const { store, commands } = connect({}, proxy.uri);
    const session = await insert(store, { userId: 'ada', values: { cart: [1, 2] }, device: pack({ ip: '::1' }) });
    commands.length = 0;
    proxy.set({ kind: 'cut-after', commands: ['findAndModify'], times: 1 });
    const taken = await store.take(session.handle, { userId: 'ada' });
    expect([proxy.strikes, commands.length]).toEqual([1, 2]);
    const { secretHash: _, ...expected } = session;
    const bytes = (of: Uint8Array | undefined) => Buffer.from(of!).toString('hex');
    expect({ ...taken, data: bytes(taken!.data), device: bytes(taken!.device) }).toEqual({
      ...expected,
      data: bytes(session.data),
      device: bytes(session.device),
    });
    await proxy.close();
  });

  test.each(['insertUser', 'changeUser'] as const)(
    '%s is done once, and says so, although its answer was lost',
    async (what) => {
      await proxy.open();
      const { store } = connect({}, proxy.uri);
      const user = newUser();
      if (what === 'changeUser') await store.insertUser(user);
      const next = { ...newUser(user.userId), seats: [newId()] };
      proxy.set({ kind: 'cut-after', commands: ['insert', 'update'], times: 1 });
      expect(await (what === 'insertUser' ? store.insertUser(next) : store.changeUser(next, user.revision))).toBe(true);
      expect(proxy.strikes).toBe(1);
      expect((await store.findUsers([user.userId])).users).toEqual([next]);
      await proxy.close();
    },
  );

  test('take answers "the server has refused" by its code, with nothing lost', async () => {
    const { store } = connect();
    const { handle } = await insert(store);
    clear = await failCommand(client, { failCommands: ['findAndModify'], errorCode: 10_107, mode: { times: 1 } });
    expect(await store.take(handle, {})).toMatchObject({ handle });
  });

  test('a light write shares its command with others', async () => {
    const { store, commands } = connect();
    const sessions = await Promise.all(Array.from({ length: 30 }, () => insert(store)));
    commands.length = 0;
    const change = { device: pack({ ip: '::1' }), lastSeenAt: 9e12 };
    const done = await Promise.all(sessions.map(({ handle }) => store.update(target(handle), change)));
    expect(done).toEqual(sessions.map(() => true));
    expect(commands.length).toBeLessThanOrEqual(2);
  });

  test('a light write sets no expiresAt, and its command says all that changes', async () => {
    const { store, commands } = connect();
    const { handle } = await insert(store);
    commands.length = 0;
    await store.update(target(handle), { device: pack({ ip: '::1' }), lastSeenAt: 9e12 });
    expect(commands[0]!['updates']).toEqual([
      {
        q: { _id: new mongoose.mongo.ObjectId(handle), epoch: 0, expiresAt: { $gt: new Date(-1e12) } },
        u: { $set: { 'meta.device.ip': '::1' }, $max: { lastSeenAt: new Date(9e12) } },
      },
    ]);
  });
});

describe('every read', () => {
  const stages = (plan: unknown): string[] => {
    if (typeof plan !== 'object' || plan === null) return [];
    const own = (plan as { stage?: string }).stage;
    return [...(own ? [own] : []), ...Object.values(plan).flatMap(stages)];
  };

  test.each([
    ['findByUser', ['IXSCAN'], (store: PortStore) => store.findByUser('ada', 100)],
    ['handlesOf', ['IXSCAN'], (store: PortStore) => store.handlesOf('ada', undefined, 1000)],
    ['handlesOf of everybody', ['IXSCAN'], (store: PortStore) => store.handlesOf(true, newId(), 1000)],
    ['findExpired', ['IXSCAN'], (store: PortStore) => store.findExpired(Date.now(), 100)],
    ['peek', ['IXSCAN'], (store: PortStore) => store.peek([newId(), newId()])],
    ['findUsers', ['IXSCAN'], (store: PortStore) => store.findUsers(['ada', true])],
    [
      'findSeated',
      ['IXSCAN'],
      async (store: PortStore) => store.findSeated([newId(), newId()], 'ada', (await store.findUsers(['ada'])).asOf),
    ],
  ])('%s goes by an index, and opens no second batch', async (_what, expected, read) => {
    const { store, commands } = connect();
    await store.start!();
    await store.insertUser(newUser());
    await Promise.all(Array.from({ length: 300 }, (_, n) => insert(store, { userId: n % 2 ? 'ada' : `user ${n}` })));
    commands.length = 0;
    await read(store);
    expect(commands.some(({ getMore }) => getMore !== undefined)).toBe(false);
    const { find, filter, sort, projection, limit, hint, collation } = commands.findLast(
      ({ find: of }) => of !== undefined,
    )!;
    const explain = Object.fromEntries(
      Object.entries({ find, filter, sort, projection, limit, hint, collation }).filter(
        ([, value]) => value !== undefined,
      ),
    );
    const { queryPlanner } = await db.command({ explain, verbosity: 'queryPlanner' });
    const used = stages((queryPlanner as { winningPlan: unknown }).winningPlan);
    expect(used).toEqual(expect.arrayContaining(expected));
    expect(used).not.toContain('COLLSCAN');
  });

  test('of everybody looks at a part of the sessions with each command, however few have a user', async () => {
    const { own, store, commands, collection } = connect();
    const ids = Array.from({ length: 45_000 }, (_, n) => new mongoose.mongo.ObjectId(n.toString(16).padStart(24, '0')));
    const users = new Set([3, 19_999, 20_000, 44_999]);
    const documents = ids.map((_id, n) => ({ _id, v: 1, ...(users.has(n) && { userId: 'ada' }) }));
    await own.db(name).collection(collection).insertMany(documents);
    const handles = [...users].map((n) => ids[n]!.toHexString());
    commands.length = 0;
    expect(await store.handlesOf(true, undefined, 1000)).toEqual(handles);
    expect(commands.filter(({ find }) => find !== undefined)).toHaveLength(6);
    expect(await store.handlesOf(true, undefined, 2)).toEqual(handles.slice(0, 2));
    expect(await store.handlesOf(true, handles[1], 1)).toEqual(handles.slice(2, 3));
    expect(await store.handlesOf(true, handles[3], 1000)).toEqual([]);
  });

  test('shows neither data nor secrets of what it lists: they do not leave the server', async () => {
    const { store, commands } = connect();
    await insert(store, { userId: 'ada', values: { a: 1 } });
    await store.findByUser('ada', 10);
    expect(commands.at(-1)!['projection']).toEqual({ data: 0, secretHash: 0, rotation: 0 });
  });
});
