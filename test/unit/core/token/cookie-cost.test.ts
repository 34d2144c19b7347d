// Reading a Cookie header costs as much as the header is long, however it is made: counted in characters, not timed.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readSessionCookies } from '../../../../lib/core/token/read-session-cookie.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const SIZE = 64 * 1024;
const fill = (pattern: string) => pattern.repeat(Math.ceil(SIZE / pattern.length)).slice(0, SIZE);
const longName = 'n'.repeat(256);

afterEach(() => {
  vi.restoreAllMocks();
});

/** How many characters the string methods look at or copy. */
function cost(read: () => unknown): number {
  let characters = 0;
  const { indexOf, lastIndexOf, slice, trim } = Object.getOwnPropertyDescriptors(String.prototype);
  const count = (size: number) => (characters += Math.max(0, size) + 1);
  vi.spyOn(String.prototype, 'indexOf').mockImplementation(function (this: string, text: string, from = 0) {
    const at = indexOf.value!.call(this, text, from);
    count((at === -1 ? this.length : at) - from);
    return at;
  });
  vi.spyOn(String.prototype, 'lastIndexOf').mockImplementation(function (this: string, text: string, from = Infinity) {
    const at = lastIndexOf.value!.call(this, text, from);
    count(Math.min(from, this.length) - at);
    return at;
  });
  vi.spyOn(String.prototype, 'slice').mockImplementation(function (this: string, from?: number, to?: number) {
    const part = slice.value!.call(this, from, to);
    count(part.length);
    return part;
  });
  vi.spyOn(String.prototype, 'trim').mockImplementation(function (this: string) {
    count(this.length);
    return trim.value!.call(this);
  });
  for (const name of ['split', 'match', 'matchAll', 'replace', 'replaceAll', 'search', 'substring'] as const)
    vi.spyOn(String.prototype, name).mockImplementation(() => {
      throw new Error(`String.prototype.${name} is not counted here: add it`);
    });
  try {
    read();
  } finally {
    vi.restoreAllMocks();
  }
  return characters;
}

describe('reading 64 KiB', () => {
  test.each([
    ...['a', ' ', ';', '=', '"', '\t', 'i', 'id', 'id ', 'id=', 'id;', 'id=;', 'id=a', 'id=a;', 'id="', 'id="";'],
    ...[' id', 'xid=1;'],
    ...['; id', ';  id=', 'id=;id', 'idid=', ' ;', 'id\0', 'id==', `id=${'A'.repeat(59)};`, `id=${'B'.repeat(59)};`],
  ])('of %j costs at most 8 steps a character', (pattern) => {
    for (const name of ['id', 'i', 'a', '__Host-id']) {
      expect(cost(() => readSessionCookies(fill(pattern), name))).toBeLessThan(8 * SIZE);
      expect(cost(() => readSessionCookies(`id=${fill(pattern)}`, name))).toBeLessThan(8 * SIZE);
      expect(cost(() => readSessionCookies(`${fill(pattern)};id=`, name))).toBeLessThan(8 * SIZE);
    }
  });

  test('under a long name, of beginnings of that name, costs at most 8 steps a character', () => {
    for (const pattern of ['n', `${longName} `, `${longName};`, `${longName.slice(1)};`])
      expect(cost(() => readSessionCookies(fill(pattern), longName))).toBeLessThan(8 * SIZE);
  });

  test('would be seen to cost more if it were quadratic', () => {
    const quadratic = (header: string) => {
      for (let at = header.indexOf('id'); at !== -1; at = header.indexOf('id', at + 1)) header.slice(at).trim();
    };
    expect(cost(() => quadratic(fill('id').slice(0, 4096)))).toBeGreaterThan(100 * 4096);
    expect(cost(() => readSessionCookies(fill('a=1;'), 'id'))).toBeGreaterThanOrEqual(SIZE);
  });
});
