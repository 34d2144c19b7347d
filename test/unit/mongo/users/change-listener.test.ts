// The doorbell: what it rings for, what it does while the server is away, and that it leaves nothing behind.
import mongoose from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  newHash,
  pack,
  secretChange,
  storedSession,
  target,
} from '../../../../lib/testing/contract/stored-sessions.js';
import { proxyTo } from '../../../support/fault-proxy/proxy-to.js';
import { testDatabase } from '../../../support/mongo.js';
import type { PortStore } from '../../../support/store/describe-ports.js';
import { mongoStore } from '../../../support/store/mongo-store.js';

const database = testDatabase();
const { db, name, uri } = database;
const proxy = proxyTo(database);
const patient = { timeout: 20_000, interval: 5 };
let count = 0;

function storeOn(collection: string, to = uri) {
  const client = new mongoose.mongo.MongoClient(to, { monitorCommands: true });
  onTestFinished(() => client.close());
  return { client, store: mongoStore({ client, dbName: name, collection }).store as unknown as PortStore };
}

/** A process that listens, and another one that writes. */
async function listening(to = uri) {
  const collection = `sessions${count++}`;
  const { client, store } = storeOn(collection, to);
  const writer = storeOn(collection).store;
  // A collection has to be there to be dropped.
  await writer.insert(storedSession());
  const heard = { rings: 0, downs: [] as (string | undefined)[] };
  const stop = store.listen!(
    () => heard.rings++,
    (reason) => heard.downs.push(reason),
  );
  onTestFinished(() => stop());
  await expect.poll(() => heard.rings, patient).toBe(1);
  return { collection, client, writer, heard, stop };
}

async function insert(store: PortStore, given: Parameters<typeof storedSession>[0] = {}) {
  const session = storedSession(given);
  await store.insert(session);
  return session;
}

type End = (store: PortStore, handle: string, collection: string) => Promise<unknown>;
const ENDS: [string, End][] = [
  ['remove', (store, handle) => store.remove(handle)],
  ['take', (store, handle) => store.take(handle, { userId: 'ada' })],
  ['a login', (store, handle) => store.replaceSecret(target(handle), secretChange({ userId: 'eve' }))],
  ['a login that keeps keys', (store, handle) => store.replaceSecret(target(handle), secretChange({ keep: ['a'] }))],
  ['deleteMany by hand', (_store, _handle, collection) => db.collection(collection).deleteMany({})],
  ['a collection that is dropped', (_store, _handle, collection) => db.collection(collection).drop()],
];

describe('listen', () => {
  test.each(ENDS)('rings after %s in another process', async (_what, end) => {
    const { writer, heard, collection } = await listening();
    const { handle } = await insert(writer, { userId: 'ada' });
    const before = heard.rings;
    await end(writer, handle, collection);
    await expect.poll(() => heard.rings, patient).toBeGreaterThan(before);
  });

  test('is silent for new sessions, data, touches, devices and renewals', async () => {
    const { writer, heard } = await listening();
    const { handle } = await insert(writer, { userId: 'ada' });
    await writer.update(target(handle), {
      set: pack({ a: 1, epoch: 2 }),
      times: { lastSeenAt: 9e12, expiresAt: 9e12 },
    });
    await writer.update(target(handle), { device: pack({ ip: '::1' }), lastSeenAt: 9e12 });
    await writer.describe(handle, {}, { set: pack({ label: 'x' }) });
    await writer.renewToken(target(handle), 0, newHash(), { revision: 1, issuedAt: 1 });
    // Events come in their order: once this one is heard, the others would have been.
    await writer.remove(handle);
    await expect.poll(() => heard.rings, patient).toBe(2);
    expect(heard.downs).toEqual([]);
  });

  test('goes on after the collection was dropped', async () => {
    const { writer, heard, collection } = await listening();
    await db.collection(collection).drop();
    await expect.poll(() => heard.rings, patient).toBeGreaterThan(1);
    await expect
      .poll(async () => {
        const { handle } = await insert(writer);
        const before = heard.rings;
        await writer.remove(handle);
        return expect
          .poll(() => heard.rings, { timeout: 1000 })
          .toBeGreaterThan(before)
          .then(
            () => true,
            () => false,
          );
      }, patient)
      .toBe(true);
  });

  test('says that it is down while the server is away, and rings when it is back', async () => {
    await proxy.open();
    const { writer, heard } = await listening(proxy.uri);
    await proxy.close();
    await expect.poll(() => heard.downs, patient).toEqual([undefined]);
    const { handle } = await insert(writer);
    await writer.remove(handle);
    const before = heard.rings;
    await proxy.open();
    await expect.poll(() => heard.rings, patient).toBeGreaterThan(before);
    const again = await insert(writer);
    const rings = heard.rings;
    await writer.remove(again.handle);
    await expect.poll(() => heard.rings, patient).toBeGreaterThan(rings);
    await proxy.close();
  }, 60_000);

  test('says so too where the network swallows everything', async () => {
    await proxy.open();
    const { heard } = await listening(proxy.uri);
    proxy.set({ kind: 'black-hole' });
    await expect.poll(() => heard.downs, patient).toEqual([undefined]);
    proxy.set(undefined);
    await proxy.close();
  }, 60_000);

  test('closes its cursor when it is stopped, and calls nobody any more', async () => {
    const { writer, heard, stop, client } = await listening();
    const killed: unknown[] = [];
    client.on('commandStarted', ({ commandName }) => commandName === 'killCursors' && killed.push(commandName));
    const { handle } = await insert(writer);
    await stop();
    await stop();
    expect(killed).toEqual(['killCursors']);
    await writer.remove(handle);
    await client.close();
    expect(heard).toEqual({ rings: 1, downs: [] });
  });

  test('can be stopped before it is open', async () => {
    const { store } = storeOn(`sessions${count++}`);
    const heard: unknown[] = [];
    await store.listen!(
      () => heard.push('rang'),
      (reason) => heard.push(reason),
    )();
    await store.insert(storedSession());
    expect(heard).toEqual([]);
  });
});
