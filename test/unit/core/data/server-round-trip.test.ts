// What goes into a session comes out of it as it was, through a real MongoDB: inserted, and changed key by key.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../../lib/core/clock.interface.js';
import { SecretHasher, createToken } from '../../../../lib/core/token/session-token.js';
import type { StoredSession } from '../../../../lib/core/store/session-store.interface.js';
import { connectionSource } from '../../../../lib/mongo/connection/connection-source.js';
import { MongoSessionStore } from '../../../../lib/mongo/mongo-session.store.js';
import { testDatabase } from '../../../support/mongo.js';
import { anyData, leaves } from '../../../support/core/arbitraries.js';
import { decode, diffData, encode } from '../../../support/core/codec.js';
import { type NestedKind, nested } from '../../../support/core/nested.js';
import { comparable } from '../../../support/core/same-data.js';
import { target } from '../../../../lib/testing/contract/stored-sessions.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const { db } = testDatabase();
const store = new MongoSessionStore({
  source: connectionSource({ collection: 'sessions', db }),
  timeoutMs: 10_000,
  indexes: 'off',
  failFast: false,
  clock: systemClock,
  log: { warn: () => {}, error: () => {} },
});

const runs = { numRuns: 25, endOnFailure: true };
const NOW = Date.UTC(2030, 0);

function sessionWith(data: Uint8Array): StoredSession {
  const { handle, secret } = createToken(NOW);
  const times = { createdAt: NOW, lastSeenAt: NOW, expiresAt: NOW + 1000 };
  return { handle, secretHash: new SecretHasher('default').hash(secret), epoch: 0, data, ...times };
}

async function readBack(handle: string): Promise<Record<string, unknown>> {
  return decode((await store.find(handle))!.data);
}

/** The data, once from an insert and once from an update of a session that had other data. */
async function throughServer(data: object): Promise<Record<string, unknown>[]> {
  const bytes = encode(data);
  const inserted = sessionWith(bytes);
  await store.insert(inserted);
  const before = encode({ gone: 1 });
  const updated = sessionWith(before);
  await store.insert(updated);
  const diff = diffData(before, bytes);
  expect(await store.update(target(updated.handle, 0), diff ?? {})).toBe(true);
  return Promise.all([readBack(inserted.handle), readBack(updated.handle)]);
}

/** The server keeps no order of top-level keys that come in one update. */
const byKey = (data: object) => Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));

describe('through a real server', () => {
  test.each(Object.entries<fc.Arbitrary<unknown>>(leaves))('a %s comes back as it went in', async (_, values) => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const data = { a: value, b: [value], c: { d: value }, e: new Map([[value, value]]), f: new Set([value]) };
        for (const back of await throughServer(data)) expect(comparable(back)).toEqual(comparable(data));
      }),
      runs,
    );
  });

  test('any data under any keys comes back as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(anyData, async (data) => {
        for (const back of await throughServer(data)) {
          expect(byKey(back).map(comparable)).toEqual(byKey(data).map(comparable));
        }
      }),
      { ...runs, numRuns: 150 },
    );
  });

  test('data that was read looks unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(anyData, async (data) => {
        const session = sessionWith(encode(data));
        await store.insert(session);
        const { data: bytes } = (await store.find(session.handle))!;
        expect(diffData(bytes, encode(decode(bytes)))).toBeUndefined();
      }),
      runs,
    );
  });

  test('keys whose names mean something to MongoDB are set and removed as names', async () => {
    const keys = [
      ...['a.b', '$set', '$inc', '', '0', 'a.$[]', '$[]', 'epoch', '_id', '\0', '__proto__', '%', '.', '..', 'x.'],
    ];
    const before = encode(Object.fromEntries(keys.map((key) => [key, 1])));
    const session = sessionWith(before);
    await store.insert(session);
    for (const key of keys) {
      const now = (await store.find(session.handle))!.data;
      const { [key]: _, ...rest } = decode(now);
      expect(await store.update(target(session.handle, 0), diffData(now, encode(rest))!)).toBe(true);
      expect(byKey(await readBack(session.handle))).toEqual(byKey(rest));
    }
    expect(await readBack(session.handle)).toEqual({});
  });
});

describe('the deepest nesting that is allowed', () => {
  // A Map and a Set are a document around an array each. Below the last level, what we tag adds a document more.
  const kinds: [NestedKind, number][] = [
    ['objects', 97],
    ['arrays', 97],
    ['maps', 48],
    ['sets', 48],
  ];
  const innermost = { 'a number': 1, 'half a surrogate pair': '\ud83d', 'a BigInt': 1n };

  test.each(kinds.flatMap(([kind, levels]) => Object.keys(innermost).map((name) => [levels, kind, name] as const)))(
    'of %i %s around %s is accepted by the server, inserted and updated',
    async (levels, kind, name) => {
      const data = nested(levels, kind, innermost[name as keyof typeof innermost]);
      for (const back of await throughServer(data)) expect(comparable(back)).toEqual(comparable(data));
    },
  );

  test.each(kinds)('is the deepest: one more of %s is refused before it reaches the server', (kind, levels) => {
    expect(() => encode(nested(levels + 1, kind))).toThrow(expect.objectContaining({ code: 'SESSION_TOO_DEEP' }));
  });
});
