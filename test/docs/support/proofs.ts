// Sentences of a page that name the tests which show them: [words](../test/file.test.ts): “a title”, “describe > title”.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pages.js';

/** A link to a test file, and the titles behind it. */
const PROOF = /\]\((\.\.\/test\/[^)]+)\): ((?:“[^”]+”(?:, )?)+)/g;

export interface Proof {
  readonly file: string;
  readonly title: string;
}

export function proofsIn(text: string): Proof[] {
  return [...text.matchAll(PROOF)].flatMap(([, file, titles]) =>
    [...titles!.matchAll(/“([^”]+)”/g)].map(([, title]) => ({ file: file!, title: title! })),
  );
}

/** Links to test files that name no title. */
export function linksWithoutTitle(text: string): number {
  return [...text.matchAll(/\]\(\.\.\/test\//g)].length - [...text.matchAll(PROOF)].length;
}

/** Whether the file is there, and has the title, and the titles around it, as texts of their own. */
export function isThere({ file, title }: Proof): boolean {
  const path = join(root, 'docs', file);
  if (!existsSync(path)) return false;
  const source = readFileSync(path, 'utf8');
  return title.split(' > ').every((part) => hasTitle(source, part));
}

/** Whether the title stands in the source as a text of its own, between quotation marks. */
export function hasTitle(source: string, title: string): boolean {
  return ["'", '"', '`'].some((mark) => source.includes(mark + title.replaceAll(mark, `\\${mark}`) + mark));
}

/** Rows of a table by their first cell. */
export function rowsBy(pattern: RegExp, text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^\| ([^|]+) \| .+$/gm)]
      .filter(([, name]) => pattern.test(name!))
      .map(([row, name]) => [name!, row]),
  );
}
