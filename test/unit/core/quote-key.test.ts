import { describe, expect, test } from 'vitest';
import { quoteKey } from '../../../lib/core/quote-key.js';

describe('A24: quoteKey()', () => {
  test.each([
    ['cart', '"cart"'],
    ['Größe 寸', '"Größe 寸"'],
    ['a"b\\', '"a\\"b\\\\"'],
    ['a\nb\0', '"a\\nb\\u0000"'],
    ['\u009b31m', '"\\u009b31m"'],
    ['\u2028\u2029', '"\\u2028\\u2029"'],
    ['\u202e\u200b\ufeff', '"\\u202e\\u200b\\ufeff"'],
    ['\u{e0041}', '"\\udb40\\udc41"'],
    ['\ud83d', '"\\ud83d"'],
    ['', '""'],
  ])('returns %j as %s', (key, quoted) => {
    expect(quoteKey(key)).toBe(quoted);
    expect(JSON.parse(quoted)).toBe(key);
  });

  test('escapes every character of the categories C, Zl and Zp, and no other', () => {
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (character === '"' || character === '\\') continue;
      const isPlain = !/[\p{C}\p{Zl}\p{Zp}]/u.test(character);
      if (quoteKey(character).includes(character) !== isPlain) expect.fail(`U+${code.toString(16)}`);
    }
  });

  test('cuts a key of more than 100 characters', () => {
    expect(quoteKey('x'.repeat(100))).toBe(`"${'x'.repeat(100)}"`);
    expect(quoteKey('x'.repeat(1_000_000))).toBe(`"${'x'.repeat(100)}…"`);
    expect(quoteKey('\u009b'.repeat(1_000_000)).length).toBeLessThan(700);
  });
});
