// Checks the *.test-d.ts files of this folder with the compiler: what should compile does, and what should not
// does not, for the very reason that stands behind its @ts-expect-error.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const folder = path.dirname(fileURLToPath(import.meta.url));
const files = readdirSync(folder).filter((file) => file.endsWith('.test-d.ts'));
const EXPECTED = /\/\/ @ts-expect-error (TS\d+) \S/;

/** The errors of each file as `line code`, found with the expectations taken away. */
function diagnose(): Map<string, string[]> {
  const config = path.join(folder, '../../tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, (file) => ts.sys.readFile(file)).config,
    ts.sys,
    path.dirname(config),
  );
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  host.readFile = (file) => {
    const text = ts.sys.readFile(file);
    return files.includes(path.basename(file)) ? text!.replaceAll('@ts-expect-error', '') : text;
  };
  const program = ts.createProgram(
    files.map((file) => path.join(folder, file)),
    options,
    host,
  );
  const found = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const file of files) {
    const source = program.getSourceFile(path.join(folder, file))!;
    for (const { start, code } of [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ])
      found.get(file)!.push(`${source.getLineAndCharacterOfPosition(start!).line + 1} TS${code}`);
  }
  return found;
}

/** Where an error is expected, as `line code`: the line after its comment. */
function expectations(file: string): string[] {
  const lines = ts.sys.readFile(path.join(folder, file))!.split('\n');
  return lines.flatMap((line, index) => {
    const [, code] = EXPECTED.exec(line) ?? [];
    return code ? [`${index + 2} ${code}`] : [];
  });
}

describe('types', () => {
  const found = diagnose();

  test.each(files)('of %s are refused where they should be, and nowhere else', (file) => {
    expect(found.get(file)).toEqual(expectations(file));
  });

  test.each(files)('of %s say for each refusal which error it is, and why', (file) => {
    const text = ts.sys.readFile(path.join(folder, file))!;
    expect(expectations(file)).not.toEqual([]);
    expect(text.match(/@ts-expect-error/g)).toHaveLength(expectations(file).length);
  });
});
