// Every relative link of a page leads to a file that is there, and every anchor to a heading of it.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, isRelative, linksOf, pathOf } from './support/links.js';
import { type Page, readAllPages, readPage, root } from './support/pages.js';

const pages = readAllPages();

/** The links of a page that lead nowhere. */
function brokenLinksOf(page: Page): string[] {
  return linksOf(page).filter((link) => {
    if (!isRelative(link)) return false;
    const path = pathOf(link);
    const anchor = link.split('#')[1];
    const target = join(dirname(page.path), path);
    if (path !== '' && (target.startsWith('..') || !existsSync(join(root, target)))) return true;
    if (anchor === undefined) return false;
    if (path === '') return !anchorsOf(page).includes(anchor);
    return !target.endsWith('.md') || !anchorsOf(readPage(target)).includes(anchor);
  });
}

describe('links of the documents', () => {
  test.each(pages.map((page) => [page.path, page] as const))('%s has none that leads nowhere', (_, page) => {
    expect(brokenLinksOf(page)).toEqual([]);
  });

  test.each(pages.map((page) => [page.path, page] as const))('%s calls files by their names', (_, page) => {
    const links = [...page.text.matchAll(/\[`?([\w./-]+\.[cm]?ts)`?\]\(([^)#]+)\)/g)];
    expect(links.filter(([, name, path]) => !`/${path}`.endsWith(`/${name}`)).map(([link]) => link)).toEqual([]);
  });

  test('every page of docs is in its list', () => {
    const list = pages.find(({ path }) => path === 'docs/README.md')!;
    const listed = linksOf(list).map((link) => join('docs', link));
    const present = pages.map(({ path }) => path).filter((path) => /^docs\/\d\d-[^/]+\.md$/.test(path));
    expect(present.filter((path) => !listed.includes(path))).toEqual([]);
  });

  test('a broken one is found, by path and by anchor', () => {
    const text = [
      '# A title, with `code` & more',
      '[a](README.md) [b](nowhere.md) [c](#a-title-with-code--more) [d](#other) [e](docs/README.md#nothing)',
      '![f](docs/none.svg) [g](../outside.md) [h](https://example.org/x) `[i](inline.md)` [j [k]](lost.md)',
      '```text\n[l](in-a-block.md)\n```',
      '## Twice\n## Twice\n[m](#twice-1) [n](#twice-2)',
    ].join('\n');
    expect(brokenLinksOf({ path: 'x.md', text })).toEqual([
      ...['nowhere.md', '#other', 'docs/README.md#nothing', 'docs/none.svg', '../outside.md', 'lost.md', '#twice-2'],
    ]);
  });
});
