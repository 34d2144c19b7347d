// docs/23-security.md names a test for each line of the standards: every one of them has to be there.
import { expect, test } from 'vitest';
import { readPage } from './support/pages.js';
import { hasTitle, isThere, linksWithoutTitle, proofsIn, rowsBy } from './support/proofs.js';

const { text } = readPage('docs/23-security.md');
const rows = rowsBy(/^\d+$/, text);

test('all lines of the checklist are there, in their order', () => {
  expect([...rows.keys()]).toEqual(Array.from({ length: 25 }, (_, index) => String(index + 1)));
});

test.each([...rows])('line %s has a test, or says that it is not built', (_, row) => {
  expect(proofsIn(row).length > 0).toBe(!row.includes('**Not built in this version.**'));
});

test('no link to a test file goes without the title of a test', () => {
  expect(linksWithoutTitle(text)).toBe(0);
});

test.each(proofsIn(text))('$file has the test “$title”', (proof) => {
  expect(isThere(proof)).toBe(true);
});

test('a title that is not there is noticed', () => {
  expect(proofsIn('[a](../test/b.test.ts): “one”, “two”; [c](../test/d.test.ts): “three”')).toEqual([
    { file: '../test/b.test.ts', title: 'one' },
    { file: '../test/b.test.ts', title: 'two' },
    { file: '../test/d.test.ts', title: 'three' },
  ]);
  const source = `test('it\\'s one', () => {}); test("two and more", () => {});`;
  const titles = ["it's one", 'two and more', 'two', 'three'];
  expect(titles.map((title) => hasTitle(source, title))).toEqual([true, true, false, false]);
  expect(linksWithoutTitle('[a](../test/b.test.ts)')).toBe(1);
  const file = '../test/docs/security-table.test.ts';
  expect(isThere({ file, title: 'no link to a test file goes without the title of a test' })).toBe(true);
  expect(isThere({ file, title: 'no link to a test file goes without the title of a test > nothing' })).toBe(false);
  expect(isThere({ file: '../test/docs/nowhere.test.ts', title: 'a' })).toBe(false);
});
