// Counting must not become a way to fill the memory.
import { describe, expect, test } from 'vitest';
import { UnknownTokenCounter } from '../../../lib/core/unknown-token-counter.js';
import { TestClock } from '../../support/clock.js';

const MINUTE = 60_000;
const MOST = 10_000;

function start() {
  const clock = new TestClock();
  const counter = new UnknownTokenCounter(clock);
  const flood = (addresses: number, name = 'other') => {
    for (let index = 0; index < addresses; index += 1) counter.add(`${name} ${index}`);
  };
  return { clock, counter, flood };
}

describe('unknown tokens', () => {
  test('are counted by address', () => {
    const { counter } = start();
    expect([counter.add('a'), counter.add('b'), counter.add('a'), counter.add('a')]).toEqual([1, 1, 2, 3]);
    expect(['a', 'b', 'c'].map((address) => counter.count(address))).toEqual([3, 1, 0]);
  });

  test('are forgotten a quarter of an hour after the first, however many came since', () => {
    const { clock, counter } = start();
    for (let minute = 0; minute < 15; minute += 1) {
      expect(counter.add('a')).toBe(minute + 1);
      clock.advance(MINUTE);
    }
    expect(counter.count('a')).toBe(0);
    expect(counter.add('a')).toBe(1);
    clock.advance(15 * MINUTE - 1);
    expect(counter.count('a')).toBe(1);
    clock.advance(1);
    expect(counter.count('a')).toBe(0);
  });

  test('are remembered for 10,000 addresses, and the one longest silent is forgotten first', () => {
    const { counter, flood } = start();
    counter.add('silent');
    counter.add('busy');
    flood(MOST - 2);
    expect([counter.count('silent'), counter.count('busy')]).toEqual([1, 1]);
    counter.add('busy');
    counter.add('one more');
    expect([counter.count('silent'), counter.count('busy'), counter.count('other 0')]).toEqual([0, 2, 1]);
    flood(MOST - 1, 'next');
    expect([counter.count('busy'), counter.count('one more'), counter.count('other 0')]).toEqual([0, 1, 0]);
  });

  test('of a guesser who goes on are counted through any flood from elsewhere', () => {
    const { counter, flood } = start();
    for (let round = 1; round <= 5; round += 1) {
      expect(counter.add('guesser')).toBe(round);
      flood(MOST - 1, `round ${round}`);
    }
  });

  test('from an address that is longer than any are counted by its beginning, for it may be any text', () => {
    const { counter } = start();
    const longest = 'f'.repeat(80);
    expect([`${longest}1`, `${longest}2`, longest].map((address) => counter.add(address))).toEqual([1, 2, 3]);
    expect(counter.add(longest.slice(1))).toBe(1);
  });

  test('can come from addresses that are called like members of an object', () => {
    const { counter } = start();
    for (const name of ['__proto__', 'constructor', 'toString', '']) {
      expect(counter.count(name)).toBe(0);
      expect([counter.add(name), counter.add(name)]).toEqual([1, 2]);
    }
  });
});
