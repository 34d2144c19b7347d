// What is in the collection of users, what stands in a session's document, and what becomes of both when somebody has changed them by hand.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { loggedErrors } from '../../../../lib/core/errors.js';
import type { StoredUser } from '../../../../lib/core/store/seat-store.interface.js';
import { pack, storedSession, target, unpack } from '../../../../lib/testing/contract/stored-sessions.js';
import { testDatabase } from '../../../support/mongo.js';
import type { PortStore } from '../../../support/store/describe-ports.js';
import { mongoStore } from '../../../support/store/mongo-store.js';

const { db } = testDatabase();
const { BSONRegExp, Long, ObjectId } = mongoose.mongo;
const sessions = db.collection('sessions');
const users = db.collection('sessions.users');

function connect() {
  const { store, lines, model } = mongoStore({ collection: sessions });
  return { store: store as unknown as PortStore, lines, model };
}
const byId = (_id: unknown) => ({ _id }) as mongoose.mongo.Filter<mongoose.mongo.Document>;
const newId = () => new ObjectId().toHexString();

describe('the document of a user', () => {
  test('has the fields and types of the format', async () => {
    const [seats, revision, spared] = [[newId(), newId()], newId(), newId()];
    const user = { userId: 'ada', seats, revision, revokedAt: 1000, spared, expiresAt: 2000 };
    expect(await connect().store.insertUser(user)).toBe(true);
    const document = {
      _id: 'ada',
      seats: seats.map((handle) => new ObjectId(handle)),
      revision: new ObjectId(revision),
      revokedAt: new Date(1000),
      spared: new ObjectId(spared),
      expiresAt: new Date(2000),
      v: 1,
    };
    expect(await users.findOne(byId('ada'))).toEqual(document);
    const { store } = connect();
    await store.changeUser({ userId: 'ada', revision: newId(), expiresAt: 3000 }, revision);
    const changed = await users.findOne(byId('ada'));
    expect(Object.keys(changed!)).toEqual(['_id', 'revision', 'expiresAt', 'v']);
  });

  test('keeps its _id whatever type of number it is asked for by', async () => {
    const { store } = connect();
    const revision = newId();
    await users.insertOne({
      _id: Long.fromNumber(77),
      revision: new ObjectId(revision),
      expiresAt: new Date(),
      v: 1,
    } as never);
    expect(await store.changeUser({ userId: 77, revision: newId(), expiresAt: 1 }, revision)).toBe(true);
    const [found] = await users
      .aggregate([{ $match: { _id: 77 } }, { $project: { type: { $type: '$_id' } } }])
      .toArray();
    expect(found!['type']).toBe('long');
  });

  const valid = () => ({ revision: new ObjectId(), expiresAt: new Date(), v: 1 });
  test.each([
    ['v', { v: 2 }],
    ['v', { v: undefined }],
    ['seats', { seats: 'none' }],
    ['seats', { seats: [new ObjectId(), 'x'] }],
    ['seats', { seats: null }],
    ['revision', { revision: 7 }],
    ['revokedAt', { revokedAt: 1_700_000_000_000 }],
    ['spared', { spared: 'x' }],
    ['expiresAt', { expiresAt: 'tomorrow' }],
  ])('made nonsense in %s (%j) fails for its user alone, with one line that names its _id', async (field, nonsense) => {
    const { store, lines } = connect();
    const [userId, other] = [`mallory ${newId()}`, `ada ${newId()}`];
    await users.insertOne({ _id: userId, ...valid(), ...nonsense } as never, { ignoreUndefined: true });
    const user: StoredUser = { userId: other, revision: newId(), expiresAt: 1000 };
    await store.insertUser(user);
    for (let n = 0; n < 2; n++) {
      const error: unknown = await store.findUsers([userId, true]).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'SESSION_STORE_FAILED', httpStatus: 503 });
      expect((error as Error).message).toContain(`field \`${field}\``);
      expect((error as Error).message).not.toContain(userId);
      // Its line is written: who reports errors need not write another one.
      expect(loggedErrors.has(error as Error)).toBe(true);
    }
    expect(lines).toEqual([expect.stringContaining(`{"_id":"${userId}"}`)]);
    expect(lines[0]).not.toContain('\n');
    expect(await store.insertUser({ ...user, userId })).toBe(false);
    expect((await store.findUsers([other, true])).users[0]).toEqual(user);
  });
});

