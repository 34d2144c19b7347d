// The code in README.md and docs/, as its readers copy it.
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface DocCode {
  /** Where it stands: `docs/security.md:38`. */
  readonly at: string;
  readonly text: string;
}

/** Within a list it is indented. */
const FENCE = /^( *)```(\w*)[^\n]*\n(.*?)^\1```$/gms;

/** Every fenced block of that language. */
export function codeBlocks(language: string): DocCode[] {
  return pages().flatMap(({ file, text }) =>
    [...text.matchAll(FENCE)]
      .filter(([, , found]) => found === language)
      .map((match) => ({
        at: placeOf(file, text, match.index),
        text: match[3]!.replaceAll(new RegExp(`^${match[1]}`, 'gm'), ''),
      })),
  );
}

/** Every piece of code within a sentence that starts with this. */
export function codeSpans(start: string): DocCode[] {
  return pages().flatMap(({ file, text }) =>
    [...text.replaceAll(FENCE, (block) => block.replaceAll(/[^\n]/g, ' ')).matchAll(/`([^`\n]+)`/g)]
      .filter(([, code]) => code!.startsWith(start))
      .map((match) => ({ at: placeOf(file, text, match.index), text: match[1]! })),
  );
}

function pages(): { file: string; text: string }[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const files = ['README.md', ...docs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)];
  return files.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
}

function placeOf(file: string, text: string, index: number): string {
  return `${file}:${text.slice(0, index).split('\n').length}`;
}
