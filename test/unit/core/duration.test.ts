// Lengths of time as options take them.
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../lib/core/duration.js';

describe('a duration', () => {
  test.each([
    [1, 1],
    [1_800_000, 1_800_000],
    ['500ms', 500],
    ['30s', 30_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['14d', 1_209_600_000],
    ['1.5h', 5_400_000],
    ['0.5s', 500],
  ])('of %j is %i milliseconds', (given, milliseconds) => {
    expect(parseDuration(given)).toBe(milliseconds);
  });

  test('is a whole number of milliseconds, also where floating point is not', () => {
    for (const given of ['2.3m', '1.001s', '4.035s', '0.001s', 1.5])
      expect(parseDuration(given)).toSatisfy(Number.isInteger);
  });

  test('is from 1 millisecond to 100 years', () => {
    expect(parseDuration(1)).toBe(1);
    expect(parseDuration('36525d')).toBe(3_155_760_000_000);
    for (const given of [0, 0.4, '0.0001s', '36526d', 3_155_760_000_001]) expect(parseDuration(given)).toBeUndefined();
  });

  test.each([-1, NaN, Infinity, -Infinity, true, null, undefined, 5n, {}, [], [5], new Date(5), Symbol('30m')])(
    'is not %s',
    (given) => {
      expect(parseDuration(given)).toBeUndefined();
    },
  );

  test.each([
    ...['', '30', 'm', '30 m', ' 30m', '30m ', '30M', '-30m', '+30m', '0m', '1e3s', '3w', '1y', '30min', '1h30m'],
    ...['30m\n', '٣٠m', '.5h', '5.h', '1,5h', '0x10s', 'Infinityms', '999999999d', '1111111111s'],
  ])('is not the text %j', (given) => {
    expect(parseDuration(given)).toBeUndefined();
  });
});
