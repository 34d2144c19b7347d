// What reaches MongoDB when many calls are made at once: few commands, and the large ones by themselves.
import mongoose from 'mongoose';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { StoredSession } from '../../../lib/core/store/session-store.interface.js';
import { testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, storedSession, unpack, target } from '../../../lib/testing/contract/stored-sessions.js';

const KIB_100 = 'x'.repeat(100 * 1024);

const database = testDatabase();
const client = new mongoose.mongo.MongoClient(database.uri, { monitorCommands: true });
const { store } = mongoStore({ client, dbName: database.name, collection: 'sessions' });
afterAll(() => client.close());

/** One command each: how many documents it reads, or changes. */
let sent: { find: number[]; update: number[]; getMore: number };
client.on('commandStarted', ({ commandName, command }) => {
  const { filter, updates } = command as { filter?: { _id: { $in?: unknown[] } }; updates?: unknown[] };
  if (commandName === 'find') sent.find.push(filter!._id.$in?.length ?? 1);
  if (commandName === 'update') sent.update.push(updates!.length);
  if (commandName === 'getMore') sent.getMore += 1;
});

beforeEach(() => {
  sent = { find: [], update: [], getMore: 0 };
});

async function begin(count: number, values: Record<string, unknown> = {}): Promise<StoredSession[]> {
  const sessions = Array.from({ length: count }, () => storedSession({ values }));
  await Promise.all(sessions.map((session) => store.insert(session)));
  return sessions;
}

const findAll = (sessions: readonly StoredSession[]) => Promise.all(sessions.map(({ handle }) => store.find(handle)));
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('reads', () => {
  test.each([
    ['one command', 30, [30]],
    ['two, where these are large', 100, [50, 50]],
  ])('of one turn are %s', async (_what, count, find) => {
    const sessions = await begin(count);
    expect(await findAll(sessions)).toEqual(sessions);
    expect(sent).toMatchObject({ find, getMore: 0 });
  });

  test('of one session ask for it once, and each gets objects of its own', async () => {
    const [one, other] = await begin(2);
    const [first, second] = await findAll([one!, one!, other!]);
    expect(sent.find).toEqual([2]);
    expect(first).toEqual(second);
    expect(first).not.toBe(second);
  });

  test('of more than one command may carry go in several', async () => {
    await findAll(await begin(300));
    expect(sum(sent.find)).toBe(300);
    expect(Math.max(...sent.find)).toBeLessThanOrEqual(128);
  });

  test('of large sessions go by themselves from the second time on, and together again when they have shrunk', async () => {
    const small = await begin(20);
    const [large] = await begin(1, { text: KIB_100 });
    await findAll([...small, large!]);
    expect(sent.find).toEqual([21]);
    const again = await findAll([...small, large!]);
    expect(sent.find.slice(1).toSorted((a, b) => a - b)).toEqual([1, 20]);
    expect(unpack(again[20])).toEqual({ text: KIB_100 });
    await store.update(target(large!.handle, 0), { set: pack({ text: '' }) });
    await findAll([large!]);
    sent.find = [];
    await findAll([...small, large!]);
    expect(sent.find).toEqual([21]);
  });

  test('of ever larger sessions share ever fewer', async () => {
    const sessions = await begin(60, { text: 'x'.repeat(30 * 1024) });
    await findAll(sessions);
    sent.find = [];
    await findAll(sessions);
    expect(sum(sent.find)).toBe(60);
    expect(Math.max(...sent.find)).toBeLessThan(15);
  });
});

describe('updates', () => {
  test.each([
    ['one command', 30, [30]],
    ['two, where these are large', 100, [50, 50]],
  ])('of one turn are %s', async (_what, count, update) => {
    const sessions = await begin(count);
    const told = await Promise.all(
      sessions.map(({ handle }, n) => store.update(target(handle, 0), { set: pack({ n }) })),
    );
    expect(new Set(told)).toEqual(new Set([true]));
    expect(sent).toMatchObject({ update, find: [] });
  });

  test('of more than one command may carry go in several, by number and by bytes', async () => {
    const sessions = await begin(300);
    await Promise.all(sessions.map(({ handle }, n) => store.update(target(handle, 0), { set: pack({ n }) })));
    expect([sum(sent.update), Math.max(...sent.update)]).toEqual([300, 128]);
    sent.update = [];
    const text = 'x'.repeat(30 * 1024);
    await Promise.all(
      sessions.slice(0, 40).map(({ handle }) => store.update(target(handle, 0), { set: pack({ text }) })),
    );
    expect([sum(sent.update), Math.max(...sent.update)]).toEqual([40, 8]);
  });

  test('that are large go by themselves', async () => {
    const [large, ...small] = await begin(21);
    await Promise.all([
      store.update(target(large!.handle, 0), { set: pack({ text: KIB_100 }) }),
      ...small.map(({ handle }, n) => store.update(target(handle, 0), { set: pack({ n }) })),
    ]);
    expect(sent.update.toSorted((a, b) => a - b)).toEqual([1, 20]);
  });

  test('of which one finds nothing are looked at once more, together', async () => {
    const [gone, ...others] = await begin(30);
    await store.remove(gone!.handle);
    const told = await Promise.all(
      [gone!, ...others].map(({ handle }, n) => store.update(target(handle, 0), { set: pack({ n }) })),
    );
    expect(told).toEqual([false, ...others.map(() => true)]);
    expect(sent).toMatchObject({ update: [30], find: [30] });
  });
});
