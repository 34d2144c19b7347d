// The quick look that tells whether a session is still what its bytes say: never a yes where encoding would say no.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { bsonEquals } from '../../../../lib/core/data/bson-equals.js';
import { type DataLimits, encodeChanges } from '../../../../lib/core/data/session-encoding.js';
import { anyData, anyString, anyValue } from '../../../support/core/arbitraries.js';
import { BSON, codec, decode, encode } from '../../../support/core/codec.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const limits: DataLimits = { maxSize: 1024 * 1024, maxKeys: 100, maxDepth: 97 };
const id = new BSON.ObjectId('0123456789abcdef01234567');

const usual: [what: string, data: object][] = [
  ['nothing', {}],
  [
    'numbers',
    { zero: 0, one: 1, negative: -1, fraction: 0.5, large: 2 ** 40, nan: NaN, minusZero: -0, infinite: -Infinity },
  ],
  ['texts', { empty: '', short: 'a', long: 'x'.repeat(1000), other: 'naïve €', emoji: '😀', nul: 'a\0b' }],
  ['booleans and null', { yes: true, no: false, nothing: null }],
  ['times', { now: new Date(1_700_000_000_123), before: new Date(-1), far: new Date(8.64e15) }],
  ['ids', { id }],
  [
    'what is nested',
    { user: { name: 'Ann', tags: ['a', ['b', { c: [] }]], last: {} }, list: Array.from({ length: 120 }, (_, i) => i) },
  ],
];

test.each(usual)('tells by itself that %s is unchanged', (_what, data) => {
  const bytes = encode(data);
  expect(bsonEquals(bytes, decode(bytes))).toBe(true);
  expect(encodeChanges(codec, bytes, decode(bytes), limits)).toEqual({ document: bytes, diff: undefined });
});

const changes: [what: string, before: object, after: object][] = [
  ['a number', { a: 1 }, { a: 2 }],
  ['the sign of zero', { a: 0 }, { a: -0 }],
  ['a fraction', { a: 0.5 }, { a: 0.25 }],
  ['a number for a text', { a: '1' }, { a: 1 }],
  ['a text for a number', { a: 1 }, { a: '1' }],
  ['a letter', { a: 'abc' }, { a: 'abd' }],
  ['a letter in a long text', { a: 'x'.repeat(100) }, { a: `${'x'.repeat(99)}y` }],
  ['a shorter text', { a: 'abc' }, { a: 'ab' }],
  ['a longer text', { a: 'ab' }, { a: 'abc' }],
  ['a text of as many bytes', { a: 'é' }, { a: 'ab' }],
  ['true for false', { a: false }, { a: true }],
  ['1 for true', { a: true }, { a: 1 }],
  ['null for false', { a: false }, { a: null }],
  ['a value for null', { a: null }, { a: 0 }],
  ['a millisecond', { a: new Date(5) }, { a: new Date(6) }],
  ['a time before 1970', { a: new Date(5) }, { a: new Date(5 - 2 ** 32) }],
  ['an id', { a: id }, { a: new BSON.ObjectId('0123456789abcdef01234568') }],
  ['a text for an id', { a: id }, { a: '0123456789abcdef01234567' }],
  ['one more key', { a: 1 }, { a: 1, b: 2 }],
  ['one key less', { a: 1, b: 2 }, { a: 1 }],
  ['the name of a key', { ab: 1 }, { ac: 1 }],
  ['a longer name', { a: 1 }, { ab: 1 }],
  ['a shorter name', { ab: 1 }, { a: 1 }],
  ['the case of a name', { a: 1 }, { A: 1 }],
  ['an item', { a: [1, 2] }, { a: [1, 3] }],
  ['one more item', { a: [1] }, { a: [1, 2] }],
  ['one item less', { a: [1, 2] }, { a: [1] }],
  ['a hole', { a: [1, 2] }, { a: Object.assign([1], { length: 2 }) }],
  ['a list for a record', { a: { 0: 1 } }, { a: [1] }],
  ['a record for a list', { a: [1] }, { a: { 0: 1 } }],
  ['something deep inside', { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }],
  ['a key deep inside', { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 1, d: 1 }] } }],
  ['a Map for a record', { a: { b: 1 } }, { a: new Map([['b', 1]]) }],
  ['null for a record', { a: { b: 1 } }, { a: null }],
  ['null for an id', { a: id }, { a: null }],
  ['another type of BSON for an id', { a: id }, { a: BSON.Long.fromNumber(5) }],
  ['what only calls itself an id', { a: id }, { a: { _bsontype: 'ObjectId', id: 'x' } }],
  ['a NUL at the end of a text', { a: 'ab' }, { a: 'ab\0' }],
  ['the name that a key is stored by for that key', { 'a.b': 1 }, { 'a%2Eb': 1 }],
  ['a record that looks as a Map is stored', { a: new Map() }, { a: { '%map': [] } }],
  ['a text with the letters of the UTF-8 of another', { a: 'é' }, { a: latin1('é') }],
  ['a key with the letters of the UTF-8 of another', { é: 1 }, { [latin1('é')]: 1 }],
];

