// Cutting a document into its elements without decoding them, against the BSON library itself.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { EMPTY_DOCUMENT, isEmptyDocument, joinElements } from '../../../../lib/core/data/bson-elements.js';
import { readElements } from '../../../../lib/core/data/bson-elements.js';
import { anyData } from '../../../support/core/arbitraries.js';
import { BSON, encode } from '../../../support/core/codec.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const exactly = { promoteValues: false, bsonRegExp: true };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Every type of BSON, the obsolete ones too. */
const EVERY_TYPE: Record<string, unknown> = {
  double: new BSON.Double(1.5),
  string: 'text with ünïcode 😀 and \0',
  'empty string': '',
  document: { a: { b: [] } },
  array: [1, [2, {}]],
  binary: new BSON.Binary(Buffer.from([0, 1, 2]), 0),
  'old binary': new BSON.Binary(Buffer.from([0, 1, 2]), 2),
  'empty binary': new BSON.Binary(Buffer.alloc(0)),
  ObjectId: new BSON.ObjectId('507f1f77bcf86cd799439011'),
  false: false,
  true: true,
  date: new Date(0),
  null: null,
  regex: new BSON.BSONRegExp('a+', 'i'),
  'empty regex': new BSON.BSONRegExp('', ''),
  DBRef: new BSON.DBRef('users', new BSON.ObjectId('507f1f77bcf86cd799439011')),
  code: new BSON.Code('return 1'),
  symbol: new BSON.BSONSymbol('name'),
  'code with scope': new BSON.Code('return x', { x: 1 }),
  int32: new BSON.Int32(-7),
  timestamp: new BSON.Timestamp({ t: 1, i: 2 }),
  int64: BSON.Long.fromBigInt(-(2n ** 63n)),
  Decimal128: BSON.Decimal128.fromString('1.5'),
  MinKey: new BSON.MinKey(),
  MaxKey: new BSON.MaxKey(),
};

/** A document of one element written by hand: the library does not write these types any more. */
function byHand(type: number, ...value: number[]): Uint8Array {
  return joinElements([Buffer.from([type, 'k'.charCodeAt(0), 0, ...value])]);
}

describe('the elements of a document', () => {
  test.each(Object.keys(EVERY_TYPE))('are found before and after a value of the type %s', (type) => {
    const document = { before: 1, [type]: EVERY_TYPE[type], after: 'x' };
    const elements = readElements(BSON.serialize(document));
    expect([...elements.keys()]).toEqual(['before', type, 'after']);
    for (const [key, element] of elements) {
      const alone = BSON.serialize({ [key]: document[key as 'before'] });
      expect(hex(joinElements([element]))).toBe(hex(alone));
    }
  });

  test.each([
    ['undefined', byHand(0x06)],
    ['DBPointer', byHand(0x0c, 2, 0, 0, 0, 0x61, 0, ...Buffer.alloc(12, 1))],
  ])('are found around the obsolete type %s', (_, document) => {
    const around = [...readElements(BSON.serialize({ a: 1 })).values(), ...readElements(document).values()];
    const joined = joinElements([...around, ...readElements(BSON.serialize({ z: 'end' })).values()]);
    expect([...readElements(joined).keys()]).toEqual(['a', 'k', 'z']);
    expect(Object.keys(BSON.deserialize(joined))).toEqual(['a', 'k', 'z']);
  });

  test('are those that the library finds, of any session', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const bytes = encode(data);
        expect([...readElements(bytes).keys()]).toEqual(Object.keys(BSON.deserialize(bytes, exactly)));
      }),
      { numRuns: 300 },
    );
  });

  test('joined again are the very same document', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const bytes = encode(data);
        expect(hex(joinElements(readElements(bytes).values()))).toBe(hex(bytes));
      }),
      { numRuns: 300 },
    );
  });

  test('are found in a window on a larger memory, as the driver hands it out', () => {
    const bytes = encode({ a: 'x', b: [1] });
    const message = Buffer.concat([Buffer.alloc(7, 0xff), bytes, Buffer.alloc(7, 0xff)]);
    expect([...readElements(message.subarray(7, 7 + bytes.length)).keys()]).toEqual(['a', 'b']);
  });

  test('of a type from the future are an error, not a wrong cut', () => {
    expect(() => readElements(byHand(0x42, 1, 2, 3))).toThrow(RangeError);
  });
});

describe('the empty document', () => {
  test('is what the library writes for no keys', () => {
    expect(hex(EMPTY_DOCUMENT)).toBe(hex(BSON.serialize({})));
    expect([...readElements(EMPTY_DOCUMENT)]).toEqual([]);
  });

  test('is the only one that counts as empty', () => {
    expect(isEmptyDocument(EMPTY_DOCUMENT)).toBe(true);
    expect(isEmptyDocument(encode({ a: undefined }))).toBe(true);
    for (const value of [null, undefined, '', 0, {}, []])
      expect(isEmptyDocument(BSON.serialize({ '': value }, { ignoreUndefined: false }))).toBe(false);
  });
});
