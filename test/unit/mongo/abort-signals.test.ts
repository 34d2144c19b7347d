// Each command has a signal of its own, by which its deadline ends it; nobody listens to it afterwards.
import { getEventListeners } from 'node:events';
import mongoose from 'mongoose';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { withDeadline } from '../../../lib/mongo/commands/deadline.js';
import { testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, storedSession, target } from '../../../lib/testing/contract/stored-sessions.js';

const COMMANDS = 10_000;

const database = testDatabase();
const client = new mongoose.mongo.MongoClient(database.uri, { monitorCommands: true });
const { store } = mongoStore({ client, dbName: database.name, collection: 'sessions' });
afterAll(() => client.close());

test(`nobody listens to any signal after ${COMMANDS} commands`, async () => {
  const controllers: AbortController[] = [];
  const AbortControllerOfNode = globalThis.AbortController;
  vi.stubGlobal(
    'AbortController',
    class extends AbortControllerOfNode {
      constructor() {
        super();
        controllers.push(this);
      }
    },
  );
  const sent = { commands: 0 };
  client.on('commandStarted', () => sent.commands++);
  try {
    const [one, other] = [storedSession(), storedSession()];
    await store.insert(one);
    await store.insert(other);
    const gone = Array.from({ length: 32 }, () => storedSession().handle);
    while (sent.commands < COMMANDS) {
      await Promise.all([
        ...[one, other].map(({ handle }) => store.find(handle)),
        ...[one, other].map(({ handle }) => store.update(target(handle), { set: pack(sent) })),
        ...gone.map((handle) => store.remove(handle)),
      ]);
      await store.find(one.handle);
    }
    expect(controllers.length).toBeGreaterThan(COMMANDS * 0.9);
    const listening = controllers.filter(({ signal }) => getEventListeners(signal, 'abort').length > 0);
    expect(listening).toEqual([]);
    expect(controllers.filter(({ signal }) => signal.aborted)).toEqual([]);
  } finally {
    vi.unstubAllGlobals();
  }
}, 120_000);

describe('withDeadline()', () => {
  test('ends an operation that is too late, and no other one', async () => {
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
      expect([late!.aborted, next.aborted]).toEqual([true, false]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('passes on why an operation has failed', async () => {
    const failed = withDeadline('find', 1000, () => Promise.reject(new Error('refused')));
    await expect(failed).rejects.toMatchObject({ code: 'SESSION_STORE_FAILED' });
  });
});
