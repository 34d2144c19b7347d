// A collection whose collation takes texts of other case, accents or digits for equal: what sessions hold stays exact.
import { describe, expect, test } from 'vitest';
import { testDatabase } from '../../support/mongo.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { pack, secretChange, storedSession, target, unpack } from '../../../lib/testing/contract/stored-sessions.js';

const { db } = testDatabase();
const COLLATIONS = {
  'of other case and accents': { locale: 'en', strength: 1 },
  'of digits': { locale: 'en', numericOrdering: true },
};
const PAIRS = [
  ['code', 'CODE'],
  ['resume', 'résumé'],
  ['item2', 'item02'],
] as const;

describe.each(Object.entries(COLLATIONS))('A26: a collection that takes texts %s for equal', (name, collation) => {
  const collection = async () => {
    await db.createCollection(name, { collation }).catch(() => {});
    return mongoStore({ db, collection: name }).store;
  };

  test.each(PAIRS)('replaceValue() tells the value "%s" from "%s"', async (one, other) => {
    const store = await collection();
    const session = storedSession({ values: { a: one } });
    await store.insert(session);
    const replace = (expected: string) =>
      store.replaceValue(target(session.handle), 'a', pack({ a: expected }), pack({ a: 'new' }));
    expect(await replace(other)).toBe(false);
    expect(await replace(one)).toBe(true);
  });

  test.each(PAIRS)('replaceSecret() that keeps the key "%s" does not keep "%s"', async (one, other) => {
    const store = await collection();
    const session = storedSession({ values: { [one]: 1, [other]: 2 } });
    await store.insert(session);
    const change = secretChange({ keep: [one] });
    expect(await store.replaceSecret(target(session.handle), change)).toBe(true);
    expect(unpack(await store.find(session.handle))).toEqual({ [one]: 1 });
  });

  test('a read, an update and a removal find the session by its handle', async () => {
    const store = await collection();
    const session = storedSession({ values: { a: 'x' } });
    await store.insert(session);
    expect(await store.update(target(session.handle), { set: pack({ a: 'X' }) })).toBe(true);
    expect(unpack(await store.find(session.handle))).toEqual({ a: 'X' });
    expect(await store.remove(session.handle)).toBe(true);
  });
});
