import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { pack, storedSession, unpack } from '../../../../lib/testing/contract/stored-sessions.js';
import { testDatabase } from '../../../support/mongo.js';
import { describePorts, type PortStore } from '../../../support/store/describe-ports.js';
import { mongoStore } from '../../../support/store/mongo-store.js';
import { encrypting, newKey } from './support/encryption.js';

const { db } = testDatabase();
const { ObjectId } = mongoose.mongo;
const keys = [newKey(), newKey()];
const { store: mongo } = mongoStore({ collection: 'sessions', db });

describePorts('EncryptingSessionStore over memory', encrypting(new MemorySessionStore(), { keys }));
describePorts('EncryptingSessionStore over MongoDB', encrypting(mongo, { keys, hideKeyNames: true }));

const IP = '203.0.113.77';
const AGENT = `agent ${randomBytes(8).toString('hex')}`;
const times = { lastSeenAt: 6000, expiresAt: 9e12 };
const DEVICE = pack({ ip: IP, userAgent: AGENT, label: 'phone' });

describe('a device with encryption', () => {
  const shown = (device: Uint8Array | undefined) => device && unpack({ ...storedSession(), data: device });
  const over = (inner: PortStore, given = keys) => encrypting(inner, { keys: given }) as unknown as PortStore;

  test.each([
    ['insert', {}],
    ['update', { device: DEVICE }],
    ['describe', { set: DEVICE }],
    ['replaceSecret', { secretHash: newKey(), keep: true, createdAt: 1, times, device: DEVICE }],
  ] as const)(
    'of %s is stored element by element, and none of it can be read in the database',
    async (method, change) => {
      const session = storedSession({ userId: 'ada', ...(method === 'insert' && { device: DEVICE }) });
      const store = over(mongo as PortStore);
      await store.insert(session);
      const to = { handle: session.handle, epoch: 0, now: -1e12 };
      if (method === 'update') expect(await store.update(to, change)).toBe(true);
      if (method === 'describe') expect(await store.describe(session.handle, { userId: 'ada' }, change)).toBe(true);
      if (method === 'replaceSecret') expect(await store.replaceSecret(to, change)).toBe(true);
      const sessions = db.collection('sessions');
      const [raw] = await sessions.find({ _id: new ObjectId(session.handle) }, { raw: true }).toArray();
      const text = Buffer.from(raw as unknown as Uint8Array).toString('latin1');
      for (const part of [IP, AGENT, 'phone']) expect(text).not.toContain(part);
      expect(await sessions.findOne({ _id: new ObjectId(session.handle) })).toMatchObject({
        meta: { device: { ip: { '%enc': {} }, userAgent: { '%enc': {} }, label: { '%enc': {} } } },
      });
      expect(shown((await store.find(session.handle))!.device)).toEqual({ ip: IP, userAgent: AGENT, label: 'phone' });
    },
  );

  test('outlives new secrets, and belongs to its session alone', async () => {
    const memory = new MemorySessionStore();
    const store = over(memory);
    const [one, two] = [storedSession({ device: DEVICE, userId: 'ada' }), storedSession({ userId: 'ada' })];
    await Promise.all([store.insert(one), store.insert(two)]);
    const now = -1e12;
    for (const epoch of [0, 1, 2]) {
      const change = { secretHash: one.secretHash, keep: true, createdAt: 1, times } as const;
      expect(await store.replaceSecret({ handle: one.handle, epoch, now }, change)).toBe(true);
    }
    expect(shown((await store.find(one.handle))!.device)).toMatchObject({ ip: IP, label: 'phone' });
    // Sealed for one session, put into another one by somebody with access to the database.
    const sealed = (await memory.find(one.handle))!.device!;
    await memory.update({ handle: two.handle, epoch: 0, now }, { device: sealed });
    expect(shown((await store.find(two.handle))!.device)).toEqual({});
  });

  test('is left out where it can not be decrypted: the list, the session and its end stay whole', async () => {
    const memory = new MemorySessionStore();
    const session = storedSession({ device: DEVICE, userId: 'ada' });
    await over(memory).insert(session);
    const stranger = over(memory, [newKey()]);
    const [listed] = await stranger.findByUser('ada', 10);
    expect({ ...listed, device: shown(listed!.device) }).toMatchObject({ handle: session.handle, device: {} });
    const plain = storedSession({ device: pack({ ip: IP }), userId: 'bob' });
    await memory.insert(plain);
    await over(memory).describe(plain.handle, { epoch: 0 }, { set: pack({ label: 'x' }) });
    expect(shown((await stranger.findByUser('bob', 10))[0]!.device)).toEqual({ ip: IP });
  });
});

describe('take of what can not be decrypted', () => {
  const insertFor = async (inner: PortStore) => {
    const session = storedSession({ values: { secret: 1 }, device: DEVICE, userId: 'ada' });
    await encrypting(inner, { keys }).insert(session);
    return session;
  };

  test.each([
    ['with other keys', () => [newKey()] as const],
    [
      'without any',
      () => async () => {
        throw new Error('the vault is sealed');
      },
    ],
  ])('reports the removal all the same, %s', async (_, keysOf) => {
    const memory = new MemorySessionStore();
    const session = await insertFor(memory);
    const store = encrypting(memory, { keys: keysOf() }) as unknown as PortStore;
    const taken = await store.take(session.handle, {});
    expect(taken).toMatchObject({ handle: session.handle, userId: 'ada' });
    expect(taken).not.toHaveProperty('data');
    expect(JSON.stringify(taken)).not.toContain(IP);
    expect(await memory.find(session.handle)).toBeUndefined();
    expect(await store.take(session.handle, {})).toBeUndefined();
  });
});
