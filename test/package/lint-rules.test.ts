// Proves that the linter says no: every rule of the house is broken once, in a temporary copy of the house.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findViolations } from '../../tools/check-layers.mjs';

const root = resolve(import.meta.dirname, '../..');
const house = mkdtempSync(join(tmpdir(), 'nms-lint-'));

beforeAll(() => {
  for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) cpSync(join(root, name), join(house, name));
  mkdirSync(join(house, 'tools'));
  cpSync(join(root, 'tools/check-layers.mjs'), join(house, 'tools/check-layers.mjs'));
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'), 'junction');
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

function build(files: Files) {
  rmSync(join(house, 'lib'), { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, name)), { recursive: true });
    writeFileSync(join(house, name), text);
  }
}

function run(...command: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: house, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

/** What breaks the table, each as `file:line reason` with the file's name as seen from the house. */
function layers(files: Files): string[] {
  build(files);
  return findViolations(join(house, 'lib')).map((line) => line.slice(house.length + 1));
}

function oxlint(files: Files) {
  build(files);
  return run('node_modules/oxlint/bin/oxlint', 'lib');
}

describe('layers', () => {
  const allowed: Record<string, string> = {
    'lib/index.ts': `export { module } from './nest/mongo-sessions.module.js';`,
    'lib/nest/mongo-sessions.module.ts': [
      `import { Module } from '@nestjs/common';`,
      `import { store } from '../mongo/store.js';`,
      `import type { Bridge } from '../http/bridge.js';`,
      `export const module: [unknown, unknown, Bridge | undefined] = [Module, store, undefined];`,
    ].join('\n'),
    'lib/mongo/store.ts': `import mongoose from 'mongoose';\nimport { now } from '../core/clock.js';\nexport const store = [mongoose, now];`,
    'lib/http/bridge.ts': `import type { ServerResponse } from 'node:http';\nexport interface Bridge { response: ServerResponse }`,
    'lib/core/clock.ts': `// import 'express' in a comment is no import\nexport const now = 0;`,
    'lib/core/token/cookies.ts': `import { parse } from 'cookie';\nexport const cookies = parse;`,
    'lib/core/request/cycle.ts': `export { cookies } from '../token/cookies.js';\nexport { now } from '../clock.js';`,
  };

  it('lets a house in order pass', () => {
    expect(layers(allowed)).toEqual([]);
    expect(run('tools/check-layers.mjs', 'lib')).toMatchObject({ status: 0 });
  });

  it.each([
    ['core reaches out of core', 'lib/core/session/a.ts', `import '../../mongo/store.js';`],
    ['core reaches for the module', 'lib/core/a.ts', `import '../mongo-sessions.module.js';`],
    ['data reach for the session', 'lib/core/data/a.ts', `import type { S } from '../session/session.js';`],
    ['the token reaches for the options', 'lib/core/token/a.ts', `import '../options/options.js';`],
    ['encryption and session know each other', 'lib/core/encryption/a.ts', `import '../session/session.js';`],
    ['the life cycle knows requests', 'lib/core/lifecycle/a.ts', `import '../request/cycle.js';`],
    ['the top of core reaches below', 'lib/core/a.ts', `import './data/values.js';`],
    ['core knows Nest', 'lib/core/a.ts', `import { Injectable } from '@nestjs/common';`],
    ['core knows Mongoose, if only its types', 'lib/core/a.ts', `import type { Model } from 'mongoose';`],
    ['core knows the driver', 'lib/core/a.ts', `export type Db = import('mongodb').Db;`],
    ['core knows the network', 'lib/core/a.ts', `import { createServer } from 'node:http';`],
    ['mongo knows http', 'lib/mongo/a.ts', `export * from '../http/bridge.js';`],
    ['http knows mongo', 'lib/http/a.ts', `import type { store } from '../mongo/store.js';`],
    ['http loads Express', 'lib/http/a.ts', `const express = await import('express');`],
    ['http names a type of Express', 'lib/http/a.ts', `import type { Request } from 'express';`],
    ['http names a type of Fastify inline', 'lib/http/a.ts', `export type R = import('fastify').FastifyRequest;`],
    ['http augments Fastify', 'lib/http/a.ts', `declare module 'fastify' { interface X {} }\nexport {};`],
    ['http loads a platform by require', 'lib/http/a.ts', `require('@nestjs/platform-fastify');`],
    ['http references types of Express', 'lib/http/a.ts', `/// <reference types="express" />`],
    ['the module loads a platform', 'lib/a.ts', `import { NestExpressApplication } from '@nestjs/platform-express';`],
    ['the module imports what is not declared', 'lib/a.ts', `import { ObjectId } from 'mongodb';`],
    ['something imports the barrel', 'lib/http/a.ts', `import { module } from '../index.js';`],
    ['the module imports the barrel', 'lib/a.ts', `import type { module } from './index.js';`],
    ['the barrel by the name of its folder', 'lib/core/a.ts', `import { module } from '..';`],
    ['the library imports itself by name', 'lib/a.ts', `import 'nestjs-mongo-sessions';`],
    ['the module loads what is meant for tests', 'lib/a.ts', `import './testing/clock.js';`],
    ['core loads what is meant for tests', 'lib/core/a.ts', `import '../testing/clock.js';`],
    ['there is a second barrel', 'lib/core/index.ts', `export { now } from './clock.js';`],
    ['something leaves the library', 'lib/a.ts', `import '../package.json';`],
    ['a folder has no rule', 'lib/utils/a.ts', `export const a = 1;`],
  ])('refuses that %s', (_, file, text) => {
    expect(layers({ ...allowed, [file]: text })).toEqual([expect.stringContaining(`${file}:1 `)]);
  });

  it('looks at declarations as at sources', () => {
    const found = layers({ 'lib/http/a.d.ts': `import type { Request } from 'express';` });
    expect(found).toEqual([expect.stringContaining(`lib/http/a.d.ts:1 may not import 'express'`)]);
  });

  it('ends with 1 and names the line', () => {
    build({ 'lib/core/a.ts': `\nimport 'express';` });
    const { status, output } = run('tools/check-layers.mjs', 'lib');
    expect(output).toContain(`lib/core/a.ts:2 may not import 'express'`);
    expect(status).toBe(1);
  });
});

describe('oxlint', () => {
  const clean = `export const one = 1;\n`;

  it('lets a clean file pass', () => {
    expect(oxlint({ 'lib/a.ts': clean })).toMatchObject({ status: 0 });
  });

  it('lets a class that is injected be imported as a value', () => {
    const files = {
      'lib/clock.ts': `export class Clock {\n  readonly now = 1;\n}\n`,
      'lib/a.ts': `import { Clock } from './clock.js';\nexport class Injected {\n  constructor(readonly clock: Clock) {}\n}\n`,
    };
    expect(oxlint(files)).toMatchObject({ status: 0 });
  });

  it.each([
    [
      'no-cycle',
      {
        'lib/a.ts': `import { b } from './b.js';\nexport const a = () => b();\n`,
        'lib/b.ts': `import { a } from './a.js';\nexport const b = (): unknown => a();\n`,
      },
    ],
    [
      'no-cycle',
      {
        'lib/a.ts': `import type { B } from './b.js';\nexport interface A { b: B }\n`,
        'lib/b.ts': `import type { A } from './a.js';\nexport interface B { a: A }\n`,
      },
    ],
    ['max-lines', { 'lib/a.ts': clean + '// a line\n'.repeat(250) }],
    ['no-floating-promises', { 'lib/a.ts': `export function a(): void {\n  Promise.resolve(1);\n}\n` }],
    ['no-misused-promises', { 'lib/a.ts': `[1].forEach(async () => {\n  await Promise.resolve(1);\n});\n` }],
    ['no-explicit-any', { 'lib/a.ts': `export function a(value: any): unknown {\n  return value;\n}\n` }],
    ['no-console', { 'lib/a.ts': `console.log('a line of the library');\n` }],
  ])('refuses by %s', (rule, files) => {
    const { status, output } = oxlint(files);
    expect(output).toContain(`(${rule})`);
    expect(status).toBe(1);
  });
});
