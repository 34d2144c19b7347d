// Every ts block of the README and the docs compiles. A fragment names the file that it stands in: see contexts/README.md.
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile, contexts, isContext } from './support/compile.js';
import { type CodeBlock, codeBlocksOf, readGuides, readPage } from './support/pages.js';

const pages = readGuides().map((page) => ({ path: page.path, blocks: codeBlocksOf(page) }));
const isTypeScript = ({ language }: CodeBlock) => language === 'ts';

/** Every language that a block may have. What is TypeScript has to say so, or it would not be compiled. */
const LANGUAGES = ['ts', 'js', 'json', 'sh', 'nginx', 'html', 'http', 'yaml', 'mermaid', 'text', 'diff', 'python'];

// The first program parses every library; on a busy machine that takes half a minute.
describe('B27: code blocks of the documents', { timeout: 120_000 }, () => {
  test.each(pages)('$path says the language of each', ({ blocks }) => {
    expect(
      blocks.filter(({ language }) => !LANGUAGES.includes(language)).map(({ line, language }) => ({ line, language })),
    ).toEqual([]);
  });

  test.each(pages.filter(({ blocks }) => blocks.some(isTypeScript)))('$path compiles', ({ blocks }) => {
    expect(compile(blocks.filter(isTypeScript))).toEqual([]);
  });

  test('every context is the one of some block', () => {
    const used = new Set(pages.flatMap(({ blocks }) => blocks.map(({ context }) => context)));
    expect(readdirSync(contexts).filter((file) => isContext(file) && !used.has(file))).toEqual([]);
  });

  test('no block of TypeScript goes by another name', () => {
    const others = pages.flatMap(({ blocks }) => blocks).filter(({ language }) => ['js', 'text'].includes(language));
    expect(others.filter(({ code }) => /\bimport .* from '|@Session\(|: SessionObject/.test(code))).toEqual([]);
  });
});

describe('the compiler of the documents', { timeout: 120_000 }, () => {
  const page = { path: 'x.md', text: '' };
  const block = (code: string, context = ''): CodeBlock[] =>
    codeBlocksOf({ ...page, text: `# Title\n\n${context}\n\`\`\`ts\n${code}\n\`\`\`\n` });

  test('finds a wrong line, and says which', () => {
    expect(compile(block('const one = 1;\nconst two: string = one;'))).toEqual([
      "x.md:6 TS2322: Type 'number' is not assignable to type 'string'.",
    ]);
  });

  test('finds what a block does not declare', () => {
    expect(compile(block('await session.save();'))).toEqual(["x.md:5 TS2304: Cannot find name 'session'."]);
  });

  test('knows what a context declares, and nothing more', () => {
    expect(compile(block('await session.save();', '<!-- context: handler.ts -->'))).toEqual([]);
    expect(compile(block('await nobody.save();', '<!-- context: handler.ts -->'))).toEqual([
      "x.md:5 TS2304: Cannot find name 'nobody'.",
    ]);
  });

  test('knows the packages by their names, and their declarations', () => {
    const code = `import { MongoSessionsModule } from 'nestjs-mongo-sessions';\nMongoSessionsModule.forRoot({ resave: false });`;
    expect(compile(block(code)).join('\n')).toMatch(/^x\.md:6 TS2769: .*'resave' does not exist/);
  });

  test('refuses a context that is not there', () => {
    expect(() => compile(block('1;', '<!-- context: nowhere.ts -->'))).toThrow('ENOENT');
  });

  test('sees a block in its place: indented, after another, at the start of a page', () => {
    const text = '```sh\nls\n```\n\n- item\n\n  ```ts\n  const a = 1;\n    a;\n  ```\n';
    expect(codeBlocksOf({ path: 'x.md', text })).toEqual([
      { page: 'x.md', line: 2, language: 'sh', code: 'ls\n', context: undefined },
      { page: 'x.md', line: 8, language: 'ts', code: 'const a = 1;\n  a;\n', context: undefined },
    ]);
    expect(codeBlocksOf(readPage('README.md')).length).toBeGreaterThan(2);
  });
});
