// docs/23-security.md names a test for each line of the standards: every one of them has to be there.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const docs = resolve(import.meta.dirname, '../../docs');
const text = readFileSync(join(docs, '23-security.md'), 'utf8');

/** A link to a test file, and the titles behind it. */
const PROOF = /\]\((\.\.\/test\/[^)]+)\): ((?:“[^”]+”(?:, )?)+)/g;

function proofsIn(line: string): [file: string, title: string][] {
  return [...line.matchAll(PROOF)].flatMap(([, file, titles]) =>
    [...titles!.matchAll(/“([^”]+)”/g)].map(([, title]): [string, string] => [file!, title!]),
  );
}

const rows = new Map([...text.matchAll(/^\| (\d+) \| .+$/gm)].map(([row, number]) => [Number(number), row]));

test('all lines of the checklist are there, in their order', () => {
  expect([...rows.keys()]).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
});

test.each([...rows])('line %i has a test, or says that it is not built', (_, row) => {
  expect(proofsIn(row).length > 0).toBe(!row.includes('**Not built in this version.**'));
});

test('no link to a test file goes without the title of a test', () => {
  const links = [...text.matchAll(/\]\(\.\.\/test\//g)].length;
  expect([...text.matchAll(PROOF)]).toHaveLength(links);
});

/** Whether it stands there as a text of its own, between quotation marks. */
function hasTitle(source: string, title: string): boolean {
  return ["'", '"', '`'].some((mark) => source.includes(mark + title.replaceAll(mark, `\\${mark}`) + mark));
}

test.each(proofsIn(text))('%s has the test “%s”', (file, title) => {
  const path = join(docs, file);
  expect(existsSync(path)).toBe(true);
  expect(hasTitle(readFileSync(path, 'utf8'), title)).toBe(true);
});

test('a title that is not there is noticed', () => {
  expect(proofsIn('[a](../test/b.test.ts): “one”, “two”; [c](../test/d.test.ts): “three”')).toEqual([
    ['../test/b.test.ts', 'one'],
    ['../test/b.test.ts', 'two'],
    ['../test/d.test.ts', 'three'],
  ]);
  const source = `test('it\\'s one', () => {}); test("two and more", () => {});`;
  expect(["it's one", 'two and more', 'two', 'three'].map((title) => hasTitle(source, title))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
