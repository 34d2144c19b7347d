// Values that hold no others are decoded without the BSON library: nobody must be able to tell.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flatValueAt } from '../../../../lib/core/data/flat-values.js';
import { eachElement, joinElements } from '../../../../lib/core/data/bson-elements.js';
import { RESERVED_NAMES } from '../../../../lib/core/session/session.js';
import { anyData } from '../../../support/core/arbitraries.js';
import { BSON, codec, decode, encode } from '../../../support/core/codec.js';
import { filledWith } from '../../../support/core/filled-session.js';
import { comparable } from '../../../support/core/same-data.js';

/** A document of one element with the key `k`. */
function element(type: number, ...value: (number | Uint8Array)[]): Uint8Array {
  const bytes = value.flatMap((part) => (typeof part === 'number' ? [part] : [...part]));
  return joinElements([Uint8Array.of(type, 'k'.charCodeAt(0), 0, ...bytes)]);
}

function text(...utf8: number[]): Uint8Array {
  return element(0x02, utf8.length + 1, 0, 0, 0, Uint8Array.from(utf8), 0);
}

function date(milliseconds: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(milliseconds);
  return element(0x09, bytes);
}

const VALUES: [string, unknown][] = [
  ['zero', 0],
  ['minus zero', -0],
  ['the smallest number', Number.MIN_VALUE],
  ['a number that is none', NaN],
  ['infinity', -Infinity],
  ['the largest 32-bit integer', 2 ** 31 - 1],
  ['the smallest 32-bit integer', -(2 ** 31)],
  ['an integer that is no 32-bit one', 2 ** 31],
  ['a double', new BSON.Double(3)],
  ['a Long', BSON.Long.fromBits(1, 2 ** 20)],
  ['true', true],
  ['false', false],
  ['null', null],
  ['an empty text', ''],
  ['a text with a NUL', 'a\0b'],
  ['a text with the character that decoders put in', 'a\ufffdb'],
  ['a text of three alphabets', 'aΩ漢😀'],
  ['a long text', 'ä'.repeat(500)],
  ['the first date', new Date(-8.64e15)],
  ['the last date', new Date(8.64e15)],
  ['a date before 1970', new Date(-1)],
];

const BYTES: [string, Uint8Array][] = [
  ['a date later than any', date(2n ** 60n)],
  ['a date one millisecond too late', date(8_640_000_000_000_001n)],
  ['undefined', element(0x06)],
  ['the smallest key', element(0xff)],
];

describe('a value is what the library makes of it', () => {
  test.each(VALUES)('%s', (_, value) => {
    const bytes = codec.serialize({ before: 1, k: value, after: [value] });
    expect({ ...filledWith(bytes) }).toStrictEqual(codec.deserialize(bytes));
  });

  test.each(BYTES)('%s', (_, bytes) => {
    expect({ ...filledWith(bytes) }).toStrictEqual(codec.deserialize(bytes));
  });

  test('any data, and in the same order', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const bytes = encode(data);
        const session = filledWith(bytes);
        const decoded = decode(bytes);
        for (const name of RESERVED_NAMES) Reflect.deleteProperty(decoded, name);
        expect(Object.keys(session)).toEqual(Object.keys(decoded));
        expect(comparable({ ...session })).toEqual(comparable(decoded));
      }),
    );
  });
});

test('most values need no library', () => {
  const bytes = codec.serialize({ a: 1, b: 1.5, c: 'c', d: true, e: null, f: new Date(0) });
  const values: unknown[] = [];
  eachElement(bytes, (buffer, at, valueAt, end) => values.push(flatValueAt(buffer, buffer[at]!, valueAt, end)));
  expect(values).toStrictEqual([1, 1.5, 'c', true, null, new Date(0)]);
});

test.each([
  ['a text that is no UTF-8', text(0xc3, 0x28)],
  ['a long one', text(...Buffer.alloc(40, 'a'), 0xff)],
  ['a boolean of 2', element(0x08, 2)],
])('%s is refused, as by the library', (_, bytes) => {
  expect(() => codec.deserialize(bytes)).toThrow();
  expect(() => filledWith(bytes)).toThrow(expect.objectContaining({ code: 'SESSION_UNDECODABLE' }));
});
