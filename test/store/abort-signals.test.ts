// A signal that has aborted nothing serves again, for making one is dear: so nobody may be left who listens to it.
import { getEventListeners } from 'node:events';
import mongoose from 'mongoose';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { AbortControllers } from '../../lib/mongo/abort-controllers.js';
import { withDeadline } from '../../lib/mongo/deadline.js';
import { testDatabase } from '../support/mongo.js';
import { mongoStore } from './support/mongo-store.js';
import { storedSession } from './support/stored-sessions.js';

const database = testDatabase();
const client = new mongoose.mongo.MongoClient(database.uri);
const { store } = mongoStore({ client, dbName: database.name, collection: 'sessions' });
afterAll(() => client.close());

async function work(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const session = storedSession();
    await store.insert(session);
    await Promise.all([store.find(session.handle), store.remove(session.handle)]);
  }
}

test('a hundred rounds of operations share a few signals, to which nobody listens afterwards', async () => {
  const listen = vi.spyOn(EventTarget.prototype, 'addEventListener');
  try {
    await work(1);
    const signals = new Set(listen.mock.contexts.filter((target) => target instanceof AbortSignal));
    expect(signals.size).toBeGreaterThan(0);
    const listening = new Set<unknown>();
    let listened = 0;
    for (const signal of signals) {
      const listenTo = signal.addEventListener.bind(signal);
      const leave = signal.removeEventListener.bind(signal);
      vi.spyOn(signal, 'addEventListener').mockImplementation((type: string, listener: unknown) => {
        listened++;
        listening.add(listener);
        listenTo(type, listener as () => void);
      });
      vi.spyOn(signal, 'removeEventListener').mockImplementation((type: string, listener: unknown) => {
        listening.delete(listener);
        leave(type, listener as () => void);
      });
    }
    await work(100);
    expect(listened).toBeGreaterThan(100);
    expect(listening.size).toBe(0);
    const all = new Set(listen.mock.contexts.filter((target) => target instanceof AbortSignal));
    expect(all.size).toBeLessThan(10);
    // Its own, which passes on to the others.
    for (const signal of all) expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  } finally {
    listen.mockRestore();
  }
});

describe('who listens to a signal that is lent', () => {
  function borrow() {
    const controller = new AbortControllers().borrow();
    const heard: [name: string, isSignal: boolean, type: string][] = [];
    const listener = (name: string) =>
      function (this: unknown, event: Event) {
        heard.push([name, this === controller.signal, event.type]);
      };
    return { controller, signal: controller.signal, heard, listener };
  }

  test('hears of the abortion, once, with the reason at the signal', () => {
    const { controller, signal, heard, listener } = borrow();
    signal.addEventListener('abort', listener('one'), { once: true });
    signal.addEventListener('abort', listener('two'));
    const reason = new Error('too late');
    controller.abort(reason);
    controller.abort(new Error('again'));
    expect(heard).toEqual([
      ['one', true, 'abort'],
      ['two', true, 'abort'],
    ]);
    expect(signal.reason).toBe(reason);
  });

  test('hears of nothing once it has stopped listening', () => {
    const { controller, signal, heard, listener } = borrow();
    const [one, two, three] = ['one', 'two', 'three'].map(listener);
    for (const each of [one!, two!, three!]) signal.addEventListener('abort', each);
    signal.removeEventListener('abort', two!);
    signal.removeEventListener('abort', two!);
    controller.abort();
    expect(heard.map(([name]) => name)).toEqual(['one', 'three']);
  });

  test('may be an object, or listen to something else, as with any signal', () => {
    const { controller, signal, heard, listener } = borrow();
    const object = { handleEvent: listener('object') };
    signal.addEventListener('abort', object);
    const other = listener('other');
    signal.addEventListener('other', other);
    signal.dispatchEvent(new Event('other'));
    signal.removeEventListener('other', other);
    signal.dispatchEvent(new Event('other'));
    controller.abort();
    expect(heard.map(([name, , type]) => `${name} ${type}`)).toEqual(['other other', 'object abort']);
  });

  test('is what Node itself makes of the signal', async () => {
    const { controller, signal } = borrow();
    const combined = AbortSignal.any([signal]);
    const waiting = delay(1000, undefined, { signal }).catch((error: Error) => error.name);
    controller.abort();
    expect([combined.aborted, await waiting]).toEqual([true, 'AbortError']);
  });
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
