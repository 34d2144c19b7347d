// Compiles the code blocks of one page as one program against lib, with the compiler settings of this repository.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type CodeBlock, root } from './pages.js';

export const contexts = join(root, 'test/docs/contexts');
const PLACE = /^ *\/\/ <code block>\n/m;

/** Settings of this repository, with the package's name leading to lib. */
const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(ts.readConfigFile(join(root, 'tsconfig.json'), readText).config, ts.sys, root)
    .options,
  noEmit: true,
  paths: {
    'nestjs-mongo-sessions': [join(root, 'lib/index.ts')],
    'nestjs-mongo-sessions/moving-in': [join(root, 'lib/moving-in/index.ts')],
    'nestjs-mongo-sessions/testing': [join(root, 'lib/testing/index.ts')],
  },
};

/** Libraries and lib are parsed once for all pages. */
const parsed = new Map<string, ts.SourceFile | undefined>();
let previous: ts.Program | undefined;

/** Whether blocks can stand in this file; the others are what apps import. */
export function isContext(file: string): boolean {
  return file.endsWith('.ts') && PLACE.test(readText(join(contexts, file)));
}

/** What a block is compiled as: its own file, or its context with the block in its place. */
export function sourceOf({ code, context }: CodeBlock): { source: string; linesBefore: number } {
  // Without an import it would be a script, whose names all blocks share.
  if (context === undefined) return { source: `${code}\nexport {};\n`, linesBefore: 0 };
  const [before, after, ...more] = readText(join(contexts, context)).split(PLACE);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`test/docs/contexts/${context} has to have one line // <code block>`);
  return { source: `${before}${code}${after}\nexport {};\n`, linesBefore: before.split('\n').length - 1 };
}

/** The compiler's complaints, each with its line in the page. */
export function compile(blocks: readonly CodeBlock[]): string[] {
  const files = new Map(blocks.map((block) => [join(contexts, `block-at-line-${block.line}.ts`), block]));
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.fileExists = (file) => files.has(file) || ts.sys.fileExists(file);
  host.readFile = (file) => (files.has(file) ? sourceOf(files.get(file)!).source : ts.sys.readFile(file));
  host.getSourceFile = (file, languageVersion) => {
    const block = files.get(file);
    if (block) return ts.createSourceFile(file, sourceOf(block).source, languageVersion, true);
    if (!parsed.has(file)) parsed.set(file, read(file, languageVersion));
    return parsed.get(file);
  };
  const program = ts.createProgram({
    rootNames: [...files.keys()],
    options,
    host,
    ...(previous && { oldProgram: previous }),
  });
  previous = program;
  return [...files].flatMap(([file, block]) => {
    const source = program.getSourceFile(file)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((found) =>
      spell(source, block, found),
    );
  });
}

function spell(source: ts.SourceFile, block: CodeBlock, { start = 0, code, messageText }: ts.Diagnostic): string {
  const { linesBefore } = sourceOf(block);
  const line = source.getLineAndCharacterOfPosition(start).line - linesBefore + block.line;
  return `${block.page}:${line} TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}
