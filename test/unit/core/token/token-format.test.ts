// A signed token has one form, and what is not exactly that is none.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { TokenFormat } from '../../../../lib/core/token/token-format.js';
import { createToken, formatToken, parseToken } from '../../../../lib/core/token/session-token.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const [first, second, third] = [1, 2, 3].map((byte) => createSecretKey(Buffer.alloc(16, byte))) as [
  KeyObject,
  KeyObject,
  KeyObject,
];
const text = formatToken(createToken(1_900_000_000_000));
const token = parseToken(text)!;

describe('a signed token', () => {
  test('is the token, a dot and the HMAC-SHA256 of registration and token by the first key', () => {
    const signature = createHmac('sha256', first).update(`default\0${text}`).digest('base64url');
    expect(new TokenFormat('default', [first, second]).write(token)).toBe(`${text}.${signature}`);
  });

  test('is read with each of the keys, and is stale with each but the first', () => {
    const format = new TokenFormat('default', [first, second, third]);
    expect(format.read(new TokenFormat('default', [first]).write(token))).toEqual(token);
    for (const key of [second, third])
      expect(format.read(new TokenFormat('default', [key]).write(token))).toEqual({ ...token, stale: true });
    expect(new TokenFormat('default', [first]).read(new TokenFormat('default', [second]).write(token))).toBeUndefined();
  });

  test('is another one with any other character in any place, and then none', () => {
    const format = new TokenFormat('default', [first]);
    const value = format.write(token);
    for (let at = 0; at < value.length; at += 1) {
      for (const character of 'AZaz09-_.=+/ \n%\u00e9')
        if (value[at] !== character)
          expect(
            format.read(value.slice(0, at) + character + value.slice(at + 1)),
            `${at} ${character}`,
          ).toBeUndefined();
    }
  });

  test('has one way to be written: whatever is read is written again to the letter', () => {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const format = new TokenFormat('default', [first]);
    const value = format.write(token);
    const accepted = [...digits].filter((digit) => format.read(value.slice(0, -1) + digit));
    expect(accepted).toEqual([value.at(-1)]);
  });

  test('is nothing that can be guessed or thrown together', () => {
    const format = new TokenFormat('default', [first, second]);
    const value = format.write(token);
    const piece = fc.oneof(fc.constantFrom(text, value, '.', value.slice(60), ''), fc.string({ maxLength: 60 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
        const joined = pieces.join('');
        if (joined !== value) expect(format.read(joined)).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });
});

test('without keys a token stands by itself, and a signed one is none', () => {
  const format = new TokenFormat('default', []);
  expect(format.write(token)).toBe(text);
  expect(format.read(text)).toEqual(token);
  expect(format.read(new TokenFormat('default', [first]).write(token))).toBeUndefined();
});
