// Runs files of the documents, as their readers copy them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import ts from 'typescript';
import { afterAll } from 'vitest';
import { contexts } from './compile.js';
import { codeBlocksOf, readPage, root } from './pages.js';

/** The block of a page that names this file in its first line. */
export function blockOf(page: string, file: string): string {
  const found = codeBlocksOf(readPage(page)).find(({ code }) => code.startsWith(`// src/${file}\n`));
  if (!found) throw new Error(`${page} has no block of src/${file}`);
  return found.code;
}

/** A file that the documents import. */
export function contextOf(file: string): string {
  return readFileSync(join(contexts, file), 'utf8');
}

/**
 * Compiles a file as the app's own compiler would, next to the others, and loads it. Call it once a test file, at its top:
 * the folder is removed after the tests.
 */
export function codeLoader(name: string): (file: string, code: string) => Promise<Record<string, Type>> {
  const folder = join(root, '.cache', `${name}-${process.pid}`);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return async (file, code) => {
    mkdirSync(folder, { recursive: true });
    const library = code.replaceAll(/'nestjs-mongo-sessions(\/[a-z-]+)?'/g, (_, entry = '') =>
      JSON.stringify(join(root, 'lib', entry, 'index.ts')),
    );
    const compilerOptions: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      useDefineForClassFields: false,
    };
    const path = join(folder, file.replace('.ts', '.js'));
    writeFileSync(path, ts.transpileModule(library, { compilerOptions }).outputText);
    return (await import(path)) as Record<string, Type>;
  };
}
