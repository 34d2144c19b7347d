// The tarball in a project of Jest's, with the versions and the settings that docs/16-testing.md gives.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { codeBlocks } from '../support/doc-code.js';
import { testDatabase } from '../support/http.js';

const folder = join(inject('packed').consumers, 'nest-11-jest');
const database = testDatabase();

describe('B12: Jest 30 on Nest 11', () => {
  it('has the versions that the docs install', () => {
    const [line] = codeBlocks('sh').filter(({ text }) => text.includes('@nestjs/mongoose@11'));
    const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const installed = [...line!.text.matchAll(/(@?[\w/-]+)@(\d+)/g)].map(([, name, major]) => [name!, major!] as const);
    expect(installed.map(([name]) => name)).toEqual(['mongoose', '@nestjs/mongoose']);
    for (const [name, major] of installed) expect(dependencies[name]).toMatch(new RegExp(`^${major}\\.`));
  });

  it('transforms this package, and no other, in the folders of npm and of pnpm', () => {
    const { jest } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      jest: { transformIgnorePatterns: string[] };
    };
    const isIgnored = (path: string) => jest.transformIgnorePatterns.some((pattern) => new RegExp(pattern).test(path));
    const ours = 'node_modules/nestjs-mongo-sessions/dist/index.js';
    const others = ['node_modules/cookie/index.js', 'node_modules/nestjs-mongo-sessions/node_modules/cookie/index.js'];
    const inPnpm = 'node_modules/.pnpm/nestjs-mongo-sessions@1.0.0_mongoose@8.24.10';
    expect([`/app/${ours}`, `/app/${inPnpm}/${ours}`].map(isIgnored)).toEqual([false, false]);
    expect([...others, `${inPnpm}/node_modules/mongoose/index.js`].map((path) => isIgnored(`/app/${path}`))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('runs the tests of an app', async () => {
    const env = { PATH: process.env['PATH'], MONGODB_URI: database.uri, NO_COLOR: '1' };
    const jest = join('node_modules', 'jest', 'bin', 'jest.js');
    const { stderr } = await promisify(execFile)(process.execPath, [jest, '--ci'], { cwd: folder, env });
    expect(stderr).toMatch(/Tests: +4 passed, 4 total/);
  }, 180_000);
});
