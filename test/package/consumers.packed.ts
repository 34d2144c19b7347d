// The tarball in the apps of those who install it: it compiles there, loads by require and by import, and works over
// HTTP against MongoDB on both platforms, each without the packages of the other.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { testDatabase } from '../support/mongo.js';
import { startConsumer, without, type Platform } from './support/consumer-app.js';

const run = promisify(execFile);
const { consumers } = inject('packed');
const database = testDatabase();
const TSC = join('node_modules', 'typescript', 'bin', 'tsc');

const manifest = readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8');
const { exports } = JSON.parse(manifest) as { exports: object };
const entryPoints = Object.keys(exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => `nestjs-mongo-sessions${path.slice(1)}`);

function node(folder: string, ...args: string[]) {
  return run(process.execPath, args, { cwd: folder, env: { PATH: process.env['PATH'] } });
}

async function compile(folder: string, ...args: string[]): Promise<string> {
  const failed = await node(folder, TSC, ...args).catch((error: { stdout: string }) => error);
  return failed.stdout;
}

describe.each([
  {
    consumer: 'nest-11-commonjs',
    others: ['--module commonjs --moduleResolution node10', '--module preserve --moduleResolution bundler'],
    swc: 'commonjs',
    load: (name: string) => ['--eval', `console.log(Object.keys(require('${name}')).join())`],
  },
  {
    consumer: 'nest-12-esm',
    others: ['--module preserve --moduleResolution bundler'],
    swc: 'es6',
    load: (name: string) => [
      ...['--input-type=module', '--eval'],
      `console.log(Object.keys(await import('${name}')).join())`,
    ],
  },
])('$consumer', ({ consumer, others, swc, load }) => {
  const folder = join(consumers, consumer);
  let compiled: string;

  // Writes the app's dist folder, even if something is wrong with the types.
  beforeAll(async () => {
    compiled = await compile(folder, '--skipLibCheck', 'false');
  }, 240_000);

  it('compiles, with every declaration file checked', () => {
    expect(compiled).toBe('');
  });

  it.each(others)('compiles with %s', async (options) => {
    expect(await compile(folder, '--noEmit', ...options.split(' '))).toBe('');
  });

  it.each(entryPoints)('loads %s without a warning', async (name) => {
    const { stdout, stderr } = await node(folder, ...load(name));
    expect(stdout.trim()).toMatch(/\w+(,\w+)+/);
    expect(stderr).toBe('');
  });

  it.each<[Platform, Platform]>([
    ['express', 'fastify'],
    ['fastify', 'express'],
  ])('keeps on %s, with no %s installed, what a visitor did until the logout', async (platform, other) => {
    await without(other, folder, async () => {
      const app = await startConsumer(folder, platform, database.uri);
      try {
        await visit(`${app.url}/visits`);
        await fillCart(`${app.url}/cart`);
        await useAccount(app.url);
      } finally {
        expect(await app.close()).toEqual({ status: 0, stderr: '' });
      }
    });
  });

  describe('B9: the session passes the ValidationPipe', () => {
    // With isolatedModules, it is the app of the tests above.
    it.each([
      ['tsc without isolatedModules', 'dist-whole', [TSC, '--isolatedModules', 'false', '--outDir', 'dist-whole']],
      ['SWC', 'dist-swc', ['swc.cjs', swc, 'dist-swc']],
    ])('compiled by %s', async (_, dist, command) => {
      await node(folder, ...command);
      const app = await startConsumer(folder, 'express', database.uri, dist);
      try {
        await fillCart(`${app.url}/cart`);
      } finally {
        expect(await app.close()).toEqual({ status: 0, stderr: '' });
      }
    });

    it('compiled by vitest', async () => {
      const env = { PATH: process.env['PATH'], MONGODB_URI: database.uri, NO_COLOR: '1' };
      const { stdout } = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run'], { cwd: folder, env });
      expect(stdout).toMatch(/Tests +1 passed \(1\)/);
    });
  });
});

/** The body is made an Item, and the session stays one. */
async function fillCart(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'tea', quantity: 2, price: 0 });
  const added = await fetch(url, { method: 'POST', headers, body });
  expect(await added.json()).toEqual({ isItem: true, isNew: false });
  const cookie = added.headers.getSetCookie()[0]!.split(';')[0]!;
  expect(await (await fetch(url, { headers: { cookie } })).json()).toEqual([{ name: 'tea', quantity: 2 }]);
  expect(await (await fetch(`${url}/promote`, { method: 'POST', headers: { cookie } })).json()).toEqual({});
  const wrong = await fetch(url, { method: 'POST', headers: { ...headers, cookie }, body: '{"name":1}' });
  expect(wrong.status).toBe(400);
  const left = await fetch(url.replace('/cart', '/visits'), { method: 'DELETE', headers: { cookie } });
  expect(left.status).toBe(204);
}

/** Guards, the user, a service without the request, and a job. */
async function useAccount(url: string): Promise<void> {
  const send = (path: string, method = 'GET', cookie = '') => fetch(url + path, { method, headers: { cookie } });
  const cookieOf = ({ headers }: Response) => headers.getSetCookie()[0]!.split(';')[0]!;
  expect((await send('/account')).status).toBe(401);
  expect((await send('/account/login', 'POST')).status).toBe(403);
  const visitor = cookieOf(await send('/visits', 'POST'));
  const login = await send('/account/login', 'POST', visitor);
  const { handle } = (await login.json()) as { handle: string };
  const cookie = cookieOf(login);
  expect(await (await send('/account', 'GET', cookie)).json()).toEqual({ name: 'Ada', visits: 1 });
  expect(await (await send(`/account/reset/${handle}`, 'POST')).json()).toEqual({ isDone: true });
  expect(await (await send('/account', 'GET', cookie)).json()).toEqual({ name: 'Ada', visits: 0 });
  expect((await send('/visits', 'DELETE', cookie)).status).toBe(204);
  expect(await (await send(`/account/reset/${handle}`, 'POST')).json()).toEqual({ isDone: false });
}

async function visit(url: string): Promise<void> {
  const stranger = await fetch(url);
  expect(await stranger.json()).toEqual({ visits: 0 });
  expect(stranger.headers.getSetCookie()).toEqual([]);

  const first = await fetch(url, { method: 'POST' });
  expect(await first.json()).toEqual({ visits: 1 });
  const [setCookie = ''] = first.headers.getSetCookie();
  expect(setCookie).toMatch(/^id=[\w-]{59}; /);
  const cookie = setCookie.slice(0, setCookie.indexOf(';'));
  const headers = { cookie };

  expect(await (await fetch(url, { method: 'POST', headers })).json()).toEqual({ visits: 2 });
  expect(await (await fetch(url, { headers })).json()).toEqual({ visits: 2 });
  expect(await documents()).toBe(1);

  const logout = await fetch(url, { method: 'DELETE', headers });
  expect(logout.status).toBe(204);
  expect(logout.headers.getSetCookie()).toEqual([expect.stringMatching(/^id=;.*(Max-Age=0|Expires=Thu, 01 Jan 1970)/)]);
  expect(await (await fetch(url, { headers })).json()).toEqual({ visits: 0 });
  expect(await documents()).toBe(0);
}

function documents(): Promise<number> {
  return database.db.collection('sessions').countDocuments();
}
