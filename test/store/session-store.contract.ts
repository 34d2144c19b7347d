import mongoose from 'mongoose';
import { beforeEach, describe, expect, test } from 'vitest';
import { SessionError } from '../../lib/core/errors.js';
import { EMPTY_DOCUMENT } from '../../lib/core/session/bson-elements.js';
import { createSecret, createToken, hashSecret } from '../../lib/core/session/session-token.js';
import type { SessionStore, StoredSession } from '../../lib/core/store/session-store.interface.js';

const { BSON } = mongoose.mongo;

/** Keys that core can hand to a store, and that a query language could take for something else. */
export const ODD_KEYS = [
  'plain',
  'with space',
  'OIDC: https://login.example',
  'ключ 🔑',
  'a$b',
  '0',
  '-1',
  '%2E',
  'length',
  'constructor',
  'data',
  '[0]',
  '"quoted"',
  "it's",
  'back\\slash',
  'new\nline',
  '@',
];

let minute = 0;

/** A session with data, one second old. */
export function storedSession(
  given: Partial<StoredSession> & { values?: Record<string, unknown> } = {},
): StoredSession {
  const { values = {}, ...fields } = given;
  const now = Date.UTC(2030, 0, 1) + 60_000 * minute++;
  return {
    handle: createToken(now).handle,
    secretHash: hashSecret(createSecret()),
    epoch: 0,
    data: pack(values),
    createdAt: now,
    lastSeenAt: now + 1000,
    expiresAt: now + 1_800_000,
    ...fields,
  };
}

export function pack(values: Record<string, unknown>): Uint8Array {
  return BSON.serialize(values, { ignoreUndefined: true });
}

export function unpack(session: StoredSession | undefined): Record<string, unknown> | undefined {
  return session && BSON.deserialize(session.data);
}

/** Everything that the port's comments promise, for every store. */
export function describeSessionStore(name: string, open: () => SessionStore): void {
  describe(`the contract of SessionStore, by ${name}`, () => {
    let store: SessionStore;
    beforeEach(() => {
      store = open();
    });

    async function insert(given?: Parameters<typeof storedSession>[0]): Promise<StoredSession> {
      const session = storedSession(given);
      await store.insert(session);
      return session;
    }

    async function read(session: StoredSession): Promise<Record<string, unknown> | undefined> {
      return unpack(await store.find(session.handle));
    }

    describe('find', () => {
      test('gives back what insert was given', async () => {
        const session = await insert({
          values: { cart: ['tea'], n: 1 },
          userId: 'ada',
          permanent: 86_400_000,
          epoch: 3,
        });

        const found = await store.find(session.handle);

        expect(unpack(found)).toEqual({ cart: ['tea'], n: 1 });
        expect({ ...found, data: 0, secretHash: 0 }).toEqual({ ...session, data: 0, secretHash: 0 });
        expect(Buffer.from(found!.secretHash)).toEqual(Buffer.from(session.secretHash));
      });

      test('gives the bytes of the data as they were, whatever the types', async () => {
        const data = pack({
          double: new BSON.Double(1),
          int: 1,
          long: BSON.Long.fromString('9007199254740993'),
          decimal: BSON.Decimal128.fromString('0.10'),
          date: new Date(0),
          id: new BSON.ObjectId(),
          binary: new BSON.Binary(Buffer.from([1, 2]), 0x80),
          uuid: new BSON.UUID(),
          regexp: new BSON.BSONRegExp('^a', 'im'),
          nothing: null,
          deep: { list: [new BSON.Int32(1), new BSON.Double(1), [{}]] },
          code: new BSON.Code('return x', { x: 1 }),
          symbol: new BSON.BSONSymbol('s'),
          timestamp: new BSON.Timestamp({ t: 1, i: 2 }),
          min: new BSON.MinKey(),
          max: new BSON.MaxKey(),
        });
        const session = await insert({ data });

        expect(Buffer.from((await store.find(session.handle))!.data)).toEqual(Buffer.from(data));
      });

      test('says undefined for a handle that nobody has, which is no error', async () => {
        expect(await store.find(storedSession().handle)).toBeUndefined();
      });

      test('gives expired sessions too, for a store has no clock', async () => {
        const session = await insert({ createdAt: 1000, lastSeenAt: 2000, expiresAt: 3000 });

        expect(await store.find(session.handle)).toMatchObject({ createdAt: 1000, lastSeenAt: 2000, expiresAt: 3000 });
      });

      test('leaves out what the session does not have', async () => {
        const session = await insert();

        const found = await store.find(session.handle);

        expect(found).not.toHaveProperty('userId');
        expect(found).not.toHaveProperty('permanent');
        expect(Buffer.from(found!.data)).toEqual(Buffer.from(EMPTY_DOCUMENT));
      });
    });

    describe('insert', () => {
      test('fails for a handle that exists, and leaves that session alone', async () => {
        const session = await insert({ values: { mine: true } });
        const intruder = storedSession({ handle: session.handle, values: { mine: false } });

        const error: unknown = await store.insert(intruder).catch((reason: unknown) => reason);

        expect(error).toBeInstanceOf(SessionError);
        expect(error).toMatchObject({ code: 'SESSION_STORE_FAILED' });
        expect(await read(session)).toEqual({ mine: true });
        expect((await store.find(session.handle))!.expiresAt).toBe(session.expiresAt);
      });

      test('of one handle by two at once lets one of them through', async () => {
        const [first, second] = [storedSession(), storedSession()];

        const results = await Promise.allSettled([
          store.insert(first),
          store.insert({ ...second, handle: first.handle }),
        ]);

        expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      });
    });
  });
}
