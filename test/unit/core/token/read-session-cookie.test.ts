// What counts as a token in a Cookie header, and that a header can be as hostile as it likes.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { sessionCookiesOf, readSessionCookies } from '../../../../lib/core/token/read-session-cookie.js';
import { createToken, formatToken } from '../../../../lib/core/token/session-token.js';
import { malformedCookies } from '../../../support/core/malformed-cookies.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const tokens = Array.from({ length: 20 }, () => formatToken(createToken(1_900_000_000_000)));
const [first, second, third] = tokens as [string, string, string];
const read = (header: string | undefined, name = 'id') => readSessionCookies(header, name).map(formatToken);

describe('a malformed Cookie header', () => {
  test('comes in over 200 different kinds here', () => {
    expect(new Set(malformedCookies.map(([, header]) => header)).size).toBeGreaterThanOrEqual(200);
  });

  test.each(malformedCookies)('yields no token: %s', (_, header) => {
    expect(read(header)).toEqual([]);
    expect(() => sessionCookiesOf(header, 'id')).not.toThrow();
  });

  test.each(malformedCookies)('hides no well-formed one behind it: %s', (_, header) => {
    expect(read(`${header}; id=${first}`)).toEqual([first]);
    expect(read(`id=${first}; ${header}`)).toEqual([first]);
  });

  test('of any characters yields nothing but tokens that stand in it under that name', () => {
    const piece = fc.oneof(
      fc.constantFrom('id', '=', ';', ' ', '"', '\t', '\0', ',', 'x', first, second, `id=${first}`, `;id=${second};`),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    let found = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const header = pieces.join('');
        for (const token of read(header)) {
          expect(pairsOf(header)).toContain(`id=${token}`);
          found += 1;
        }
      }),
      { numRuns: 1000 },
    );
    expect(found).toBeGreaterThan(30);
  });
});

describe('a token', () => {
  test.each([
    ['alone', `id=${first}`],
    ['in front', `id=${first}; a=1`],
    ['in the middle', `a=1; id=${first}; b=2`],
    ['at the end', `a=1; id=${first}`],
    ['without blanks', `a=1;id=${first};b=2`],
    ['with blanks around', `a=1 ;  id=${first}  ; b=2`],
    ['in quotes', `id="${first}"`],
    ['with a semicolon behind it', `id=${first};`],
    ['behind empty pairs', `;; ; id=${first}`],
    ['behind a cookie whose name ends like it', `xid=1; id=${first}`],
    ['behind a cookie whose value is the name', `a=id; id=${first}`],
    ['behind an unclosed quote', `a="; id=${first}`],
  ])('is found %s', (_, header) => {
    expect(read(header)).toEqual([first]);
  });

  test('is found under any legal name, as a text and not as a pattern', () => {
    for (const name of ['__Host-id', '__Secure-id', 'i.d', 'i$d', '$', '^id|x', 'i*', "!#%&'+`~"])
      expect(read(`x${name}=${second}; ${name}=${first}`, name)).toEqual([first]);
    expect(read(`iXd=${first}`, 'i.d')).toEqual([]);
  });

  test.each(['"?', '?"', '""?""', '"?"x', "'?'", '"', '""'])(
    'is not what stands in %s: quotes come in pairs, around it',
    (form) => {
      expect(read(`a=1; id=${form.replace('?', first)}`)).toEqual([]);
      expect(read(`id=${form.replace('?', `x${first}`)}; id="${second}"`)).toEqual([second]);
      expect(read(`id=${form.replace('?', `${first}x`)}`)).toEqual([]);
    },
  );

  test('is found nowhere without a header', () => {
    expect(read(undefined)).toEqual([]);
  });
});

describe('several cookies of one name', () => {
  test('are read in their order, the most specific path first, as browsers send them', () => {
    expect(read(`id=${second}; id=${first}; a=1; id=${third}`)).toEqual([second, first, third]);
  });

  test('are read around those that are no token', () => {
    expect(read(`id=evil; id=${first}; id=; id="${second}"`)).toEqual([first, second]);
  });

  test('are at most 8 candidates, so that one request can not ask the store a thousand times', () => {
    expect(read(tokens.map((token) => `id=${token}`).join('; '))).toEqual(tokens.slice(0, 8));
  });
});

describe('whether a cookie of that name came', () => {
  test.each([
    [`id=${first}`, true],
    ['a=1; id=', true],
    ['a=1;id=x', true],
    ['xid=1', false],
    ['id', false],
    ['a=id=1', false],
    ['', false],
  ])('in %j: %s', (header, present) => {
    expect(sessionCookiesOf(header, 'id') !== undefined).toBe(present);
  });
});

/** The pairs of a header, read in the plainest way: without blanks and quotes. */
function pairsOf(header: string): string[] {
  const pairs = header.split(';').map((pair) => pair.trim().split(/=(.*)/s));
  return pairs.map(([name, value = '']) => `${name}=${value.trim().replace(/^"(.*)"$/s, '$1')}`);
}
