// Which indexes there are, by the option `cleanup` and by whether there are users.
import type mongoose from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CleanupMode, IndexMode } from '../../../../lib/mongo/maintenance/indexes.js';
import { storedSession } from '../../../../lib/testing/contract/stored-sessions.js';
import { testDatabase } from '../../../support/mongo.js';
import type { PortStore } from '../../../support/store/describe-ports.js';
import { mongoStore } from '../../../support/store/mongo-store.js';

const { db } = testDatabase();
let count = 0;
const newName = () => `sessions${count++}`;

async function start(name: string, cleanup?: CleanupMode, indexes: IndexMode = 'ensure', source: object = { db }) {
  const { store, lines, model } = mongoStore({ collection: name, ...source }, { indexes, ...(cleanup && { cleanup }) });
  onTestFinished(() => store.stop());
  await store.start();
  return { store: store as unknown as PortStore, lines, model };
}
const indexesOf = async (name: string) => {
  const present = await db
    .collection(name)
    .listIndexes()
    .toArray()
    .catch(() => []);
  return present.slice(1).map(({ v: _, ...index }: mongoose.mongo.Document) => index);
};

const ttl = (expireAfterSeconds: number) => ({ key: { expiresAt: 1 }, name: 'expiresAt_1', expireAfterSeconds });
const USER = { key: { userId: 1 }, name: 'userId_1', sparse: true };
const newUser = () => ({ userId: storedSession().handle, revision: storedSession().handle, expiresAt: 9e12 });

describe('cleanup', () => {
  test.each([
    [undefined, [ttl(3600), USER]],
    ['ttl', [ttl(3600), USER]],
    ['sweep', [ttl(86_400), USER]],
    ['off', [USER]],
  ] as const)('%s has its indexes', async (cleanup, expected) => {
    const name = newName();
    const { lines, model } = await start(name, cleanup);
    expect(await indexesOf(name)).toEqual(expected);
    expect(lines).toEqual([]);
    // What the app's own `syncIndexes()` would make of them.
    const declared = model.schema
      .indexes()
      .map(([key, { background: _, collation: __, ...options }]) => ({ key, ...options }));
    expect(declared).toEqual(expected.map(({ name: _, ...index }) => index));
  });

  test('that has changed converts the index, and back, and leaves it where it is off', async () => {
    const name = newName();
    await start(name, 'ttl');
    const { lines } = await start(name, 'sweep');
    expect(lines).toEqual([expect.stringContaining('has expireAfterSeconds 3600 instead of 86400')]);
    expect(await indexesOf(name)).toEqual([ttl(86_400), USER]);
    expect((await start(name, 'off')).lines).toEqual([]);
    expect(await indexesOf(name)).toEqual([ttl(86_400), USER]);
    await start(name, 'ttl');
    expect(await indexesOf(name)).toEqual([ttl(3600), USER]);
  });

  test("is only looked at with indexes: 'check'", async () => {
    const name = newName();
    await start(name, 'ttl');
    const { lines } = await start(name, 'sweep', 'check');
    expect(lines).toEqual([
      expect.stringMatching(/3600 instead of 86400.*Run: db\.runCommand\(.*"expireAfterSeconds":86400/),
    ]);
    expect((await start(name, 'off', 'check')).lines).toEqual([]);
  });
});

describe('the collection of users', () => {
  test('gets its TTL index after the first user, and is not there before', async () => {
    const name = newName();
    const { store, lines } = await start(name);
    await store.insert(storedSession({ userId: 'ada' }));
    expect((await store.findUsers(['ada'])).users).toEqual([undefined]);
    expect(await store.changeUser(newUser(), newUser().revision)).toBe(false);
    expect(await db.listCollections({ name: `${name}.users` }).toArray()).toEqual([]);
    await store.insertUser(newUser());
    await expect.poll(() => indexesOf(`${name}.users`), { timeout: 10_000 }).toEqual([ttl(3600)]);
    expect(lines).toEqual([]);
  });

  test('gets it again after it was dropped', async () => {
    const name = newName();
    const { store } = await start(name);
    await store.insertUser(newUser());
    await expect.poll(() => indexesOf(`${name}.users`), { timeout: 10_000 }).toHaveLength(1);
    await db.collection(`${name}.users`).drop();
    await store.insertUser(newUser());
    await expect.poll(() => indexesOf(`${name}.users`), { timeout: 10_000 }).toEqual([ttl(3600)]);
  });

  test("has one warning with indexes: 'check', and nothing with 'off'", async () => {
    const name = newName();
    const [check, off] = [await start(name, 'off', 'check'), await start(name, 'off', 'off')];
    for (const { store } of [check, off, check]) await store.insertUser(newUser());
    const line = `warn: The collection "${name}.users" has no index on expiresAt`;
    const about = () => check.lines.filter((each) => each.includes('.users'));
    await expect.poll(about, { timeout: 10_000 }).toEqual([expect.stringContaining(line)]);
    expect(off.lines).toEqual([]);
    expect(await indexesOf(`${name}.users`)).toEqual([]);
  });
});

describe('a collection with a collation', () => {
  test('has an index on userId that finds texts as they are, beside one that does not', async () => {
    const name = newName();
    const collation = { locale: 'en', strength: 1 };
    const collection = await db.createCollection(name, { collation });
    await collection.createIndex({ userId: 1 }, { sparse: true });
    const { store } = await start(name);
    const [ada, ADA] = [storedSession({ userId: 'ada' }), storedSession({ userId: 'ADA' })];
    await Promise.all([store.insert(ada), store.insert(ADA)]);
    expect((await store.findByUser('ada', 10)).map(({ handle }) => handle)).toEqual([ada.handle]);
    expect(await store.handlesOf('ADA', undefined, 10)).toEqual([ADA.handle]);
    expect(await store.take(ada.handle, { userId: 'ADA' })).toBeUndefined();
    expect(await store.describe(ada.handle, { userId: 'ADA' }, {})).toBe(false);
    const { asOf } = await store.findUsers(['ada']);
    expect(await store.findSeated([ada.handle, ADA.handle], 'ada', asOf)).toHaveLength(1);
    const plan = await collection
      .find({ userId: { $eq: 'ada', $exists: true } })
      .collation({ locale: 'simple' })
      .explain();
    expect(JSON.stringify(plan['queryPlanner'])).toContain('"indexName":"session_userId"');
  });
});

describe('a collection of users that was created with a collation', () => {
  test('has one line in the log at start with the fix, whatever `indexes` says', async () => {
    const collation = { locale: 'en', strength: 1 };
    for (const mode of ['ensure', 'check', 'off'] as const) {
      const name = newName();
      await db.createCollection(`${name}.users`, { collation });
      const { store, lines } = await start(name, 'off', mode);
      const about = lines.filter((line) => line.includes('has a collation'));
      expect(about).toEqual([
        expect.stringMatching(new RegExp(`^error: .*"${name}\\.users" has a collation.*getCollection.*drop\\(\\)$`)),
      ]);
      // What the line warns of, and that the fix is one.
      expect(await store.insertUser({ ...newUser(), userId: 'ada' })).toBe(true);
      expect(await store.insertUser({ ...newUser(), userId: 'ADA' })).toBe(false);
      await db.collection(`${name}.users`).drop();
      expect(await store.insertUser({ ...newUser(), userId: 'ada' })).toBe(true);
      expect(await store.insertUser({ ...newUser(), userId: 'ADA' })).toBe(true);
    }
  });
});
