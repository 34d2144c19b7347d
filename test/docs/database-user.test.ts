// The database user that docs/21-production.md recommends is created by the page's own lines, and is enough for an app.
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Controller, Get, Post } from '@nestjs/common';
import { Session, type SessionObject } from '../../lib/index.js';
import { PLATFORMS, startApp } from '../support/http.js';
import { storedSession } from '../../lib/testing/contract/stored-sessions.js';
import { type MongoServer, start } from '../../tools/mongo-server.mjs';
import type { PortStore } from '../support/store/describe-ports.js';
import { mongoStore } from '../support/store/mongo-store.js';
import { codeBlocksOf, readPage } from './support/pages.js';

type Data = SessionObject<{ visits?: number }>;

@Controller()
class VisitsController {
  @Post('login')
  login(@Session() session: Data) {
    return session.login('ada', { keep: true });
  }

  @Post('logout')
  logout(@Session() session: Data) {
    return session.logout();
  }

  @Post('visits')
  count(@Session() session: Data) {
    session.visits = (session.visits ?? 0) + 1;
  }

  @Post('atomic')
  increment(@Session() session: Data) {
    return session.increment('visits');
  }

  @Get('visits')
  show(@Session() { visits, userId }: Data) {
    return { visits, userId };
  }
}

const { MongoClient } = mongoose.mongo;
const { MONGODB_URI: _, ...env } = process.env;
const PASSWORD = 'a-password-for-tests';
let server: MongoServer;
let root: mongoose.mongo.MongoClient;

const uriOf = (user: string, source: string) =>
  server.uri.replace('//', `//${user}:${PASSWORD}@`).replace(/\/$/, `/shop?authSource=${source}`);

beforeAll(async () => {
  server = await start({ alone: true, auth: true, env, log: () => {} });
  const first = await new MongoClient(server.uri).connect();
  await first.db('admin').command({ createUser: 'root', pwd: PASSWORD, roles: ['root'] });
  await first.close();
  root = await new MongoClient(uriOf('root', 'admin')).connect();
  await runInShell(codeBlocksOf(readPage('docs/21-production.md')).find(({ language }) => language === 'js')!.code);
}, 60_000);
afterAll(async () => {
  await root?.close();
  await server?.stop();
});

/** What mongosh would do with the page's lines. */
async function runInShell(code: string): Promise<void> {
  const running: Promise<unknown>[] = [];
  const database = (name: string) => ({
    getSiblingDB: database,
    createRole({ role, ...rest }: { role: string }) {
      running.push(root.db(name).command({ createRole: role, ...rest }));
    },
    createUser({ user, ...rest }: { user: string }) {
      running.push(running.at(-1)!.then(() => root.db(name).command({ createUser: user, ...rest })));
    },
  });
  // oxlint-disable-next-line no-implied-eval -- the code of our own docs
  const run = new Function('db', 'passwordPrompt', code) as (db: object, passwordPrompt: () => string) => void;
  run(database('test'), () => PASSWORD);
  await Promise.all(running);
}

describe.each(PLATFORMS)('A8: the recommended database user on %s', (platform) => {
  test('is enough for an app, and for its indexes, without a warning', async () => {
    await root.db('shop').collection('sessions').drop();
    const app = await startApp({
      platform,
      sessions: { uri: uriOf('sessions', 'shop'), collection: 'sessions', failFast: true },
      controllers: [VisitsController],
    });
    const browser = app.client();
    for (const path of ['/visits', '/atomic', '/login', '/visits']) await browser.post(path, {});
    expect((await browser.get('/visits')).body).toBe('{"visits":3,"userId":"ada"}');
    expect((await browser.post('/logout', {})).status).toBe(201);
    expect((await browser.get('/visits')).body).toBe('{}');
    expect(app.log.lines).toEqual([]);
    const indexes = await root.db('shop').collection('sessions').indexes();
    expect(indexes.map(({ name }) => name)).toEqual(['_id_', 'expiresAt_1', 'userId_1']);
  });

  test('may use the collection of users, and create its index', async () => {
    await root.db('shop').collection('sessions').drop();
    const source = { uri: uriOf('sessions', 'shop'), collection: 'sessions' };
    const { store, lines } = mongoStore(source, { indexes: 'ensure' });
    await store.start();
    const ports = store as unknown as PortStore;
    const session = storedSession({ userId: 'ada' });
    await store.insert(session);
    const user = { userId: 'ada', revision: session.handle, seats: [session.handle], expiresAt: 9e12 };
    expect(await ports.insertUser(user)).toBe(true);
    expect(await ports.changeUser(user, user.revision)).toBe(true);
    const { users, asOf } = await ports.findUsers(['ada', true]);
    expect(users).toEqual([user, undefined]);
    expect(await ports.findSeated([session.handle], 'ada', asOf)).toHaveLength(1);
    expect(await ports.findByUser('ada', 10)).toHaveLength(1);
    expect(await ports.handlesOf(true, undefined, 10)).toEqual([session.handle]);
    expect(await ports.findExpired(9e12, 10)).toHaveLength(1);
    expect(await ports.peek([session.handle])).toHaveLength(1);
    expect(await ports.describe(session.handle, { userId: 'ada' }, {})).toBe(true);
    expect(await ports.take(session.handle, { userId: 'ada' })).toMatchObject({ userId: 'ada' });
    const present = () => root.db('shop').collection('sessions.users').indexes();
    await expect
      .poll(async () => (await present()).map(({ name }) => name), { timeout: 10_000 })
      .toContain('expiresAt_1');
    expect((await present()).find(({ name }) => name === 'expiresAt_1')).toMatchObject({ expireAfterSeconds: 3600 });
    await store.stop();
    expect(lines).toEqual([]);
    await root.db('shop').collection('sessions.users').drop();
  });

  test('may do nothing else', async () => {
    const client = await new MongoClient(uriOf('sessions', 'shop')).connect();
    const others = [
      client.db('shop').collection('orders').findOne(),
      client.db('shop').collection('sessions').drop(),
      client.db('admin').command({ usersInfo: 1 }),
    ];
    const outcomes = (await Promise.allSettled(others)).map(({ status }) => status);
    await client.close();
    expect(outcomes).toEqual(['rejected', 'rejected', 'rejected']);
  });
});
