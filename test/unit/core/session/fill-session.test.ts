// What a request stores may be of any shape: to read it takes time in proportion to its bytes, and nothing stays behind that makes
// other sessions slow.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeChanges, encodeData } from '../../../../lib/core/data/session-encoding.js';
import { codec } from '../../../support/core/codec.js';
import { filledWith } from '../../../support/core/filled-session.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

const LIMITS = { maxSize: 16e6, maxKeys: Infinity, maxDepth: 97 };

type Data = Record<string, unknown>;

function record(size: number, entry: (index: number) => [key: string, value: unknown]): Data {
  return Object.fromEntries(Array.from({ length: size }, (_, index) => entry(index)));
}

/** Names that no other value has. */
const own = (size: number, tag: string) => record(size, (index) => [`${tag}_${index}`, index]);
const text = (size: number) => ({ text: 'x'.repeat(size) });

const SHAPES: [string, Data][] = [
  ['1,000 keys of 128 bytes', record(1000, (n) => [`a${n}`, text(110)])],
  ['700 keys of small objects', record(700, (n) => [`b${n}`, own(12, `b${n}`)])],
  ['950 values with 90 keys of their own each', record(950, (n) => [`c${n}`, own(90, `c${n}`)])],
  ['200 keys of 4 KiB', record(200, (n) => [`d${n}`, text(4096)])],
  ['200 lists of 5 KiB', record(200, (n) => [`e${n}`, Array.from({ length: 400 }, (_, index) => index)])],
  [
    '16 large values before 1,000 small ones',
    { ...record(16, (n) => [`f${n}`, own(500, `f${n}`)]), ...own(1000, 'f') },
  ],
  ['16 large values after 1,000 small ones', { ...own(1000, 'g'), ...record(16, (n) => [`g${n}`, own(500, `g${n}`)]) }],
  ['large and small values in turn', record(1000, (n) => [`h${n}`, n % 10 ? { n } : text(5000)])],
  [
    '16 values of 130 bytes among 5,000 numbers',
    { ...own(2500, 'n'), ...record(16, (n) => [`n${n}`, text(110)]), ...own(2500, 'o') },
  ],
  ['16 values of 5,000 keys each', record(16, (n) => [`i${n}`, own(5000, `i${n}`)])],
  ['5,000 numbers', own(5000, 'j')],
  // A percent sign: it may belong to an escaped key or a tag, so each key and value is looked at.
  ['1,000 keys, one of them escaped', { 'a.b': 1, ...own(1000, 'k') }],
  ['300 keys of escaped names in each of 20 values', record(20, (n) => [`l${n}`, own(300, `${n}.l`)])],
  ['200 lists of Maps', record(200, (n) => [`m${n}`, [new Map([['m', own(40, `m${n}`)]])]])],
];

/**
 * The least time that it took, in milliseconds: of the round that other work has disturbed least. Not CPU time, which
 * systems count in ticks of some milliseconds, so that a short job may have taken none.
 */
function costOf(rounds: number, work: () => void): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = performance.now();
    work();
    least = Math.min(least, performance.now() - before);
  }
  return least;
}

/** What handlers do with all of a session. */
function readAll(data: object): void {
  if (Object.keys({ ...data }).length !== Object.entries(data).length || !JSON.stringify(data)) expect.fail();
}

const small = codec.serialize({
  ...{ user: { name: 'ada' }, visits: 3, at: new Date() },
  // Large enough to be decoded by itself.
  cart: Array.from({ length: 4 }, (_, n) => ({ sku: `item-${n}`, n, tags: ['a', 'b'] })),
});

/** Thousands of requests of a session as most are. */
function costOfSmall(): number {
  return costOf(5, () => {
    for (let visit = 0; visit < 4000; visit++) {
      const session = filledWith(small);
      readAll(session);
      encodeChanges(codec, small, session, LIMITS);
    }
  });
}

describe('A2: the cost of reading a session', () => {
  let before: number;

  /** V8 remembers 1,536 ways in which an empty object has gained its first property; then it is slower with all. */
  const others = Array.from({ length: 2000 }, (_, index) => own(1, `other${index}`));

  beforeAll(() => {
    expect(others).toHaveLength(2000);
    costOfSmall();
    before = costOfSmall();
  });

  test.each(SHAPES)('is in proportion to its bytes, with %s', (_, data) => {
    const bytes = encodeData(codec, data, LIMITS);
    const visit = () => {
      const session = filledWith(bytes);
      readAll(session);
      encodeChanges(codec, bytes, session, LIMITS);
    };
    let [most, cost] = [0, Infinity];
    // Other work of the machine may disturb all rounds of one of the two, and not each time.
    for (let attempt = 0; attempt < 6 && cost >= most; attempt++) {
      // A few milliseconds more, for work that comes in between.
      most = 8 * costOf(5, () => readAll(codec.deserialize(bytes))) + 20;
      cost = costOf(5, visit);
    }
    expect(cost).toBeLessThan(most);
  });

  test.each([150, 5000])('is what it was before, for a small session after many with texts of %i bytes', (size) => {
    // Of names that no other session has.
    for (let visit = 0; visit < 300; visit++) {
      const data = record(40, (n) => [`own_${size}_${visit}_${n}`, n % 4 ? { n } : text(size)]);
      readAll(filledWith(codec.serialize(data)));
    }
    // What lasts, and not what V8 has to optimize anew, or other work of the machine.
    let after = Infinity;
    for (let round = 0; round < 6 && after >= 3 * before; round++) after = Math.min(after, costOfSmall());
    expect(after).toBeLessThan(3 * before);
  });
});
