import { describe, expect, test } from 'vitest';
import { MultiMap } from '../../../../lib/core/lifecycle/multi-map.js';

const [one, two, three] = [{}, {}, {}];

describe('MultiMap', () => {
  test('has each value of a key once', () => {
    const map = new MultiMap<string, object>();
    for (const value of [one, one, two, two, three]) map.add('a', value);
    map.add('b', one);
    expect(map.get('a')).toEqual([one, two, three]);
    expect(map.get('a').every((value, index) => value === [one, two, three][index])).toBe(true);
    expect([map.get('b'), map.get('c')]).toEqual([[one], []]);
    expect([...map.values()]).toHaveLength(4);
    expect([map.size, [...map.keys()], map.has('a'), map.has('c')]).toEqual([2, ['a', 'b'], true, false]);
  });

  test.each([1, 2, 3])('deletes a value of %i, and the key with the last one', (count) => {
    const map = new MultiMap<string, object>();
    const values = [one, two, three].slice(0, count);
    for (const value of values) map.add('a', value);
    expect([map.delete('a', {}), map.delete('b', one)]).toEqual([false, false]);
    for (const value of values) {
      expect([map.has('a'), map.delete('a', value), map.delete('a', value)]).toEqual([true, true, false]);
      expect(map.get('a')).not.toContain(value);
    }
    expect([map.has('a'), map.size]).toEqual([false, 0]);
  });

  test('lets its values be deleted while they are looked at', () => {
    const map = new MultiMap<string, object>();
    for (const value of [one, two, three]) map.add('a', value);
    let seen = 0;
    for (const value of map.get('a')) seen += map.delete('a', value) ? 1 : 0;
    expect([seen, map.size]).toEqual([3, 0]);
  });

  test('takes a key with all its values, and is empty when it is cleared', () => {
    const map = new MultiMap<string, object>();
    map.add('a', one);
    map.add('a', two);
    expect([map.take('a'), map.take('a'), map.has('a')]).toEqual([[one, two], [], false]);
    map.add('b', one);
    map.clear();
    expect([map.size, [...map.values()]]).toEqual([0, []]);
  });
});
