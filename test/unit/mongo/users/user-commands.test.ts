// The commands of the ports, as the server gets them: by which index they go, what they wait for, and when they are sent again.
import mongoose from 'mongoose';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { pack, storedSession, target } from '../../../../lib/testing/contract/stored-sessions.js';
import { proxyTo } from '../../../support/fault-proxy/proxy-to.js';
import { failCommand, testDatabase } from '../../../support/mongo.js';
import type { PortStore } from '../../../support/store/describe-ports.js';
import { mongoStore } from '../../../support/store/mongo-store.js';

const database = testDatabase();
const { client, db, name, uri } = database;
const proxy = proxyTo(database, { serverSelectionTimeoutMS: '5000' });

let clear: (() => Promise<void>) | undefined;
afterEach(async () => {
  await clear?.();
  clear = undefined;
});

let count = 0;

function connect(options: mongoose.mongo.MongoClientOptions = {}, to = uri) {
  const own = new mongoose.mongo.MongoClient(to, { monitorCommands: true, heartbeatFrequencyMS: 500, ...options });
  onTestFinished(() => own.close());
  const commands: mongoose.mongo.Document[] = [];
  own.on('commandStarted', ({ command }) => commands.push(command));
  const collection = `sessions${count++}`;
  const { store } = mongoStore({ client: own, dbName: name, collection }, { timeoutMs: 5000, indexes: 'ensure' });
  return { own, store: store as unknown as PortStore, commands, collection };
}

const newId = () => new mongoose.mongo.ObjectId().toHexString();
const newUser = (userId: unknown = `ada ${newId()}`) => ({
  userId,
  revision: newId(),
  expiresAt: Date.UTC(2040, 0, 1),
});
const MAJORITY = { w: 'majority' };

async function insert(store: PortStore, given: Parameters<typeof storedSession>[0] = {}) {
  const session = storedSession(given);
  await store.insert(session);
  return session;
}

describe('a read of a user and of the seats', () => {
  test('is one command each, at the primary: the second sees all that the first has seen, and no more than a majority has', async () => {
    const { store, commands, collection } = connect({
      readPreference: 'secondaryPreferred',
      readConcern: { level: 'local' },
    });
    const user = newUser();
    await store.insertUser(user);
    const session = await insert(store, { userId: user.userId });
    commands.length = 0;
    const { users, asOf } = await store.findUsers([user.userId, true]);
    expect(users).toEqual([user, undefined]);
    const { operationTime } = asOf as { operationTime: mongoose.mongo.Timestamp };
    expect(operationTime).toBeInstanceOf(mongoose.mongo.Timestamp);
    expect(await store.findSeated([session.handle], user.userId, asOf)).toHaveLength(1);
    expect(commands).toHaveLength(2);
    expect(commands[0]).toMatchObject({
      find: `${collection}.users`,
      readConcern: { level: 'local' },
      filter: { $or: [{ _id: { $eq: user.userId } }, { _id: { $eq: true } }] },
    });
    expect(commands[0]!['$readPreference']).not.toMatchObject({ mode: 'secondaryPreferred' });
    expect(commands[1]).toMatchObject({
      find: collection,
      readConcern: { level: 'majority', afterClusterTime: operationTime },
    });
    expect(commands[1]!['$readPreference']).not.toMatchObject({ mode: 'secondaryPreferred' });
  });

  test('is shared by those that ask at the same time, each gets its own, and one that can not be read fails alone', async () => {
    const { own, store, commands, collection } = connect();
    const users = Array.from({ length: 200 }, () => newUser());
    await Promise.all(users.map((user) => store.insertUser(user)));
    await own.db(name).collection<{ _id: string }>(`${collection}.users`).insertOne({ _id: 'odd' });
    commands.length = 0;
    const read = (userId: unknown) => store.findUsers([userId, true]).then(({ users: found }) => found);
    const odd = expect(read('odd')).rejects.toMatchObject({ code: 'SESSION_STORE_FAILED' });
    const found = await Promise.all([...users, ...users].map(({ userId }) => read(userId)));
    expect(found).toEqual([...users, ...users].map((user) => [user, undefined]));
    await odd;
    expect(commands.map((command) => Object.keys(command)[0])).toEqual(commands.map(() => 'find'));
    expect(commands.length).toBeLessThan(20);
  });

  test('sees what was written before it was asked for', async () => {
    const { store } = connect();
    const user = newUser();
    await store.insertUser(user);
    let last = user;
    for (let round = 0; round < 20; round++) {
      // Others are under way all the time.
      const earlier = Promise.all(Array.from({ length: 5 }, () => store.findUsers([user.userId])));
      const next = { ...newUser(user.userId), seats: [newId()] };
      expect(await store.changeUser(next, last.revision)).toBe(true);
      last = next;
      expect((await store.findUsers([user.userId])).users).toEqual([next]);
      await earlier;
    }
  });

  test('is asked again over another connection when one is silent', async () => {
    await proxy.open();
    const { store, commands } = connect({ maxPoolSize: 5 }, proxy.uri);
    const users = Array.from({ length: 40 }, () => newUser());
    await Promise.all(users.map((user) => store.insertUser(user)));
    commands.length = 0;
    proxy.set({ kind: 'black-hole', commands: ['find'], times: 1 });
    const found = await Promise.all(users.map(({ userId }) => store.findUsers([userId])));
    expect(found.map((each) => each.users)).toEqual(users.map((user) => [user]));
    expect(proxy.strikes).toBe(1);
    expect(commands.length).toBeLessThan(10);
    await proxy.close();
  });

  test('leaves no session of the driver behind', async () => {
    const { own, store } = connect();
    let open = 0;
    const startSession = own.startSession.bind(own);
    own.startSession = (...given) => {
      const session = startSession(...given);
      open++;
      session.once('ended', () => open--);
      return session;
    };
    const { asOf } = await store.findUsers(['ada']);
    await store.findSeated([newId()], 'ada', asOf);
    clear = await failCommand(client, { failCommands: ['find'], errorCode: 2 });
    await expect(store.findUsers(['ada'])).rejects.toMatchObject({ code: 'SESSION_STORE_FAILED' });
    await clear();
    expect(open).toBe(0);
  });
});

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