/** One letter for each byte: what a text looks like to who takes UTF-8 for Latin-1. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** What is left of it continues, as bytes, with just what stands in the other one from there on. */
const disguised: [what: string, before: object, after: object][] = [
  ['a key less in a record', { a: { b: 1, '\x10d': null }, x: null }, { a: { b: 1 }, d: 0x780a00 }],
  ['an item less in a list', { a: [[[[[[[1, '\x01d\0']]]]]]] }, { a: [[[[[[[1]]]]]]], d: 0 }],
  ['a shorter name', { ab: '', ['x'.repeat(252)]: null }, { a: `\0\0\n${'x'.repeat(252)}` }],
];

test.each(disguised)('sees %s also where the bytes after it look like those of other data', (_what, before, after) => {
  expect(bsonEquals(encode(before), after as Record<string, unknown>)).toBe(false);
});

test.each(changes)('sees %s', (_what, before, after) => {
  expect(bsonEquals(encode(before), after as Record<string, unknown>)).toBe(false);
  expect(decode(encodeChanges(codec, encode(before), after, limits).document)).toEqual(decode(encode(after)));
});

test('takes a key with the value undefined for one that is not there', () => {
  expect(bsonEquals(encode({ a: 1 }), { a: 1, b: undefined })).toBe(true);
  expect(bsonEquals(encode({ a: 1, b: 2 }), { a: 1, b: undefined })).toBe(false);
});

test('what has not changed is not encoded again, beside what has', () => {
  const encoded: string[] = [];
  const observed: typeof codec = Object.create(codec, {
    serialize: {
      value: (document: Record<string, unknown>) => {
        encoded.push(...Object.keys(document));
        return codec.serialize(document);
      },
    },
  }) as typeof codec;
  const before = encode({ a: { b: [1, 'x'] }, c: 'y', d: id, e: new Date(5), f: 1 });
  const after = { ...decode(before), f: 2, g: 3 };
  expect(decode(encodeChanges(observed, before, after, limits).document)).toEqual(after);
  expect(encoded).toEqual(['f', 'g']);
});

describe('of anything that a session can hold', () => {
  test('it never says yes where the bytes differ', () => {
    let yes = 0;
    fc.assert(
      fc.property(anyData, anyData, anyString, anyValue, (data, other, key, value) => {
        const bytes = encode(data);
        for (const candidate of [data, decode(bytes), other, { ...decode(bytes), [key]: value }]) {
          if (!bsonEquals(bytes, candidate)) continue;
          expect(Buffer.compare(encode(candidate), bytes)).toBe(0);
          yes += 1;
        }
      }),
      { numRuns: 1000 },
    );
    expect(yes).toBeGreaterThan(200);
  });

  test('changes encoded over what was are the data that are', () => {
    fc.assert(
      fc.property(anyData, anyData, anyString, anyValue, (before, after, key, value) => {
        const bytes = encode(before);
        for (const data of [
          after,
          { ...decode(bytes), [key]: value },
          { ...before, ...after },
          { ...after, ...before },
        ]) {
          // Byte for byte: in the order of the data's keys, whatever was taken over.
          expect(Buffer.compare(encodeChanges(codec, bytes, data, limits).document, encode(data))).toBe(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('limits hold for the whole, however little has changed', () => {
  const large = { a: 'x'.repeat(500), b: 'y'.repeat(500) };

  test('of bytes, and the error names the largest key', () => {
    const encodeMore = () => encodeChanges(codec, encode(large), { ...large, c: 1 }, { ...limits, maxSize: 1020 });
    expect(encodeMore).toThrow(expect.objectContaining({ code: 'SESSION_TOO_LARGE' }));
    expect(encodeMore).toThrow(/its largest key, "a", has 50\d/);
  });

  test('of keys', () => {
    const encodeMore = () => encodeChanges(codec, encode(large), { ...large, c: 1 }, { ...limits, maxKeys: 2 });
    expect(encodeMore).toThrow(expect.objectContaining({ code: 'SESSION_TOO_MANY_KEYS' }));
  });
});
