// What travels at a commit: the keys that changed, whole, and the names of those that went.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { joinElements, readElements } from '../../../../lib/core/data/bson-elements.js';
import type { DataDiff } from '../../../../lib/core/data/session-diff.js';
import { anyData, anyString, anyValue } from '../../../support/core/arbitraries.js';
import { decode, diffData, encode } from '../../../support/core/codec.js';
import { comparable } from '../../../support/core/same-data.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

/** What a store does with a difference, in its simplest form. */
function apply(before: Uint8Array, { set, unset = [] }: DataDiff): Uint8Array {
  const elements = readElements(before);
  for (const key of unset) elements.delete(key);
  if (set) for (const [key, element] of readElements(set)) elements.set(key, element);
  return joinElements(elements.values());
}

const byKey = (data: object) => Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));
const changedKeys = (diff: DataDiff | undefined) => (diff?.set ? Object.keys(decode(diff.set)) : []);

/** Two states of one session: some keys kept, some changed, some gone, some new. */
const twoStates = fc
  .array(fc.record({ key: anyString, before: fc.option(anyValue), after: fc.option(anyValue), kept: fc.boolean() }), {
    maxLength: 6,
  })
  .map((entries) => {
    const before: [string, unknown][] = [];
    const after: [string, unknown][] = [];
    for (const entry of entries) {
      if (entry.before !== null) before.push([entry.key, entry.before]);
      const next = entry.kept ? entry.before : entry.after;
      if (next !== null) after.push([entry.key, next]);
    }
    return { before: Object.fromEntries(before), after: Object.fromEntries(after) };
  });

describe('a difference', () => {
  test('applied to what was gives what is, whatever changed', () => {
    let differing = 0;
    fc.assert(
      fc.property(twoStates, ({ before, after }) => {
        const diff = diffData(encode(before), encode(after));
        const applied = diff ? decode(apply(encode(before), diff)) : before;
        expect(byKey(applied).map(comparable)).toEqual(byKey(decode(encode(after))).map(comparable));
        if (diff) differing += 1;
      }),
      { numRuns: 500 },
    );
    expect(differing).toBeGreaterThan(100);
  });

  test('holds only keys that changed, each either set or removed', () => {
    fc.assert(
      fc.property(twoStates, ({ before, after }) => {
        const old = readElements(encode(before));
        const diff = diffData(encode(before), encode(after));
        for (const [key, element] of diff?.set ? readElements(diff.set) : []) {
          const previous = old.get(key);
          expect(previous && Buffer.compare(previous, element)).not.toBe(0);
          expect(diff?.unset ?? []).not.toContain(key);
        }
        for (const key of diff?.unset ?? []) expect(old.has(key)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('does not exist between equal data', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        expect(diffData(encode(data), encode(data))).toBeUndefined();
      }),
    );
  });

  test('does not exist between the same keys in another order', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const reversed = Object.fromEntries(Object.entries(data).toReversed());
        expect(diffData(encode(data), encode(reversed))).toBeUndefined();
      }),
    );
  });

  test('does not exist between data and what was read of them', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const bytes = encode(data);
        expect(diffData(bytes, encode(decode(bytes)))).toBeUndefined();
      }),
    );
  });

  test('of a nested change is its top-level key with the whole value, and no other key', () => {
    const before = { cart: { items: [{ n: 1 }, { n: 2 }] }, user: { id: 7 }, visits: 3 };
    const after = structuredClone(before);
    after.cart.items[1]!.n = 3;
    const diff = diffData(encode(before), encode(after));
    expect(decode(diff!.set!)).toEqual({ cart: after.cart });
    expect(diff!.unset).toBeUndefined();
  });

  test('of a removed key is its name as stored, and no data', () => {
    expect(diffData(encode({ 'a.b': 1, c: 1 }), encode({ c: 1 }))).toEqual({ unset: ['a%2Eb'] });
  });

  test.each<[string, unknown, unknown]>([
    ['0 and -0', 0, -0],
    ['1 and "1"', 1, '1'],
    ['null and nothing', null, undefined],
    ['an empty array and an empty object', [], {}],
    ['undefined and null in an array', [undefined], [null]],
    ['two orders inside a value', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['two dates a millisecond apart', new Date(1), new Date(2)],
    ['two flags', /a/g, /a/i],
    ['a Buffer and a Uint8Array', Buffer.from([1]), new Uint8Array([1])],
    [
      'two orders of a Map',
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
  ])('exists between %s', (_, before, after) => {
    const diff = diffData(encode({ value: before, other: 1 }), encode({ value: after, other: 1 }));
    if (after === undefined) expect(diff).toEqual({ unset: ['value'] });
    else expect(changedKeys(diff)).toEqual(['value']);
  });

  test('of everything new is everything, and of everything gone are all names', () => {
    const data = encode({ a: 1, b: [2] });
    expect(Buffer.compare(diffData(encode({}), data)!.set!, data)).toBe(0);
    expect(diffData(data, encode({}))).toEqual({ unset: ['a', 'b'] });
  });
});
