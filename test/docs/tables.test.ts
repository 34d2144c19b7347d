// The tables that list all of something list all of it, and nothing else: error codes, options, members, events.
import { inspect } from 'node:util';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import {
  EncryptionOptions,
  PermanentOptions,
  RequestSessionOptions,
  SESSION_PROFILES,
  SessionCookieOptions,
} from '../../lib/index.js';
import { DeviceOptions, SessionError, type SessionErrorCode, SessionOptions } from '../../lib/index.js';
import { SocketOptions, WatchOptions } from '../../lib/index.js';
import { RESERVED_NAMES } from '../../lib/core/session/session.js';
import * as testing from '../../lib/testing/index.js';
import { readPage, root } from './support/pages.js';

/** Rows whose first cell is code, as their cells; `\|` stays within a cell. */
function rowsOf(path: string): string[][] {
  const rows = [...readPage(path).text.matchAll(/^\| (`.+) \|$/gm)];
  return rows.map(([, row]) => row!.split(/(?<!\\) \| ?/).map((cell) => cell.trim()));
}

/** What the first column names in code; a row may name several. */
function namedIn(path: string): string[] {
  return rowsOf(path).flatMap(([cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
}

const options = { ...ts.getDefaultCompilerOptions(), module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 };
const program = ts.createProgram([join(root, 'lib/index.ts')], { ...options, noEmit: true, types: [] });
const checker = program.getTypeChecker();

/** What the package exports under this name. */
function typeOf(name: string): ts.Type {
  const index = checker.getSymbolAtLocation(program.getSourceFile(join(root, 'lib/index.ts'))!)!;
  const exported = checker.getExportsOfModule(index).find((symbol) => symbol.name === name);
  if (!exported) throw new Error(`lib/index.ts exports no ${name}`);
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  return checker.getDeclaredTypeOfSymbol(symbol);
}

const textsOf = (name: string) => {
  const type = typeOf(name);
  return (type.isUnion() ? type.types : [type]).map((one) => (one as ts.StringLiteralType).value);
};
const membersOf = (name: string) =>
  typeOf(name)
    .getProperties()
    .map((member) => member.name);
const prefixed = (prefix: string, names: string[]) => names.map((name) => `${prefix}.${name}`);

test('22-failures has each error code, with its status', () => {
  const rows = rowsOf('docs/22-failures.md').filter(([name]) => name!.startsWith('`SESSION_'));
  const codes = rows.map(([name]) => name!.replaceAll('`', ''));
  expect(codes.toSorted()).toEqual(textsOf('SessionErrorCode').toSorted());
  const statuses = rows.map(([, status]) => status).filter((status) => status !== 'at start');
  const inError = codes.map((code) => String(new SessionError(code as SessionErrorCode, '').httpStatus));
  expect(statuses).toEqual(inError.slice(0, statuses.length));
});

describe('14-options', () => {
  const nested = ['permanent', 'cookie', 'watch', 'sockets'];
  const all = [
    ...membersOf('SessionOptions').filter((name) => !nested.includes(name)),
    ...prefixed('permanent', membersOf('PermanentOptions')),
    ...prefixed('cookie', membersOf('SessionCookieOptions')),
    ...prefixed('watch', membersOf('WatchOptions')),
    ...prefixed('sockets', membersOf('SocketOptions')),
    ...prefixed('devices', membersOf('DeviceOptions')),
    ...prefixed('requestSession', membersOf('RequestSessionOptions')),
  ];

  test('has each option', () => {
    const profiles = Object.keys(SESSION_PROFILES).map((name) => `'${name}'`);
    expect(namedIn('docs/14-options.md').toSorted()).toEqual([...all, ...profiles].toSorted());
  });

  test('says the default of each that has one', () => {
    const defaults: Record<string, unknown> = { ...new SessionOptions() };
    for (const [name, value] of Object.entries(new PermanentOptions())) defaults[`permanent.${name}`] = value;
    for (const [name, value] of Object.entries(new RequestSessionOptions())) defaults[`requestSession.${name}`] = value;
    for (const [name, value] of Object.entries(new DeviceOptions())) defaults[`devices.${name}`] = value;
    for (const [name, value] of Object.entries(new SocketOptions())) defaults[`sockets.${name}`] = value;
    for (const [name, value] of Object.entries(new WatchOptions())) defaults[`watch.${name}`] = value;
    for (const [name, value] of Object.entries(new SessionCookieOptions())) defaults[`cookie.${name}`] = value;
    const rows = rowsOf('docs/14-options.md').filter(([name]) => all.includes(name!.replaceAll('`', '')));
    const wrong = rows.filter(([name, said]) => {
      const value = defaults[name!.replaceAll('`', '')];
      return value !== undefined && said !== `\`${inspect(value)}\``;
    });
    expect(wrong).toEqual([]);
  });
});

test('24-encryption has each option of the encryption', () => {
  expect(namedIn('docs/24-encryption.md').toSorted()).toEqual(membersOf('EncryptionOptions').toSorted());
  expect(namedIn('docs/24-encryption.md')).toEqual(expect.arrayContaining(Object.keys(new EncryptionOptions())));
});

test('11-session has each member of a session', () => {
  const named = namedIn('docs/11-session.md').map((name) => /^\w+/.exec(name)?.[0]);
  const members = [...RESERVED_NAMES].filter((name) => name !== '__proto__' && name !== 'constructor');
  expect(members.filter((name) => !named.includes(name))).toEqual([]);
});

test('16-testing has everything of the testing kit', () => {
  const named = namedIn('docs/16-testing.md').map((name) => /\w+(?=\()/.exec(name)?.[0]);
  expect(new Set(named)).toEqual(new Set(Object.keys(testing)));
});

test('15-events-and-queries has each event, each reason of a rejection, and each field of a document', () => {
  const all = [
    ...textsOf('SessionEventType'),
    ...textsOf('RejectionReason'),
    ...textsOf('RevocationCause'),
    ...membersOf('SessionDocument'),
  ];
  expect(new Set(namedIn('docs/15-events-and-queries.md'))).toEqual(new Set(all));
});
