// Counting must not become a way to fill the memory.
import { describe, expect, test } from 'vitest';
import { UnknownTokenCounter } from '../../../../lib/core/token/unknown-token-counter.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';

const MINUTE = 60_000;
const MOST = 10_000;

function start() {
  const clock = new TestClock();
  const counter = new UnknownTokenCounter(clock);
  let tokens = 0;
  /** Another token each time. */
  const add = (address: string) => counter.add(address, `token ${tokens++}`);
  const flood = (addresses: number, name = 'other') => {
    for (let index = 0; index < addresses; index += 1) add(`${name} ${index}`);
  };
  return { clock, counter, add, flood };
}

describe('unknown tokens', () => {
  test('are counted by address', () => {
    const { counter, add } = start();
    expect([add('a'), add('b'), add('a'), add('a')]).toEqual([1, 1, 2, 3]);
    expect(['a', 'b', 'c'].map((address) => counter.count(address))).toEqual([3, 1, 0]);
  });

  test('that come again and again count once, each of them', () => {
    const { counter } = start();
    for (let round = 0; round < 1000; round++)
      expect(['a', 'b', 'c'].map((token) => counter.add('browser', token))).toEqual(
        round === 0 ? [1, 2, 3] : [3, 3, 3],
      );
    expect(counter.add('guesser', 'a')).toBe(1);
  });

  test('that differ are all counted, and beyond 64 of an address each counts every time', () => {
    const { counter } = start();
    for (let token = 1; token <= 1000; token++) expect(counter.add('guesser', `${token}`)).toBe(token);
    expect([counter.add('guesser', '1'), counter.add('guesser', '64')]).toEqual([1000, 1000]);
    expect([counter.add('guesser', '65'), counter.add('guesser', '65')]).toEqual([1001, 1002]);
  });

  test('count again in the next window', () => {
    const { clock, counter } = start();
    counter.add('a', 'token');
    clock.advance(15 * MINUTE);
    expect(counter.count('a')).toBe(0);
    expect([counter.add('a', 'token'), counter.add('a', 'token')]).toEqual([1, 1]);
  });

  test('are forgotten a quarter of an hour after the first, however many came since', () => {
    const { clock, counter, add } = start();
    for (let minute = 0; minute < 15; minute += 1) {
      expect(add('a')).toBe(minute + 1);
      clock.advance(MINUTE);
    }
    expect(counter.count('a')).toBe(0);
    expect(add('a')).toBe(1);
    clock.advance(15 * MINUTE - 1);
    expect(counter.count('a')).toBe(1);
    clock.advance(1);
    expect(counter.count('a')).toBe(0);
  });

  test('are remembered for 10,000 addresses, and the one longest silent is forgotten first', () => {
    const { counter, add, flood } = start();
    add('silent');
    add('busy');
    flood(MOST - 2);
    expect([counter.count('silent'), counter.count('busy')]).toEqual([1, 1]);
    add('busy');
    add('one more');
    expect([counter.count('silent'), counter.count('busy'), counter.count('other 0')]).toEqual([0, 2, 1]);
    flood(MOST - 1, 'next');
    expect([counter.count('busy'), counter.count('one more'), counter.count('other 0')]).toEqual([0, 1, 0]);
  });

  test('of a guesser who goes on are counted through any flood from elsewhere', () => {
    const { add, flood } = start();
    for (let round = 1; round <= 5; round += 1) {
      expect(add('guesser')).toBe(round);
      flood(MOST - 1, `round ${round}`);
    }
  });

  test('from an address that is longer than any are counted by its beginning, for it may be any text', () => {
    const { add } = start();
    const longest = 'f'.repeat(80);
    expect([`${longest}1`, `${longest}2`, longest].map((address) => add(address))).toEqual([1, 2, 3]);
    expect(add(longest.slice(1))).toBe(1);
  });

  test('can come from addresses that are called like members of an object', () => {
    const { counter, add } = start();
    for (const name of ['__proto__', 'constructor', 'toString', '']) {
      expect(counter.count(name)).toBe(0);
      expect([add(name), add(name)]).toEqual([1, 2]);
    }
  });
});
