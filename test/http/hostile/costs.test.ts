// Work and memory that a request can cause grow no faster than the request: no ReDoS, no memory that is kept.
import { createSecretKey } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { TokenFormat } from '../../../lib/core/token/token-format.js';
import { sessionCookiesOf } from '../../../lib/core/token/read-session-cookie.js';
import { EncryptionKey } from '../../../lib/core/encryption/encryption-key.js';
import { parseDuration } from '../../../lib/core/duration.js';
import { parseToken } from '../../../lib/core/token/session-token.js';
import { fromStoredKey, toStoredKey } from '../../../lib/core/data/stored-keys.js';
import { checkAmr, checkUserId } from '../../../lib/core/session/user-id.js';
import { UnknownTokenCounter } from '../../../lib/core/token/unknown-token-counter.js';
import { excludeMatcher } from '../../../lib/http/exclude-paths.js';
import { encode, roundTrip } from '../../support/core/codec.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function timeOf(run: () => unknown): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

/** Nanoseconds; less can't be told from nothing. */
const SHORTEST = 2000;

/**
 * How much longer sixteen times as much takes: 16 if it is linear, 256 if it is quadratic. Of the shortest times: what else the
 * machine does can only lengthen one, so that it is measured until it looks linear, or long enough to be sure that it is not.
 */
function growth(run: (size: number) => unknown, size = 8 * KIBIBYTE): number {
  let [small, large] = [Infinity, Infinity];
  for (let round = 0; round < 50 && (round < 3 || large / small > LINEAR / 2); round++) {
    small = Math.max(
      SHORTEST,
      Math.min(
        small,
        timeOf(() => run(size)),
      ),
    );
    large = Math.min(
      large,
      timeOf(() => run(16 * size)),
    );
  }
  return large / small;
}

/** Far from both 16 and 256. */
const LINEAR = 100;

const refusing = (run: () => unknown) => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

const PATTERNS = [
  ...['a', '.', '%', '$', '%2', '%uD83', '\ud83d', '%5F', '_bsontype', ' ', '\0', 'a.', '?', '#', '/', '*', '-', 'A'],
];

/** Every place where a regular expression of the library meets a text of a request. */
const PLACES: [what: string, run: (text: string) => unknown][] = [
  ['a token', (text) => [parseToken(text), parseToken(`${'A'.repeat(59)}${text}`)]],
  [
    'a signed token',
    (text) => [
      new TokenFormat('default', [createSecretKey(Buffer.alloc(32, 1))]).read(text),
      new TokenFormat('default', [createSecretKey(Buffer.alloc(32, 1))]).read(`${'A'.repeat(59)}.${text}`),
    ],
  ],
  ['a cookie header', (text) => sessionCookiesOf(text, 'id')],
  ['a key of data', (text) => fromStoredKey(toStoredKey(text))],
  ['a value of data', (text) => roundTrip({ text })],
  ['a value that is refused under that key', (text) => refusing(() => encode({ [text]: () => 1 }))],
  ['a path and exclude', (text) => excludeMatcher(['/a*b*c', '/*/*/*x', '*a*a*a*'])!({ url: `/${text}` } as never)],
  ['an absolute address and exclude', (text) => excludeMatcher(['/a'])!({ url: `http://${text}` } as never)],
  ['the name of a user', (text) => refusing(() => checkUserId(text))],
  ['the names in amr', (text) => refusing(() => checkAmr([text]))],
  ['a duration', (text) => parseDuration(`1${text}`)],
];

describe('sixteen times as long a text is about sixteen times the work', () => {
  test.each(PLACES)('for %s', (_, run) => {
    for (const pattern of PATTERNS) {
      const factor = growth((size) => run(pattern.repeat(size / pattern.length)));
      expect(factor, JSON.stringify(pattern)).toBeLessThan(LINEAR);
    }
  });

  test('and a regular expression that goes back and forth would be seen', () => {
    expect(growth((size) => /(a+)b/.test('a'.repeat(size)), KIBIBYTE / 2)).toBeGreaterThan(LINEAR);
  });
});

function growthOfHeap(run: () => unknown): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const kept = run();
  collectGarbage();
  const grown = process.memoryUsage().heapUsed - before;
  // What is measured must still be there.
  return kept === null ? 0 : grown;
}

describe('memory stays what it was', () => {
  let serial = 0;
  const longName = () => `${(serial += 1)} `.repeat(4000);

  test('whatever keys data have', () => {
    expect(growthOfHeap(() => Array.from({ length: 1000 }, () => toStoredKey(longName()).length).length)).toBeLessThan(
      MEBIBYTE,
    );
  });

  test('whatever names are hidden', () => {
    const key = new EncryptionKey(Buffer.from('0123456789abcdef0123456789ABCDEF'));
    expect(
      growthOfHeap(() => Array.from({ length: 900 }, () => key.hiddenName(longName()).length).length),
    ).toBeLessThan(MEBIBYTE);
  });

  test('whatever addresses unknown tokens come from', () => {
    const counter = new UnknownTokenCounter({ now: () => 0 });
    // Pieces of long headers, as a proxy that is trusted blindly hands them on.
    const fill = () => {
      for (let index = 0; index < 10_000; index++)
        counter.add(`${serial++}, ${'x'.repeat(2000)}`.slice(0, 40 + (index % 2) * 1000), `token ${index}`);
      return counter;
    };
    expect(growthOfHeap(fill)).toBeLessThan(6 * MEBIBYTE);
    expect(counter.count('')).toBe(0);
  });

  test('however many tokens one address brings, and however long', () => {
    const counter = new UnknownTokenCounter({ now: () => 0 });
    const fill = () => {
      for (let index = 0; index < 20_000; index++) counter.add(`${index % 100}`, `${serial++}, ${'x'.repeat(2000)}`);
      return counter;
    };
    expect(growthOfHeap(fill)).toBeLessThan(MEBIBYTE);
    expect(counter.count('0')).toBe(200);
  });

  test('addresses that differ in their first 80 characters are counted apart', () => {
    const counter = new UnknownTokenCounter({ now: () => 0 });
    const addresses = ['2001:db8::1', '2001:db8::2', '2001:db8::1'];
    expect(addresses.map((address, index) => counter.add(address, `token ${index}`))).toEqual([1, 1, 2]);
    expect(counter.count('2001:db8::1')).toBe(2);
  });
});
