// Data from outside is data: it becomes no BSON type, no tag of ours and no prototype. And it may come from another realm.
import vm from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { TAG } from '../../../../lib/core/data/stored-values.js';
import { BSON, encode, roundTrip } from '../../../support/core/codec.js';
import { comparable } from '../../../support/core/same-data.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const parse = (text: string) => JSON.parse(text) as Record<string, unknown>;

describe('a plain object from JSON', () => {
  test.each([
    ...['{"_bsontype":"ObjectId","id":"aaaaaaaaaaaa"}', '{"_bsontype":"Code","code":"evil()"}'],
    ...['{"_bsontype":"Binary","buffer":{"length":1e9},"position":1e9,"sub_type":0}'],
    ...['{"_bsontype":"Long","low":1,"high":1}', '{"_bsontype":"MinKey"}', '{"_bsontype":"Nonsense"}'],
    ...['{"_bsontype":{"_bsontype":"DBRef"}}', '{"$ref":"users","$id":"1"}', '{"$oid":"507f1f77bcf86cd799439011"}'],
    ...['{"$where":"evil()"}', '{"toBSON":1,"toJSON":"x","toString":null,"valueOf":[]}'],
    ...['{"constructor":{"prototype":{"polluted":true}}}', '{"length":3,"0":"a"}'],
    ...['{"buffer":"x","sub_type":5,"position":2}'],
  ])('%s stays what it is, at the top and inside', (text) => {
    for (const data of [parse(text), { inside: [parse(text)] }, { map: new Map([['x', parse(text)]]) }]) {
      expect(comparable(roundTrip(data))).toEqual(comparable(data));
    }
  });

  test.each(Object.values(TAG))('with the key %j is no tagged value', (tag) => {
    const data = { a: { [tag]: 'x' }, b: [{ [tag]: ['1', '2'] }], [tag]: { [tag]: 1n } };
    expect(comparable(roundTrip(data))).toEqual(comparable(data));
  });

  test('of any content stays what it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const data = { value: JSON.parse(text) as unknown };
        expect(comparable(roundTrip(data))).toEqual(comparable(data));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a __proto__ from JSON', () => {
  const texts = [
    ...['{"__proto__":{"admin":true}}', '{"user":{"__proto__":{"admin":true},"name":"x"}}'],
    ...['{"user":[{"a.b":1,"__proto__":{"admin":true}}]}', '{"user":{"__proto__":null}}'],
    ...['{"user":{"__proto__":{"__proto__":{"admin":true}}}}', '{"constructor":{"prototype":{"admin":true}}}'],
  ];

  test.each(texts)('in %s comes back as a key like any other, and changes no prototype', (text) => {
    const back = roundTrip(parse(text));
    expect(comparable(back)).toEqual(comparable(parse(text)));
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    const user = back['user'];
    if (user && !Array.isArray(user)) {
      expect(Object.getPrototypeOf(user)).toBe(Object.prototype);
      expect((user as { admin?: unknown }).admin).toBeUndefined();
    }
  });

  test('is not followed when it stands in the document itself, written by another program', () => {
    const bytes = BSON.serialize({ user: parse('{"__proto__":{"admin":true}}') });
    const { user } = BSON.deserialize(bytes) as { user: { admin?: unknown } };
    expect(user.admin).toBeUndefined();
  });
});

describe('a value of another realm', () => {
  test.each([
    ...['({ a: { "b.c": [1, , { d: null }] } })', '[1, [2, [3]]]', 'new Date(5)', '/a+/gi'],
    ...['new Map([["x", new Map([[1, [2]]])]])', 'new Set([1, new Set([2])])', 'new Uint8Array([1, 2, 3])'],
    ...['10n ** 30n', 'Object.create(null, { a: { value: 1, enumerable: true } })'],
    ...['({ ["__proto__"]: { admin: true } })'],
  ])('%s is taken like one of this realm, and comes back as one', (code) => {
    const foreign: unknown = vm.runInNewContext(code);
    const back = roundTrip({ value: foreign }).value;
    const holeless = (value: unknown) => (Array.isArray(value) ? Array.from(value) : value);
    expect(comparable(holeless(back))).toEqual(comparable(holeless(foreign)));
    const own = new Set<unknown>(
      [Object, Array, Date, RegExp, Map, Set, Uint8Array, BigInt].map((kind) => kind.prototype),
    );
    expect(own.has(Object.getPrototypeOf(back))).toBe(true);
  });
});

describe('a getter', () => {
  test('is read as the value that it gives at that moment', () => {
    let reads = 0;
    const data = {
      get changing() {
        return `read ${++reads}`;
      },
      'a.b': 1,
    };
    expect(roundTrip(data).changing).toMatch(/^read \d$/);
  });

  test('that throws stops the encoding with its own error', () => {
    const data = {
      get broken(): never {
        throw new RangeError('of the program');
      },
    };
    expect(() => encode(data)).toThrow('of the program');
  });
});