describe('a device in the document of a session', () => {
  const documentOf = (handle: string) => sessions.findOne({ _id: new ObjectId(handle) });

  test('stands in meta, beside what is there', async () => {
    const { store, model } = connect();
    const session = storedSession({
      userId: 'ada',
      authenticatedAt: 5000,
      device: pack({ ip: '::1', label: 'phone' }),
    });
    await store.insert(session);
    await store.describe(session.handle, { epoch: 0 }, { set: pack({ userAgent: 'curl' }), unset: ['label'] });
    const meta = { authenticatedAt: new Date(5000), device: { ip: '::1', userAgent: 'curl' } };
    expect((await documentOf(session.handle))!['meta']).toEqual(meta);
    expect((await model.findOne({ 'meta.device.ip': '::1' }).lean())!.meta).toEqual(meta);
  });

  test('of another type counts as none, and what is in it is passed on as it is', async () => {
    const { store } = connect();
    for (const device of ['phone', 7, null, ['phone'], new Date(), true]) {
      const session = storedSession({ userId: 'ada', authenticatedAt: 5000 });
      await store.insert(session);
      await sessions.updateOne({ _id: new ObjectId(session.handle) }, { $set: { 'meta.device': device } });
      const found = await store.find(session.handle);
      expect(found).toMatchObject({ userId: 'ada', authenticatedAt: 5000 });
      expect(found).not.toHaveProperty('device');
      expect((await store.findByUser('ada', 1000)).some(({ handle }) => handle === session.handle)).toBe(true);
      expect(await store.take(session.handle, {})).not.toHaveProperty('device');
    }
    const session = storedSession();
    await store.insert(session);
    await sessions.updateOne(
      { _id: new ObjectId(session.handle) },
      { $set: { 'meta.device': { ip: 7, label: null } } },
    );
    const { device } = (await store.find(session.handle))!;
    expect(unpack({ ...session, data: device! })).toEqual({ ip: 7, label: null });
  });

  test('is nowhere in a document, nor in a write, as long as nobody gives one', async () => {
    const { store } = connect();
    const session = storedSession({ userId: 'ada', authenticatedAt: 5000 });
    await store.insert(session);
    await store.update(target(session.handle), { set: pack({ a: 1 }), times: { lastSeenAt: 9e12, expiresAt: 9e12 } });
    expect(JSON.stringify(await documentOf(session.handle))).not.toContain('device');
  });
});

describe('documents that are no sessions', () => {
  test('keep nobody from finding those that are, whatever is in their fields', async () => {
    const { store } = connect();
    const userId = `ada ${newId()}`;
    const [first, last] = [storedSession({ userId, expiresAt: 2 }), storedSession({ userId, expiresAt: 4 })];
    const broken = new BSONRegExp('(');
    const whole = { userId, v: 1, epoch: 0, createdAt: new Date(), lastSeenAt: new Date(), expiresAt: new Date(3) };
    const strange = [
      { expiresAt: [new Date(1)] },
      { expiresAt: [new Date(1), broken] },
      { epoch: broken },
      { epoch: [1, broken] },
      { userId, meta: { amr: [broken], device: broken } },
      { other: broken },
    ].map((fields) => ({ _id: new ObjectId(), ...whole, ...fields }));
    const texts = Array.from({ length: 3 }, (_, n) => ({ _id: `${userId} ${n}`, ...whole, expiresAt: new Date(1) }));
    await store.insert(first);
    await sessions.insertMany([...strange, ...texts] as never[]);
    await store.insert(last);
    const all = [first.handle, ...strange.map(({ _id }) => _id.toHexString()), last.handle];
    const own = (found: readonly { handle: string }[]) =>
      found.map(({ handle }) => handle).filter((handle) => handle === first.handle || handle === last.handle);
    expect(own(await store.peek(all))).toEqual([first.handle, last.handle]);
    expect(own(await store.findExpired(10, 1))).toEqual([first.handle]);
    expect(own(await store.findExpired(10, 100))).toEqual([first.handle, last.handle]);
    expect(own(await store.findByUser(userId, 100)).toSorted()).toEqual([first.handle, last.handle].toSorted());
    for (const handle of all) await store.take(handle, { userId });
    expect(await store.handlesOf(userId, undefined, 100)).toEqual([]);
    await sessions.deleteMany({ userId });
  });

  test('are in no list, and in nobody’s way', async () => {
    const { store } = connect();
    const userId = `ada ${newId()}`;
    const session = storedSession({ userId });
    await store.insert(session);
    const strange = [
      { _id: 'a text', userId },
      { _id: new ObjectId(), userId },
      {
        _id: new ObjectId(),
        userId,
        v: 2,
        epoch: 0,
        expiresAt: new Date(),
        lastSeenAt: new Date(),
        createdAt: new Date(),
      },
      { _id: new ObjectId(), userId, v: 1, epoch: 'x', expiresAt: 'y', lastSeenAt: 1 },
    ];
    await sessions.insertMany(strange as never[]);
    const ids = strange.slice(1).map(({ _id }) => (_id as mongoose.mongo.ObjectId).toHexString());
    expect((await store.findByUser(userId, 10)).map(({ handle }) => handle)).toEqual([session.handle]);
    expect(await store.peek(ids.slice(0, 1).concat(ids[2]!))).toEqual([]);
    const { asOf } = await store.findUsers([userId]);
    const seated = await store.findSeated([...ids, session.handle], userId, asOf);
    expect(seated.map(({ handle }) => handle)).toEqual(expect.arrayContaining([session.handle]));
    // They are the user's all the same: "log out everywhere" leaves none.
    const handles = await store.handlesOf(userId, undefined, 10);
    expect(handles.toSorted()).toEqual([...ids, session.handle].toSorted());
    for (const handle of handles) await store.take(handle, { userId });
    expect(await sessions.countDocuments({ userId })).toBe(1);
  });
});
