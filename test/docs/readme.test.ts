// The README's code runs as it stands, on both platforms: only the address of MongoDB and the start are the test's own.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { PLATFORMS, startApp, type TestApp, testDatabase } from '../support/http.js';
import { contexts } from './support/compile.js';
import { codeBlocksOf, readPage, root } from './support/pages.js';

const { db, uri } = testDatabase();
const folder = join(root, '.cache', `readme-${process.pid}`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The block that names this file in its first line. */
function blockOf(file: string): string {
  const found = codeBlocksOf(readPage('README.md')).find(({ code }) => code.startsWith(`// src/${file}\n`));
  if (!found) throw new Error(`The README has no block of src/${file}`);
  return found.code;
}

/** Replaces what is there exactly once. */
function replaceOnce(code: string, text: string, replacement: string): string {
  const parts = code.split(text);
  expect(parts).toHaveLength(2);
  return parts.join(replacement);
}

/** Compiles the file as the app's own compiler would, next to the others, and loads it. */
async function load(file: string, code: string): Promise<Record<string, Type>> {
  mkdirSync(folder, { recursive: true });
  const library = code.replaceAll(`'nestjs-mongo-sessions'`, JSON.stringify(join(root, 'lib/index.ts')));
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
}

async function loadQuickStart(): Promise<Type> {
  const code = replaceOnce(blockOf('main.ts'), `'mongodb://localhost/shop'`, JSON.stringify(uri));
  const start = 'const app = await NestFactory.create(AppModule);\nawait app.listen(3000);\n';
  return (await load('main.ts', replaceOnce(code, start, 'export { AppModule };'))).AppModule!;
}

describe.each(PLATFORMS)('B27: the README on %s', (platform) => {
  test('its quick start keeps a cart, in the collection that it names', async () => {
    const app = await startApp({ platform, imports: [await loadQuickStart()] });
    const browser = app.client();
    expect((await browser.get('/cart')).body).toBe('[]');
    expect((await browser.post('/cart', { name: 'tea', amount: 2 })).status).toBe(201);
    expect((await browser.post('/cart', { name: 'mug', amount: 1 })).status).toBe(201);
    expect((await browser.get('/cart')).body).toBe('[{"name":"tea","amount":2},{"name":"mug","amount":1}]');
    expect(await db.collection('sessions').countDocuments({ 'data.items.1.name': 'mug' })).toBeGreaterThan(0);
    expect((await app.client().get('/cart')).body).toBe('[]');
  });

  test('its login gives a new token, guards a route, and ends', async () => {
    const app = await startLogin(platform);
    const browser = app.client();
    const change = () => browser.post('/password', { password: 'a-new-one' });
    expect((await change()).status).toBe(401);
    expect((await browser.post('/login', { name: 'ada', password: 'wrong' })).status).toBe(401);
    expect(browser.jar.size).toBe(0);
    const login = await browser.post('/login', { name: 'ada', password: 'analytical-engine' });
    expect([login.status, login.cookies.length]).toEqual([201, 1]);
    const old = new Map(browser.jar);
    expect((await change()).status).toBe(201);
    await browser.post('/login', { name: 'ada', password: 'a-new-one' });
    expect([...browser.jar]).not.toEqual([...old]);
    expect((await browser.post('/logout', {})).status).toBe(201);
    expect((await change()).status).toBe(401);
  });
});

async function startLogin(platform: TestApp['platform']): Promise<TestApp> {
  const { Users } = await load('users.service.ts', readFileSync(join(contexts, 'users.service.ts'), 'utf8'));
  const { AuthController } = await load('auth.controller.ts', blockOf('auth.controller.ts'));
  return startApp({
    platform,
    sessions: { collection: 'logins', db },
    controllers: [AuthController!],
    providers: [Users!],
  });
}
