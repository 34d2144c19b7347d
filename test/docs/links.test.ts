// Every relative link of a page leads to a file that is there, and every anchor to a heading of it.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Page, proseOf, readAllPages, readPage, root } from './support/pages.js';

const LINK = /\[(?:[^\][]|\[[^\]]*\])*\]\(([^)\s]+)\)/g;
const pages = readAllPages();

function linksOf(page: Page): string[] {
  return [
    ...proseOf(page)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(LINK),
  ].map(([, target]) => target!);
}

/** As GitHub makes them of headings. */
function anchorsOf(page: Page): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const text = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

/** The links of a page that lead nowhere. */
function brokenLinksOf(page: Page): string[] {
  return linksOf(page).filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = join(dirname(page.path), decodeURIComponent(path));
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
