// What goes into a session comes out of it as it was, through the real BSON library.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { anyData, leaves } from '../../../support/core/arbitraries.js';
import { BSON, decode, encode, roundTrip } from '../../../support/core/codec.js';
import { comparable, sameData } from '../../../support/core/same-data.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

describe('a round trip', () => {
  test('keeps any data, whatever is nested in whatever', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        expect(comparable(roundTrip(data))).toEqual(comparable(data));
      }),
      { numRuns: 500 },
    );
  });

  test('comes to rest: what was read encodes to the very bytes that it was read from', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const bytes = encode(data);
        expect(Buffer.compare(encode(roundTrip(data)), bytes)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('leaves what it was given as it was', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const before = comparable(data);
        encode(data);
        expect(comparable(data)).toEqual(before);
      }),
    );
  });

  test.each(Object.entries<fc.Arbitrary<unknown>>(leaves))(
    'keeps a %s at the top, in an array, in an object, as key and value of a Map and in a Set',
    (_, values) => {
      fc.assert(
        fc.property(values, (value) => {
          const data = { a: value, b: [value], c: { d: value }, e: new Map([[value, value]]), f: new Set([value]) };
          expect(comparable(roundTrip(data))).toEqual(comparable(data));
        }),
      );
    },
  );
});

describe('a value that comes back', () => {
  test.each([
    ['negative zero', -0],
    ['NaN', NaN],
    ['infinity', -Infinity],
    ['an integer over 32 bits', 2 ** 32],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER],
    ['a denormal number', Number.MIN_VALUE],
    ['a BigInt of 10,000 digits', 10n ** 9999n],
    ['a Date before 1970', new Date(-1)],
    ['the last Date', new Date(8.64e15)],
    ['a string with NUL', 'a\0b'],
    ['half a surrogate pair', '\udfff'],
    ['a regular expression of the v flag', new RegExp('[\\p{L}--[a-z]]', 'v')],
    ['an array with holes', Object.assign([], { 1: 1, length: 3 })],
    ['an array with undefined', [undefined, null]],
    ['an empty array', []],
    ['an empty Map', new Map()],
    ['a Map whose key is an array', new Map([[[1, 2], 'pair']])],
    ['a Map of Maps', new Map([[new Map([[1, 2]]), new Set([new Set([undefined])])]])],
    ['a Set with NaN', new Set([NaN, undefined, null])],
  ] as const)('is %s', (_, value) => {
    expect(comparable(roundTrip({ value }))).toEqual(comparable({ value: Array.isArray(value) ? [...value] : value }));
  });

  test('is a Buffer where a Buffer went in, and a Uint8Array where that did, with memory of its own', () => {
    const { buffer, bytes } = roundTrip({ buffer: Buffer.from('abc'), bytes: new Uint8Array([1, 2]) });
    expect(Buffer.isBuffer(buffer)).toBe(true);
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
  });

  test('is a window on a larger memory only as far as the window went', () => {
    const window = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect([...roundTrip({ window }).window]).toEqual([2, 3]);
  });

  test('is what BSON has wrapped, a number or a text, so that it does not look changed ever after', () => {
    const numbers = { double: new BSON.Double(1.5), whole: new BSON.Double(7), int32: new BSON.Int32(7) };
    const data = { ...numbers, symbol: new BSON.BSONSymbol('s') };
    expect(roundTrip(data)).toEqual({ double: 1.5, whole: 7, int32: 7, symbol: 's' });
    expect(Buffer.compare(encode(roundTrip(data)), encode(data))).toBe(0);
  });

  test('is missing where an object had undefined, as in JSON', () => {
    expect(Object.keys(roundTrip({ a: undefined, b: { c: undefined, 'd.e': 1 } }).b)).toEqual(['d.e']);
    expect(Object.keys(roundTrip({ a: undefined, b: 1 }))).toEqual(['b']);
  });

  test('is found twice where it was found twice: sharing is no cycle', () => {
    const shared = { n: 1 };
    expect(roundTrip({ a: shared, b: [shared, shared] })).toEqual({ a: { n: 1 }, b: [{ n: 1 }, { n: 1 }] });
  });

  test('is a plain object where an object without prototype went in', () => {
    const bare = Object.assign(Object.create(null) as object, { x: 1 });
    expect(Object.getPrototypeOf(roundTrip({ bare }).bare)).toBe(Object.prototype);
  });
});

describe('a document that another program has written', () => {
  test('holds a record, and nothing of ours, where the name of a tag stands beside others', () => {
    const data = { a: { '%map': [1, 2], b: 3 } };
    expect(decode(BSON.serialize(data))).toEqual(data);
  });

  test('is not read where a value inside is encrypted: it would be written back as plain data', () => {
    const sealed = { '%enc': new BSON.Binary(Buffer.from('sealed')) };
    for (const data of [{ a: sealed }, { a: [{ b: sealed }] }])
      expect(() => decode(BSON.serialize(data))).toThrow(expect.objectContaining({ code: 'SESSION_UNDECODABLE' }));
  });
});

test('the comparison of these tests tells apart what differs only in kind', () => {
  const lookalikes: unknown[] = [
    ...[0, -0, '0', 0n, false, null, new Date(0), [0], { 0: 0 }, new Set([0]), new Map([[0, 0]])],
    ...[Buffer.from([0]), new Uint8Array([0]), new BSON.Binary(Buffer.from([0])), BSON.Long.fromNumber(0), /0/, /0/g],
  ];
  for (const left of lookalikes)
    for (const right of lookalikes) expect(sameData(left, right)).toBe(left === right && Object.is(left, right));
});
