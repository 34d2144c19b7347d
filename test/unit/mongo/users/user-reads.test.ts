// How users are read: by one command for all that ask at the same time, and what a login may rely on then.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { storedSession } from '../../../../lib/testing/contract/stored-sessions.js';
import { proxyTo } from '../../../support/fault-proxy/proxy-to.js';
import { failCommand, testDatabase } from '../../../support/mongo.js';
import { newId, newUser, storesOf } from '../../../support/store/watched-store.js';

const database = testDatabase();
const { client, name } = database;
const proxy = proxyTo(database, { serverSelectionTimeoutMS: '5000' });
const connect = storesOf(database);

describe('a read of a user and of the seats', () => {
  test('is one command each, at the primary: the second sees all that the first has seen, and no more than a majority has', async () => {
    const { store, commands, collection } = connect({
      readPreference: 'secondaryPreferred',
      readConcern: { level: 'local' },
    });
    const user = newUser();
    await store.insertUser(user);
    const session = storedSession({ userId: user.userId });
    await store.insert(session);
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
      // Others are in flight all the time.
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
    const clear = await failCommand(client, { failCommands: ['find'], errorCode: 2 });
    await expect(store.findUsers(['ada'])).rejects.toMatchObject({ code: 'SESSION_STORE_FAILED' });
    await clear();
    expect(open).toBe(0);
  });
});
