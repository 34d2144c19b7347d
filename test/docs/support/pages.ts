// The pages that users and contributors read, and what is in them.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../../..');

/** A page by its path from the root of the repository. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export interface CodeBlock {
  readonly page: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** The file in which a fragment stands, named by `<!-- context: FILE -->` in the line before the block. */
  readonly context: string | undefined;
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}

/** README and docs. */
export function readGuides(): Page[] {
  return ['README.md', ...markdownIn('docs')].map(readPage);
}

/** Every page of the repository. */
export function readAllPages(): Page[] {
  const others = ['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...markdownIn('bench'), ...markdownIn('sample')];
  return [...readGuides(), ...others.map(readPage)];
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md') && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
}

const FENCE =
  /^(?<before>[^\n]*)\n(?<indent> *)(?<ticks>`{3,})(?<language>[^\n]*)\n(?<code>[^]*?)^\k<indent>\k<ticks>$/gm;
const CONTEXT = /^ *<!-- context: (\S+) -->$/;

export function codeBlocksOf({ path, text }: Page): CodeBlock[] {
  // With a line before the first one, so that a block may start there.
  return [...`\n${text}`.matchAll(FENCE)].map((match) => {
    const { before, indent, language, code } = match.groups as Record<string, string>;
    const line = `\n${text}`.slice(0, match.index).split('\n').length + 1;
    const unindented = code!.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    return { page: path, line, language: language!.trim(), code: unindented, context: CONTEXT.exec(before!)?.[1] };
  });
}

/** The page without its code blocks, so that code isn't taken for links or headings. */
export function proseOf({ text }: Page): string {
  return `\n${text}`.replaceAll(FENCE, '$<before>\n').slice(1);
}
