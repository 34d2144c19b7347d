// The page that is written from what the long tests measure.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fill, writePage } from '../../../tools/proof/page.mjs';

const root = mkdtempSync(join(tmpdir(), 'proof-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const machine = {
  date: '2030-01-01',
  cores: 2,
  memoryGiB: 4,
  system: 'linux x64',
  node: '20',
  mongodb: '6',
  server: 'path',
};
const sample = { heap: 30 * 2 ** 20, rss: 1, sockets: 3, timers: 2, listeners: 20, documents: 5 };
const MEASURED = {
  run: { results: [{ name: 'all', passed: 12, failed: 0 }], minutes: 1.26 },
  'races-in-process': {
    operations: ['a', 'b'],
    pausePoints: ['here'],
    invariants: ['nothing is lost'],
    measured: [{ name: 'pairs <all>', where: 'in process', races: 3, interleavings: 1234, passed: 1234 }],
  },
  'races-over-http': {
    operations: ['a', 'b'],
    pausePoints: ['here'],
    invariants: ['nothing is lost'],
    measured: [{ name: 'pairs', where: 'express', races: 3, interleavings: 766, passed: 766 }],
  },
  reduction: { compared: [{ where: 'in memory', races: 3, all: 4321, distinct: 12 }] },
  faults: {
    measured: [{ name: 'upsert', race: ['a', 'b'], caughtBy: ['nothing revives'], interleavings: 9, failed: 4 }],
  },
  'user-races': {
    ...{ isComplete: true, invariants: ['never more'] },
    measured: [{ name: 'two logins', where: 'in memory', interleavings: 5432, passed: 5432 }],
  },
  'user-faults': {
    measured: [{ name: 'no revision', race: ['a', 'b'], caughtBy: 'never more', interleavings: 40, failed: 29 }],
  },
  moves: {
    ...{ isComplete: false, invariants: ['nobody is logged out'] },
    measured: { 'two movers': { races: 3, interleavings: 4567, passed: 4567 } },
  },
  'move-faults': { measured: [{ name: 'no tombstone', race: ['a', 'b'], tried: 17, caughtBy: 'nothing revives' }] },
  'user-random': { rounds: 10_000, over: 0, under: 0, survivor: 0 },
  'user-logins': {
    limit: 3,
    measured: [
      { name: 'ours', counts: [0, 1, 2, 3, 3].map((sessions) => ({ milliseconds: sessions, sessions })) },
      { name: 'theirs', counts: [0, 3, 7].map((sessions) => ({ milliseconds: sessions, sessions })) },
    ],
  },
  'faults-express': { passed: { 'it is swallowed': { find: true, insert: false } } },
  'crash-app-express': {
    ...{ killed: 'app', platform: 'express', kills: 2, acknowledged: 9, failed: 1, lost: 0, outages: [100, 2040] },
  },
  failover: {
    ...{ members: 3, acknowledged: 99, failed: 2, sessions: 4, lost: 0, reads: { primary: 50, others: 0 }, machine },
    kills: [{ at: 500, outage: 1234 }],
    slices: [0, 100, 1900].map((at) => ({ at, acknowledged: 3, failed: 1 })),
  },
  'user-lists': {
    ...{ sessions: 1_000_000, listAmongMany: 1.234, listAmongFew: 1.2, listRatio: 1.028 },
    ...{ peekOf1000: 3.5, walkOverEverybody: 4200.4, pages: 901 },
  },
  'session-ends': {
    ...{ polling: { p50: 496, p99: 879, worst: 973 }, changeStream: { p50: 1, p99: 40, worst: 61 } },
    watched: { sessions: 10_000, commandsPerSecond: 10.1, bytesPerSession: 1979 },
    ...{ failover: { lateMs: 5 }, failoverWithStream: { lateMs: 6 }, machine: { ...machine, load: 1.5 } },
  },
  sockets: {
    open: { sockets: 10_000, commandsPerPoll: 10, bytesPerSocket: 602, bytesOfTheSocketItself: 10_981, mibLeft: 0.4 },
    ...{ here: { p50: 4, p99: 18, worst: 19 }, elsewhere: { p50: 530, p99: 888, worst: 1007 } },
    machine: { ...machine, load: 2 },
  },
  soak: {
    seconds: 4,
    results: [
      { platform: 'express', requests: 9, sessions: 2, samples: [1, 2, 3, 4].map((at) => ({ ...sample, at })) },
    ],
    machine,
  },
};

test('its tables and pictures hold what was measured, its words stay', () => {
  const out = join(root, 'out');
  mkdirSync(out);
  mkdirSync(join(root, 'docs'));
  for (const [name, value] of Object.entries(MEASURED)) writeFileSync(join(out, `${name}.json`), JSON.stringify(value));
  const page = readFileSync(new URL('../../../docs/94-proof.md', import.meta.url), 'utf8');
  writeFileSync(join(root, 'docs/94-proof.md'), page);

  writePage({ out, root });

  const written = readFileSync(join(root, 'docs/94-proof.md'), 'utf8');
  const words = (text: string) => text.replaceAll(/(<!-- measured: \w+ -->)[^]*?(<!-- end -->)/g, '$1$2');
  expect(words(written)).toBe(words(page));
  expect(written).toContain('| pairs <all>, in process | 3 | 1,234 | 1,234 |');
  expect(written).toContain('| **all** | 6 | **2,000** | **2,000** |');
  expect(written).toContain('| in memory | 3 | 4,321 | 12 |');
  expect(written).toContain('| two logins, in memory | 5,432 | 5,432 |');
  expect(written).toContain('| 10,000 | 0 | 0 | 0 |');
  expect(written).toContain('| no revision | a, b | 29 of 40 | never more |');
  expect(written).toContain('| two movers | 3 | 4,567 | 4,567 |');
  expect(written).toContain('| no tombstone | a, b | 17 | nothing revives |');
  expect(written).toContain('| it is swallowed | 1/1 | 0/1 |');
  expect(written).toContain('| the app | express | 2 | 9 | 1 | **0** | **0** | 2.0 s | 2.0 s |');
  expect(written).toContain('| longest time without any success | 1.2 s (median 1.2 s) |');
  expect(written).toContain('| express | 9 | 2 | 30.0 MiB, 30.0 MiB | 3, 3 | 20, 20 | 2, 2 | 5, 5 |');
  expect(written).toContain('| the list of a user among 1,000,000 sessions | 1.23 ms |');
  expect(written).toContain('| ratio (goal: at most 1.2) | 1.03 |');
  expect(written).toContain('| change stream | 1 ms | 40 ms | 61 ms | 100 ms |');
  expect(written).toContain('10,000 watched sessions: 10.1 commands a second, 1,979 bytes of memory for each.');
  expect(written).toContain('| the same process | 4 ms | 18 ms | 19 ms | 100 ms |');
  expect(written).toContain('10 commands a poll (goal: 10), 602 bytes of heap for each');
  expect(written).toContain('1.3 minutes');
  const pictures = readdirSync(join(root, 'docs/94-proof'));
  expect(pictures.toSorted()).toEqual(['heap.svg', 'interleavings.svg', 'logins.svg', 'outages.svg']);
  for (const name of pictures) {
    const picture = readFileSync(join(root, 'docs/94-proof', name), 'utf8');
    expect(picture).not.toMatch(/NaN|undefined|Infinity|"-/);
    expect(picture).toContain('prefers-color-scheme: dark');
    expect(written).toContain(`(94-proof/${name})`);
  }
  expect(readFileSync(join(root, 'docs/94-proof/interleavings.svg'), 'utf8')).toContain('pairs &#60;all&#62;');
});

test('a second time, too', () => {
  const once = fill('a\n<!-- measured: x -->\n<!-- end -->\nb', { x: '$& 1' });
  expect(once).toBe('a\n<!-- measured: x -->\n\n$& 1\n\n<!-- end -->\nb');
  expect(fill(once, { x: '2' })).toBe('a\n<!-- measured: x -->\n\n2\n\n<!-- end -->\nb');
});
