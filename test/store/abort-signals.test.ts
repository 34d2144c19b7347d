// A signal that has aborted nothing serves again, for making one is dear: so nobody may be left who listens to it.
import { getEventListeners } from 'node:events';
import mongoose from 'mongoose';
import { afterAll, expect, test, vi } from 'vitest';
import { withDeadline } from '../../lib/mongo/deadline.js';
import { testDatabase } from '../support/mongo.js';
import { mongoStore } from './support/mongo-store.js';
import { storedSession } from './support/stored-sessions.js';

const database = testDatabase();
const client = new mongoose.mongo.MongoClient(database.uri);
const { store } = mongoStore({ client, dbName: database.name, collection: 'sessions' });
afterAll(() => client.close());

test('a hundred rounds of operations share a few signals, to which nobody listens afterwards', async () => {
  const add = vi.spyOn(EventTarget.prototype, 'addEventListener');
  try {
    for (let round = 0; round < 100; round++) {
      const session = storedSession();
      await store.insert(session);
      await Promise.all([store.find(session.handle), store.remove(session.handle)]);
    }
    const signals = new Set(add.mock.contexts.filter((target) => target instanceof AbortSignal));
    expect(signals.size).toBeGreaterThan(0);
    expect(signals.size).toBeLessThan(10);
    for (const signal of signals) expect(getEventListeners(signal, 'abort')).toEqual([]);
  } finally {
    add.mockRestore();
  }
});

test("the signal of an operation that was too late is nobody else's", async () => {
  vi.useFakeTimers();
  try {
    let late: AbortSignal | undefined;
    const hanging = withDeadline('find', 100, (signal) => {
      late = signal;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(100);
    expect(await hanging).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    const next = await withDeadline('find', 100, (signal) => Promise.resolve(signal));
    expect(late!.aborted).toBe(true);
    expect(next.aborted).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});

test('two operations at a time have a signal each, whatever has failed before', async () => {
  const failed = withDeadline('find', 1000, () => Promise.reject(new Error('refused')));
  await expect(failed).rejects.toMatchObject({ code: 'SESSION_STORE_FAILED' });
  const [one, other] = await Promise.all([
    withDeadline('find', 1000, (signal) => Promise.resolve(signal)),
    withDeadline('find', 1000, (signal) => Promise.resolve(signal)),
  ]);
  expect(one).not.toBe(other);
});
