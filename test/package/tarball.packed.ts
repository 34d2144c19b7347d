// What is in the tarball, and what its declarations tell.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, inject, it } from 'vitest';
import { findViolations } from '../../tools/check-layers.mjs';
import { isRelative, linksOf, pathOf } from '../docs/support/links.js';

const { files, consumers } = inject('packed');
const root = resolve(import.meta.dirname, '../..');
const installed = join(consumers, 'nest-12-esm', 'node_modules', 'nestjs-mongo-sessions');
const read = (file: string) => readFileSync(join(installed, file), 'utf8');

describe('the tarball', () => {
  it('holds the build of every source, the documents and the manifest, and nothing else', () => {
    const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `dist/${file.replaceAll('\\', '/').slice(0, -'.ts'.length)}`);
    const expected = [...sources.map((file) => `${file}.js`), ...sources.map((file) => `${file}.d.ts`)];
    const documents = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'];
    const pages = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
    expect(files.toSorted()).toEqual([...expected, ...documents, ...pages].toSorted());
  });

  it('has every file that its README links to', () => {
    const links = linksOf({ path: 'README.md', text: read('README.md') }).filter(isRelative);
    expect(links.length).toBeGreaterThan(5);
    expect(links.map(pathOf).filter((path) => !files.includes(path))).toEqual([]);
  });

  it('has every page and picture that its pages link to, and says which folders it lacks', () => {
    const lacking = ['lib', 'test', 'tools', 'bench', 'sample'];
    const pages = files.filter((file) => file.endsWith('.md'));
    const targets = pages.flatMap((path) =>
      linksOf({ path, text: read(path) })
        .filter(isRelative)
        .map((link) => (pathOf(link) === '' ? path : join(dirname(path), pathOf(link)))),
    );
    const missing = targets.filter((target) => !files.includes(target));
    expect(missing.filter((target) => !lacking.includes(target.split('/')[0]!))).toEqual([]);
    for (const folder of new Set(missing.map((target) => target.split('/')[0]!)))
      expect(read('docs/README.md')).toContain(`\`${folder}/\``);
  });

  it('refers to no source map', () => {
    expect(files.filter((file) => file.startsWith('dist/') && read(file).includes('sourceMappingURL'))).toEqual([]);
  });

  it('runs nothing when it is installed', () => {
    const { scripts = {} } = JSON.parse(read('package.json')) as { scripts?: Record<string, string> };
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|uninstall|prepare)$/.test(name))).toEqual([]);
  });

  it('imports only what the manifest declares, in its declarations too', () => {
    expect(findViolations(join(installed, 'dist'))).toEqual([]);
  });
});

describe('the public declarations', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string | { types: string }> };
  const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]));
  const paths = entries.map((entry) => join(installed, entry));
  const program = ts.createProgram(paths, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const exported = paths
    .flatMap((path) => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)!)!))
    .map((symbol) => ({
      name: symbol.name,
      symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    }));
  const isDocumented = (symbol: ts.Symbol) =>
    symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).length > 0;

  it('name every export', () => {
    expect(exported.map(({ name }) => name)).toEqual(expect.arrayContaining(['MongoSessionsModule', 'Session']));
    for (const entry of entries) expect(read(entry)).not.toMatch(/export \* from/);
  });

  it('explain every export', () => {
    expect(exported.filter(({ symbol }) => !isDocumented(symbol)).map(({ name }) => name)).toEqual([]);
  });

  it('explain every option', () => {
    const options = exported
      .filter(({ name }) => name.endsWith('Options'))
      .flatMap(({ name, symbol }) =>
        [...(symbol.members?.values() ?? [])].map((member) => ({ name: `${name}.${member.name}`, member })),
      );
    expect(options.length).toBeGreaterThan(20);
    expect(options.filter(({ member }) => !isDocumented(member)).map(({ name }) => name)).toEqual([]);
  });
});
