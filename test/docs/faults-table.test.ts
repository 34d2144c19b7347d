// docs/95-faults.md lists every fault that was found in 0.1.0, and docs/92-design.md all private API, each with its tests.
import { expect, test } from 'vitest';
import { readPage } from './support/pages.js';
import { isThere, linksWithoutTitle, proofsIn, rowsBy } from './support/proofs.js';

const { text } = readPage('docs/95-faults.md');
const design = readPage('docs/92-design.md').text;
const rows = rowsBy(/^[AB]\d+$/, text);
const numbers = (letter: string, last: number) => Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);

test('all faults are there, in their order', () => {
  expect([...rows.keys()]).toEqual([...numbers('A', 26), ...numbers('B', 28)]);
});

test.each([...rows])('%s has a test, or says that it is only documented or not fixed', (_, row) => {
  expect(proofsIn(row).length > 0).toBe(!/\*\*(Documented|Not fixed)\.\*\*/.test(row));
});

test('no link to a test file goes without the title of a test', () => {
  expect(linksWithoutTitle(text)).toBe(0);
});

test('no use of private API goes without the title of a test', () => {
  const table = design.slice(design.indexOf('## Private API'), design.indexOf('## Code layout'));
  const uses = table.split('\n').filter((line) => line.startsWith('| `'));
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((use) => proofsIn(use).length === 0)).toEqual([]);
});

test.each([...proofsIn(text), ...proofsIn(design)])('$file has the test “$title”', (proof) => {
  expect(isThere(proof)).toBe(true);
});
