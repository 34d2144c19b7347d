// A database user who may not use the collection of users, on a server with access control: the protocol has to tell this from an outage.
import mongoose from 'mongoose';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { isUnauthorized } from '../../../../lib/core/store/unauthorized.js';
import { storedSession } from '../../../../lib/testing/contract/stored-sessions.js';
import { start } from '../../../../tools/mongo-server.mjs';
import type { PortStore } from '../../../support/store/describe-ports.js';
import { mongoStore } from '../../../support/store/mongo-store.js';

const { MONGODB_URI: _, ...env } = process.env;
const server = await start({ alone: true, auth: true, env, log: () => {} });
const first = await new mongoose.mongo.MongoClient(server.uri).connect();
await first.db('admin').command({ createUser: 'root', pwd: 'pw', roles: ['root'] });
await first.close();
const root = await new mongoose.mongo.MongoClient(server.uri.replace('//', '//root:pw@')).connect();
afterAll(async () => {
  await root.close();
  await server.stop();
});

const SESSIONS = { collection: 'sessions', actions: ['find', 'insert', 'update', 'remove', 'createIndex'] };
let count = 0;

/** A store whose database user has these rights. */
async function storeWith(...privileges: { readonly collection: string; readonly actions: readonly string[] }[]) {
  const name = `shop${count++}`;
  const admin = root.db('admin');
  const resources = privileges.map(({ collection, actions }) => ({ resource: { db: name, collection }, actions }));
  await admin.command({ createRole: name, privileges: resources, roles: [] });
  await admin.command({ createUser: name, pwd: 'pw', roles: [name] });
  const uri = server.uri.replace('//', `//${name}:pw@`).replace(/\/$/, `/${name}?authSource=admin`);
  const { store, lines } = mongoStore({ collection: 'sessions', uri }, { indexes: 'ensure' });
  onTestFinished(() => store.stop());
  await store.start();
  return { store: store as unknown as PortStore, lines, name };
}

const user = (userId: string) => ({ userId, revision: storedSession().handle, expiresAt: 9e12 });
const errorOf = (operation: Promise<unknown>) => operation.catch((error: unknown) => error);

describe('without rights on the collection of users', () => {
  test('each of its operations says so by a code, and names the grant, which mends it', async () => {
    const { store, name } = await storeWith(SESSIONS);
    const errors = await Promise.all([
      errorOf(store.findUsers(['ada', true])),
      errorOf(store.insertUser(user('ada'))),
      errorOf(store.changeUser(user('ada'), user('ada').revision)),
    ]);
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'SESSION_STORE_FAILED', httpStatus: 503, cause: { code: 13 } });
      expect(isUnauthorized(error)).toBe(true);
      expect((error as Error).message).not.toContain('ada');
      const [, database, privileges] = /getSiblingDB\("(.*)"\)\.grantPrivilegesToRole\("<its role>", (.*)\)$/.exec(
        (error as Error).message,
      )!;
      expect(database).toBe(name);
      await root
        .db('admin')
        .command({ grantPrivilegesToRole: name, privileges: JSON.parse(privileges!) as mongoose.mongo.Document[] });
    }
    expect(await store.insertUser(user('ada'))).toBe(true);
    expect((await store.findUsers(['ada'])).users).toHaveLength(1);
    const indexes = () => root.db(name).collection('sessions.users').indexes();
    await expect.poll(async () => (await indexes()).length, { timeout: 10_000 }).toBe(2);
  });

  test('all that needs sessions only works', async () => {
    const { store, lines } = await storeWith(SESSIONS);
    const session = storedSession({ userId: 'ada' });
    await store.insert(session);
    expect(await store.findByUser('ada', 1)).toHaveLength(1);
    expect(await store.describe(session.handle, { epoch: 0 }, {})).toBe(true);
    expect(await store.take(session.handle, { userId: 'ada' })).toMatchObject({ userId: 'ada' });
    expect(lines).toEqual([]);
  });

  test('who may read, but not write, is told apart as well', async () => {
    const { store } = await storeWith(SESSIONS, { collection: 'sessions.users', actions: ['find'] });
    expect((await store.findUsers(['ada'])).users).toEqual([undefined]);
    expect(isUnauthorized(await errorOf(store.insertUser(user('ada'))))).toBe(true);
  });

  test('no other failure looks like this', async () => {
    const { store } = await storeWith(SESSIONS, {
      collection: 'sessions.users',
      actions: ['find', 'insert', 'update'],
    });
    const refused = await errorOf(
      store.insertUser(user('ada')).then(() => store.insertUser({ ...user('eve'), userId: ['x'] })),
    );
    expect(refused).toMatchObject({ code: 'SESSION_STORE_FAILED' });
    expect(isUnauthorized(refused)).toBe(false);
    for (const value of [undefined, null, 13, { code: 13 }, new Error('13')]) expect(isUnauthorized(value)).toBe(false);
  });
});

test('without the right to `changeStream`, listen says so once', async () => {
  const { store } = await storeWith(SESSIONS);
  const reasons: unknown[] = [];
  await new Promise<void>((resolve) => {
    store.listen!(
      () => reasons.push('rang'),
      (reason) => {
        reasons.push(reason);
        resolve();
      },
    );
  });
  expect(reasons).toEqual(['this database user has no right to `changeStream` on the collection']);
});
