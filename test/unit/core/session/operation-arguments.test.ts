// What login, logout and regenerate may be told. Much of it can come from a request, and all of it is checked by its kind.
import { describe, expect, test } from 'vitest';
import { checkAmr, checkUserId } from '../../../../lib/core/session/user-id.js';
import { clearSiteDataHeader, keepOf } from '../../../../lib/core/session/operation-checks.js';
import { BSON } from '../../../support/core/codec.js';
import { refusalOf } from '../../../support/core/refusal.js';

const { ObjectId, UUID, Long, Decimal128, Binary, Double, Code } = BSON;

const refusal = (attempt: () => unknown) => refusalOf('SESSION_VALUE_REFUSED', attempt);

describe('the id of a user', () => {
  test.each<[name: string, id: unknown]>([
    ['a text', 'ada'],
    ['a letter', 'a'],
    ['a text of 1024 characters', 'x'.repeat(1024)],
    ['zero', 0],
    ['a negative fraction', -0.5],
    ['an ObjectId', new ObjectId()],
    ['a UUID', new UUID()],
    ['a Long', Long.fromNumber(5)],
    ['a Decimal128', Decimal128.fromString('1')],
    ['a Binary of 1024 bytes', new Binary(new Uint8Array(1024))],
  ])('is %s, and stays the very same', (_, id) => {
    expect(checkUserId(id)).toBe(id);
  });

  test.each<[name: string, id: unknown, type: string]>([
    ['no text', '', 'a value of type string'],
    ['a text of 1025 characters', 'x'.repeat(1025), 'a value of type string'],
    ['half a character', '\ud800', 'a value of type string'],
    ['NaN', NaN, 'a value of type number'],
    ['Infinity', -Infinity, 'a value of type number'],
    ['null', null, 'null'],
    ['undefined', undefined, 'a value of type undefined'],
    ['true', true, 'a value of type boolean'],
    ['a bigint', 1n, 'a value of type bigint'],
    ['a function', () => 'ada', 'a value of type function'],
    ['a symbol', Symbol('ada'), 'a value of type symbol'],
    ['a list', ['ada'], 'a value of type object'],
    ['a regular expression', /./, 'a value of type object'],
    ['a type of BSON that a body claims', { _bsontype: 'ObjectId', id: 'ada' }, 'a value of type object'],
    ['an operator', { $ne: null }, 'a value of type object'],
    ['a date', new Date(), 'a value of type object'],
    ['a Binary of 1025 bytes', new Binary(new Uint8Array(1025)), 'a value of type object'],
    ['another type of BSON', new Double(1), 'a value of type object'],
    ['code', new Code('1'), 'a value of type object'],
    ['a proxy of an ObjectId', new Proxy(new ObjectId(), {}), 'a value of type object'],
    [
      'an object that bears the mark itself',
      { [Symbol.for('@@mdb.bson.version')]: 7, _bsontype: 'ObjectId' },
      'a value of type object',
    ],
  ])('is not %s', (_, id, type) => {
    expect(refusal(() => checkUserId(id))).toBe(
      `login() got ${type} that is no id of a user. Give a text of 1 to 1024 characters, a number, or an ObjectId or UUID.`,
    );
  });
});

describe('amr', () => {
  test.each([[[]], [['pwd', 'otp']], [['urn:x.y_z-1']], [['x'.repeat(50)]], [Array(20).fill('pwd')]])(
    'may be %j, of which a copy is kept',
    (amr) => {
      expect(checkAmr(amr)).toEqual(amr);
      expect(checkAmr(amr)).not.toBe(amr);
    },
  );

  test('may be left out', () => expect(checkAmr(undefined)).toBeUndefined());

  test.each([
    [null],
    ['pwd'],
    [[5]],
    [['pwd', 5]],
    [['']],
    [['a b']],
    [['pwd!']],
    [['!pwd']],
    [['x'.repeat(51)]],
    [Array(21).fill('pwd')],
    [{ length: 0 }],
    [[{ $gt: '' }]],
  ])('may not be %j', (amr) => {
    expect(refusal(() => checkAmr(amr))).toMatch(/^login\(\) got an `amr` .* RFC 8176, such as \['pwd', 'otp'\]\.$/);
  });
});

describe('keep', () => {
  test('may be false, which keeps as much as an empty list', () => {
    expect(keepOf('regenerate', { keep: false })).toEqual([]);
  });

  test.each([[true], [[]], [['a']], [['__proto__', 'b']]])('may be %j', (keep) => {
    expect(keepOf('login', { keep })).toEqual(keep);
  });

  test('B18: may be a list in place of the options, as @fastify/session takes it, and nothing else', () => {
    expect(keepOf('regenerate', ['a'])).toEqual(['a']);
    for (const options of ['a', true, false, 5, null, [5], () => ['a'], new Set(['a']), new Map([['keep', true]])])
      expect(refusal(() => keepOf('regenerate', options))).toMatch(/^`keep` is neither /);
    expect(keepOf('regenerate', {})).toEqual([]);
  });

  test('is copied: what happens to the list afterwards has no effect', () => {
    const keep = ['a'];
    expect(keepOf('login', { keep })).not.toBe(keep);
    expect(keepOf('regenerate', keep)).not.toBe(keep);
  });

  // eslint-disable-next-line no-sparse-arrays
  test.each([[null], ['a'], [['a', 5]], [[5, 'a']], [['a', , 'b']], [{ 0: 'a' }], [1]])('may not be %j', (keep) => {
    expect(refusal(() => keepOf('login', { keep }))).toMatch(
      /^`keep` is neither true, .* to keep, such as \['cart'\]\.$/,
    );
  });
});

describe('clearSiteData', () => {
  test.each([
    [undefined, undefined],
    [false, undefined],
    [[], undefined],
    [true, '"cache", "cookies", "storage"'],
    [['*'], '"*"'],
    [['storage'], '"storage"'],
    [['cookies', 'cache'], '"cookies", "cache"'],
  ])('%j is the header %s', (given, header) => {
    expect(clearSiteDataHeader({ clearSiteData: given })).toBe(header);
  });

  test.each([[null], ['cache'], [['cache', 'all']], [['executionContexts']], [[['cache']]], [1]])(
    'may not be %j, and the error tells what the session is now',
    (given) => {
      const message = refusal(() => clearSiteDataHeader({ clearSiteData: given }));
      expect(message).toMatch(/^logout\(\) has ended the session, but `clearSiteData` is neither /);
      expect(message).toMatch(/Give some of 'cache', 'cookies', 'storage', '\*'\.$/);
    },
  );
});
