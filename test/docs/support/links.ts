// Links of the documents.
import { type Page, proseOf } from './pages.js';

const LINK = /\[(?:[^\][]|\[[^\]]*\])*\]\(([^)\s]+)\)/g;

/** Targets of all links and pictures of a page, as they are written. */
export function linksOf(page: Page): string[] {
  const prose = proseOf(page).replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(LINK)].map(([, target]) => target!);
}

export function isRelative(link: string): boolean {
  return !/^(https?|mailto):/.test(link);
}

/** Without its anchor; empty for a link within the page. */
export function pathOf(link: string): string {
  return decodeURIComponent(link.split('#')[0]!);
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: Page): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const text = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}
