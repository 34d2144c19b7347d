// Texts from outside, before they are stored and shown.
import { describe, expect, test } from 'vitest';
import { cleanText, cutText } from '../../../../lib/core/data/clean-text.js';

describe('cleanText()', () => {
  test.each([
    ['Kitchen iPad', 'Kitchen iPad'],
    ['  \t Desk\r\n', 'Desk'],
    ['a\u0000b\u001b[31mc\u007fd\u0085e', 'ab[31mcde'],
    ['\u202Egpj.exe\u202C \u2066x\u2069 \u200E\u200F\u061C', 'gpj.exe x'],
    ['one\u2028two\u2029three', 'onetwothree'],
    ['👩‍👩‍👧 می‌خواهم', '👩‍👩‍👧 می‌خواهم'],
    ['half \uD83D', 'half \uFFFD'],
    ['', undefined],
    [' \u0007 \u202E ', undefined],
  ])('makes %j %j', (given, cleaned) => {
    expect(cleanText(given, 100)).toBe(cleaned);
  });

  test('cuts a text of 8 MB at the limit, at once', () => {
    expect(cleanText('x'.repeat(8e6), 256)).toBe('x'.repeat(256));
  });

  test('cuts no character in half, and leaves no space at the end', () => {
    expect(cleanText('😀'.repeat(60), 99)).toBe('😀'.repeat(49));
    expect(cleanText(`${'x'.repeat(9)} yz`, 10)).toBe('x'.repeat(9));
  });
});

describe('cutText()', () => {
  test('leaves a text that fits as it is', () => {
    expect(cutText('\u202E😀', 3)).toBe('\u202E😀');
    expect(cutText('\u202E😀', 2)).toBe('\u202E');
  });
});
