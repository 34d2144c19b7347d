// The token: what it looks like, and what counts as one.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createToken, formatToken, parseToken } from '../../../../lib/core/token/session-token.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const NOW = Date.UTC(2030, 0, 2, 3, 4, 5);
const anyToken = fc
  .tuple(fc.uint8Array({ minLength: 12, maxLength: 12 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([handle, secret]) => ({ handle: Buffer.from(handle).toString('hex'), secret }));

describe('a token', () => {
  test('is written as 59 letters, digits, - and _, which need no quoting in a cookie', () => {
    for (let round = 0; round < 1000; round++) expect(formatToken(createToken(NOW))).toMatch(/^[\w-]{59}$/);
  });

  test('comes back from its text as it was', () => {
    fc.assert(
      fc.property(anyToken, ({ handle, secret }) => {
        const read = parseToken(formatToken({ handle, secret }));
        expect(read?.handle).toBe(handle);
        expect(Buffer.compare(read!.secret, secret)).toBe(0);
      }),
    );
  });

  test('has one text only: of the 64 letters that could stand last, the one that was written', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const text = formatToken(createToken(NOW));
    const bytesOf = (variant: string) => Buffer.from(variant, 'base64url').toString('hex');
    const variants = [...alphabet].map((letter) => text.slice(0, -1) + letter);
    const sameBytes = variants.filter((variant) => bytesOf(variant) === bytesOf(text));
    expect(sameBytes).toHaveLength(4);
    expect(sameBytes.filter((variant) => parseToken(variant))).toEqual([text]);
  });

  test('is every text that parses: writing it again gives the same text', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'AEIMQUYcgkosw048BCDz-_'), minLength: 57, maxLength: 61 });
    let parsed = 0;
    fc.assert(
      fc.property(fc.oneof(letters, fc.string({ maxLength: 70 })), (text) => {
        const token = parseToken(text);
        if (token) {
          parsed += 1;
          expect(formatToken(token)).toBe(text);
        }
      }),
      { numRuns: 2000 },
    );
    expect(parsed).toBeGreaterThan(30);
  });

  test.each([
    ['nothing', ''],
    ['a letter too few', 'A'.repeat(58)],
    ['a letter too many', 'A'.repeat(60)],
    ['standard base64', `${'A'.repeat(57)}+A`],
    ['padding', `${'A'.repeat(58)}=`],
    ['a line end behind it', `${'A'.repeat(59)}\n`],
    ['a line end in it', `${'A'.repeat(29)}\n${'A'.repeat(29)}`],
    ['a blank before it', ` ${'A'.repeat(58)}`],
    ['letters of another script', 'А'.repeat(59)],
    ['an unused last letter', `${'A'.repeat(58)}B`],
  ])('is not %s', (_, text) => {
    expect(parseToken(text)).toBeUndefined();
  });

  test('has a handle that starts with its time in seconds, as an ObjectId does', () => {
    const { handle } = createToken(NOW);
    expect(handle).toMatch(/^[0-9a-f]{24}$/);
    expect(parseInt(handle.slice(0, 8), 16)).toBe(NOW / 1000);
  });

  test('can be made after 2038 and after 2106, when the seconds outgrow 31 and 32 bits', () => {
    expect(createToken(Date.UTC(2040, 0)).handle.slice(0, 8)).toBe((Date.UTC(2040, 0) / 1000).toString(16));
    expect(parseToken(formatToken(createToken(Date.UTC(2107, 0))))).toBeDefined();
  });

  // Two million calls of the system's random numbers: seconds here, a minute on a machine that has other work.
  test('never comes twice among a million, of the same second', { timeout: 240_000 }, () => {
    // 8 random bytes of the handle each, in one typed array, sorted: 8 MB, and no set of a million strings.
    const count = 1_000_000;
    const handles = new BigUint64Array(count);
    const secrets = new BigUint64Array(count);
    for (let index = 0; index < count; index++) {
      const { handle, secret } = createToken(NOW);
      handles[index] = BigInt(`0x${handle.slice(8)}`);
      secrets[index] = new DataView(secret.buffer, secret.byteOffset).getBigUint64(24);
    }
    expect(repeated(handles)).toBe(0);
    expect(repeated(secrets)).toBe(0);
  });
});

function repeated(values: BigUint64Array): number {
  values.sort();
  return values.reduce((count, value, index) => count + (index > 0 && value === values[index - 1] ? 1 : 0), 0);
}
