// The guides for those who come from other libraries name every option and member that those libraries' own READMEs name.
import { describe, expect, test } from 'vitest';
import { testsIn } from '../../tools/fastify-session-suite.mjs';
import { readPage } from './support/pages.js';

/** The part of a page from one text to another one. */
function between(text: string, start: string, end?: string): string {
  const from = text.indexOf(start);
  const to = end === undefined ? text.length : text.indexOf(end, from + start.length);
  if (from === -1 || to === -1) throw new Error(`There is no part from "${start}" to "${end}".`);
  return text.slice(from, to);
}
const readmeOf = (library: string) => readPage(`node_modules/${library}/README.md`).text;
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);

/** What the first column of the tables has in code. */
const namedIn = (text: string) => all(text, /^\| (`.+?) \|/gm).flatMap((cell) => all(cell, /`([^`]+)`/g));

/** Those that no cell has, with or without what it belongs to, or its arguments. */
function missing(names: readonly string[], tables: string): string[] {
  const cells = namedIn(tables).map((cell) => cell.replace(/\(.*\)$|\s=.*$/, ''));
  return names.filter((name) => !cells.some((cell) => cell === name || cell.endsWith(`.${name}`)));
}

const page = readPage('docs/31-coming-from-express-session.md').text;
const OPTIONS = between(page, '\n## Options of express-session', '\n## Options of connect-mongo');
const MONGO = between(page, '\n## Options of connect-mongo', '\n## Members');
const MEMBERS = between(page, '\n## Members', '\n## Habits');
const COOKIE_SESSION = between(page, '\n## cookie-session', '\n## If the old');

describe('the guide for express-session', () => {
  const readme = readmeOf('express-session');

  test('names every option', () => {
    const names = all(between(readme, '#### Options', '### req.session'), /^##### (\S+)$/gm);
    expect(names.length).toBeGreaterThan(15);
    expect(missing(names, OPTIONS)).toEqual([]);
  });

  test('names every member, and every method of the store', () => {
    const members = all(between(readme, '### req.session', '## Session Store Implementation'), /^###+ ([\w.]+)/gm);
    const methods = all(between(readme, '## Session Store Implementation', '## Compatible'), /^### ([\w.]+)/gm);
    expect([members.length, methods.length]).toEqual([11, 7]);
    // What stands for the data themselves.
    const others = members.filter((name) => name !== 'req.session');
    expect(missing([...others, ...methods], MEMBERS)).toEqual([]);
  });

  test('names every option of connect-mongo', () => {
    const names = all(between(readmeOf('connect-mongo'), '## Options', '## Development'), /^\|(?:\d\|)?`(\w+)`\|/gm);
    expect(names.length).toBeGreaterThan(20);
    expect(missing(names, MONGO)).toEqual([]);
  });

  test('names every option and member of cookie-session', () => {
    const api = between(readmeOf('cookie-session'), '## API', '### Saving a session');
    const options = [...all(api, /^##### (\w+)$/gm), ...all(api, /^ {2}- `(\w+)`/gm)];
    const members = [...all(api, /^#### \.(\w+)/gm), ...all(api, /^### (req\.sessionOptions)/gm)];
    expect([options.length, members.length]).toEqual([14, 4]);
    expect(missing([...options, ...members], COOKIE_SESSION)).toEqual([]);
  });
});

test('the guide for nestjs-session names every option', () => {
  const names = all(between(readmeOf('nestjs-session'), '### NestSessionOptions', '## Migration'), /^- `(\w+)`/gm);
  expect(names).toHaveLength(8);
  const tables = readPage('docs/35-coming-from-nestjs-session.md').text;
  const cells = namedIn(tables).join(' ');
  expect(names.filter((name) => !cells.includes(name))).toEqual([]);
});

describe('the guide for @fastify/session', () => {
  const guide = readPage('docs/34-coming-from-fastify-session.md').text;
  const readme = readmeOf('@fastify/session');
  const options = between(guide, '\n## Options', '\n## Members');
  const members = between(guide, '\n## Members', '\n## regenerate');

  test('names every option', () => {
    const part = between(readme, '#### options', '#### request.session');
    const names = [...all(part, /^##### (\w+)/gm), ...all(part, /^\* `(\w+)`/gm)];
    expect(names).toHaveLength(16);
    expect(missing(names, options)).toEqual([]);
  });

  test('names every member', () => {
    const names = all(readme, /^###+ (Session#\w+|fastify\.\w+|request\.\w+)/gm).map((name) => name.replace('#', '.'));
    expect(names).toHaveLength(12);
    expect(missing(names, members)).toEqual([]);
  });

  test('names every option and member of @fastify/secure-session', () => {
    const declared = readPage('node_modules/@fastify/secure-session/types/index.d.ts').text;
    const names = all(between(declared, 'SecureSessionPluginOptions = {', 'export const'), /^ +(\w+)\??:/gm);
    expect(names).toEqual(['cookie', 'cookieName', 'sessionName', 'expiry', 'secret', 'salt']);
    expect(missing([...names, 'key'], options)).toEqual([]);
    const methods = new Set(
      all(between(declared, 'export type Session<', 'export type SecureSessionPluginOptions'), /^ +(\w+)[<(:]/gm),
    );
    expect(methods.size).toBe(9);
    expect(missing([...methods], members)).toEqual([]);
  });

  test('counts the tests of fastify/session that differ', () => {
    const [, passed, applying] = /: (\d+) of the (\d+) tests that apply pass/.exec(guide)!;
    const differing = testsIn(guide, 'What stays different').length;
    expect(Number(passed) + differing).toBe(Number(applying));
    expect(testsIn(guide, 'Tests that do not apply').length).toBeGreaterThan(10);
  });
});
