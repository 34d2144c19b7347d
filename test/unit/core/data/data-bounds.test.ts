// Which changes the store has to check against the limits of a session, and what a session over its limits may still do.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readElements } from '../../../../lib/core/data/bson-elements.js';
import { applyDiff, canPassBounds, checkKeys, checkSize } from '../../../../lib/core/data/data-bounds.js';
import { codec } from '../../../support/core/codec.js';

const bounds = { maxSize: 1000, maxKeys: 10 };

/** A document of exactly that many bytes. */
function ofSize(bytes: number, key = 'k'): Uint8Array {
  const document = codec.serialize({ [key]: 'x'.repeat(bytes - codec.serialize({ [key]: '' }).length) });
  expect(document.length).toBe(bytes);
  return document;
}

const code = (act: () => unknown) => {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('a change that the store must check', () => {
  const before = ofSize(40);

  test.each([
    ['removes only', undefined, 40, false],
    ['replaces a value by as much as a key may have', ofSize(50), 60, false],
    ['replaces a value by a byte more', ofSize(51), 60, true],
    ['leaves half the size', ofSize(50), 500, false],
    ['leaves a byte more', ofSize(50), 501, true],
    ['adds a key', ofSize(20, 'n'), 60, true],
    ['adds a key beside one that is there', codec.serialize({ k: 1, n: 1 }), 60, true],
  ])('%s: %#', (_, set, after, expected) => {
    expect(canPassBounds(before, ofSize(after), set ? { set } : { unset: ['k'] }, bounds)).toBe(expected);
  });

  test('is among those that pass a limit together, whatever each has read', () => {
    const keys = Array.from({ length: bounds.maxKeys + 4 }, (_, index) => `k${index}`);
    const value = fc.string({ maxLength: 60 });
    const change = fc.record({ key: fc.constantFrom(...keys), value });
    fc.assert(
      fc.property(fc.subarray(keys), value, fc.array(change, { maxLength: 40 }), (given, initial, changes) => {
        const start = codec.serialize(Object.fromEntries(given.map((key) => [key, initial])));
        if (start.length > bounds.maxSize || given.length > bounds.maxKeys) return;
        // Each has read the same, and none sees another.
        let stored = start;
        let isChecked = false;
        for (const { key, value: text } of changes) {
          const diff = { set: codec.serialize({ [key]: text }) };
          isChecked ||= canPassBounds(start, applyDiff(start, diff), diff, bounds);
          stored = applyDiff(stored, diff);
        }
        const isWithin = stored.length <= bounds.maxSize && readElements(stored).size <= bounds.maxKeys;
        expect(isWithin || isChecked).toBe(true);
      }),
    );
  });
});

describe('limits', () => {
  test.each([
    ['as large as allowed', 20, 1000, undefined],
    ['a byte larger', 20, 1001, 'SESSION_TOO_LARGE'],
    ['too large already, and as large', 1500, 1500, undefined],
    ['too large already, and smaller', 1500, 1499, undefined],
    ['too large already, and a byte larger', 1500, 1501, 'SESSION_TOO_LARGE'],
  ])('for data that are %s', (_, before, after, expected) => {
    expect(code(() => checkSize(ofSize(before), ofSize(after), bounds))).toBe(expected);
  });

  test.each([
    ['as many as allowed', 0, 10, undefined],
    ['one more', 0, 11, 'SESSION_TOO_MANY_KEYS'],
    ['too many already, and as many', 15, 15, undefined],
    ['too many already, and one more', 15, 16, 'SESSION_TOO_MANY_KEYS'],
  ])('for keys that are %s', (_, before, after, expected) => {
    expect(code(() => checkKeys(before, after, bounds))).toBe(expected);
  });
});

test('a change removes first, and then sets', () => {
  const data = codec.serialize({ a: 1, b: 2, c: 3 });
  const after = applyDiff(data, { set: codec.serialize({ b: 4, d: 5 }), unset: ['a', 'b', 'none'] });
  expect(codec.deserialize(after)).toEqual({ c: 3, b: 4, d: 5 });
  expect(applyDiff(data, {})).toEqual(data);
});
