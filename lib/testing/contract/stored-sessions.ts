// Sessions as a store gets them from the core.
import mongoose from 'mongoose';
import { createSecret, createToken } from '../../core/token/session-token.js';
import type {
  SecretReplacement,
  SessionStore,
  StoredSession,
  WriteTarget,
} from '../../core/store/session-store.interface.js';

const { BSON } = mongoose.mongo;

/**
 * Stored keys, as the core may hand them to a store, that a query language could take for something
 * else.
 */
export const ODD_KEYS = [
  'with space',
  'OIDC: https://login|example',
  'ключ 🔑',
  'a$b',
  'b$',
  '0',
  '-1',
  '%2E',
  '%',
  'length',
  'constructor',
  'toString',
  'data',
  '_id',
  '[0]',
  '"quoted"',
  "it's",
  'back\\slash',
  'new\nline',
  '@',
];

/** One value of every BSON type, with the types that look alike in JavaScript told apart. */
export function everyType(): Record<string, unknown> {
  return {
    double: new BSON.Double(1),
    nan: new BSON.Double(NaN),
    minusZero: new BSON.Double(-0),
    int: new BSON.Int32(1),
    long: BSON.Long.fromString('9007199254740993'),
    smallLong: BSON.Long.fromNumber(1),
    decimal: BSON.Decimal128.fromString('0.10'),
    text: 'Grüße 🔑\0!',
    yes: true,
    nothing: null,
    date: new Date(0),
    farDate: new Date(-8.64e15),
    id: new BSON.ObjectId(),
    binary: new BSON.Binary(Buffer.from([1, 2]), 0x80),
    bytes: new BSON.Binary(Buffer.from([1, 2]), 0),
    uuid: new BSON.UUID(),
    regexp: new BSON.BSONRegExp('^a', 'im'),
    list: [new BSON.Int32(1), new BSON.Double(1), [], [{}]],
    deep: { int: new BSON.Int32(1), double: new BSON.Double(1), empty: {} },
    code: new BSON.Code('return 1'),
    scoped: new BSON.Code('return x', { x: new BSON.Int32(1) }),
    symbol: new BSON.BSONSymbol('s'),
    timestamp: new BSON.Timestamp({ t: 1, i: 2 }),
    min: new BSON.MinKey(),
    max: new BSON.MaxKey(),
  };
}

let minute = 0;

/** A session, one second old. */
export function storedSession(
  given: Partial<StoredSession> & { values?: Record<string, unknown> } = {},
): StoredSession {
  const { values = {}, ...fields } = given;
  const now = Date.UTC(2030, 0, 1) + 60_000 * minute++;
  return {
    handle: createToken(now).handle,
    secretHash: newHash(),
    epoch: 0,
    data: pack(values),
    createdAt: now,
    lastSeenAt: now + 1000,
    expiresAt: now + 1_800_000,
    ...fields,
  };
}

export function newHash(): Uint8Array {
  return Buffer.from(createSecret());
}

export function pack(values: Record<string, unknown>): Uint8Array {
  return BSON.serialize(values, { ignoreUndefined: true });
}

export function unpack(session: StoredSession | undefined): Record<string, unknown> | undefined {
  return session && BSON.deserialize(session.data);
}

/**
 * A session in a form in which two of them can be compared, whichever kind of byte array they hold.
 */
export function plain(session: StoredSession | undefined): Record<string, unknown> | undefined {
  return session && (withHex(session) as Record<string, unknown>);
}

function withHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withHex(inner)]));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function secretChange(given: Partial<SecretReplacement> = {}): SecretReplacement {
  const times = { lastSeenAt: 6000, expiresAt: 7000 };
  return { secretHash: newHash(), keep: true, createdAt: 5000, times, ...given };
}

/**
 * Whom a write is for; at a time at which every session of these tests lives, unless another one is
 * given.
 */
export function target(
  handle: string,
  epoch = 0,
  times: Partial<Pick<WriteTarget, 'now' | 'seenAfter'>> = {},
): WriteTarget {
  return { handle, epoch, now: -1e12, ...times };
}

/** Short forms for the tests of one store. */
export function using(store: SessionStore) {
  return {
    insert: async (given?: Parameters<typeof storedSession>[0]): Promise<StoredSession> => {
      const session = storedSession(given);
      await store.insert(session);
      return session;
    },
    find: async ({ handle }: StoredSession) => plain(await store.find(handle)),
    values: async ({ handle }: StoredSession) => unpack(await store.find(handle)),
  };
}

/** One call for each case of a table, with its name. */
export function forEach<T>(cases: Readonly<Record<string, T>>, body: (name: string, given: T) => unknown): void {
  for (const [name, given] of Object.entries(cases)) body(name, given);
}
