// Any string is a key of session data; what MongoDB gets to see is always one that it takes.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { fromStoredKey, toStoredKey } from '../../../../lib/core/data/stored-keys.js';
import { anyString } from '../../../support/core/arbitraries.js';
import { BSON } from '../../../support/core/codec.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const runs = { numRuns: 1500 };

describe('a stored key', () => {
  test('gives back the key that it was made from, whatever string that is', () => {
    fc.assert(
      fc.property(anyString, (key) => {
        expect(fromStoredKey(toStoredKey(key))).toBe(key);
      }),
      runs,
    );
  });

  test('is another one for every other key', () => {
    fc.assert(
      fc.property(anyString, anyString, (one, other) => {
        expect(toStoredKey(one) === toStoredKey(other)).toBe(one === other);
      }),
      runs,
    );
  });

  test('is never empty, dotted, dollared, zero-terminated or ill-formed, and names no property of BSON or JavaScript', () => {
    fc.assert(
      fc.property(anyString, (key) => {
        const stored = toStoredKey(key);
        expect(stored).not.toBe('');
        expect(stored).not.toMatch(/^\$|[.\0]|^_bsontype$|^__proto__$/);
        expect(stored.isWellFormed()).toBe(true);
      }),
      runs,
    );
  });

  test('comes back from BSON unchanged', () => {
    fc.assert(
      fc.property(anyString, (key) => {
        const bytes = BSON.serialize({ [toStoredKey(key)]: 1 });
        expect(Object.keys(BSON.deserialize(bytes)).map(fromStoredKey)).toEqual([key]);
      }),
      runs,
    );
  });

  test('is never the tag of a packed value', () => {
    fc.assert(
      fc.property(anyString, (key) => {
        expect(toStoredKey(key)).not.toMatch(/^%[a-t]/);
      }),
      runs,
    );
  });

  test.each([
    ['a.b', 'a%2Eb'],
    ['$x', '%24x'],
    ['a$', 'a$'],
    ['50%', '50%25'],
    ['', '%'],
    ['%', '%25'],
    ['\0', '%00'],
    ['\ud83d', '%uD83D'],
    ['\ude00\ud83d', '%uDE00%uD83D'],
    ['😀', '😀'],
    ['_bsontype', '%5Fbsontype'],
    ['__proto__', '%5F_proto__'],
    ['__proto__.x', '__proto__%2Ex'],
    ['_bsontype.x', '_bsontype%2Ex'],
    ['cart', 'cart'],
    ['OIDC: https://login.example.org', 'OIDC: https://login%2Eexample%2Eorg'],
  ])('of %j is %j, as other programs that read the collection may rely on', (key, stored) => {
    expect(toStoredKey(key)).toBe(stored);
  });

  test('that another program has written with a percent sign of its own is taken as it stands', () => {
    for (const foreign of ['100%', 'a%', '%zz', '%u12', '%2e']) expect(fromStoredKey(foreign)).toBe(foreign);
  });

  test('is right however many different keys came before', () => {
    for (let index = 0; index < 5000; index++) expect(toStoredKey(`user-${index}`)).toBe(`user-${index}`);
    expect(toStoredKey('a.b')).toBe('a%2Eb');
    expect(toStoredKey('user-1')).toBe('user-1');
  });
});
