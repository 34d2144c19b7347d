// The code of docs/34-coming-from-fastify-session.md runs as it stands, with a session that @fastify/session has written.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { visitOldApp } from '../http/moving-in/support/old-app.js';
import { DAY } from '../support/world.js';
import { HttpClient, testDatabase } from '../support/http.js';
import { blockOf, codeLoader, contextOf } from './support/run-code.js';

const PAGE = 'docs/34-coming-from-fastify-session.md';
const SECRET = 'the secret of the old app, and more of it';
const { db, uri } = testDatabase();
const load = codeLoader('fastify-guide');

/** Replaces what is there exactly once. */
function replaceOnce(code: string, text: string, replacement: string): string {
  const parts = code.split(text);
  expect(parts).toHaveLength(2);
  return parts.join(replacement);
}

async function startGuide(): Promise<HttpClient> {
  process.env['OLD_SECRET'] = SECRET;
  onTestFinished(() => void delete process.env['OLD_SECRET']);
  await load('passport.ts', contextOf('passport.ts'));
  await load('account.controller.ts', blockOf(PAGE, 'account.controller.ts'));
  const until = new Date(Date.now() + 30 * DAY).toISOString();
  const module = replaceOnce(blockOf(PAGE, 'app.module.ts'), 'mongodb://localhost/shop', uri);
  await load('app.module.ts', replaceOnce(module, '2027-02-01', until));
  const main = replaceOnce(blockOf(PAGE, 'main.ts'), 'new FastifyAdapter()', 'new FastifyAdapter(), { logger: false }');
  const start = `await app.listen(0, '127.0.0.1');\nexport { app };`;
  const loaded: unknown = await load('main.ts', replaceOnce(main, 'await app.listen(3000);', start));
  const { app } = loaded as { app: NestFastifyApplication };
  const client = new HttpClient(await app.getUrl());
  onTestFinished(async () => {
    client.close();
    await app.close();
  });
  return client;
}

describe('the guide for @fastify/session', { timeout: 60_000 }, () => {
  test('keeps an old session logged in, and logs in and out with passport and CSRF tokens', async () => {
    const old = { library: '@fastify/session', uri, collection: 'sessions', secrets: [SECRET] } as const;
    const [cookies] = await visitOldApp({ ...old, data: { passport: 'ada', cart: ['tea'] } });
    const browser = await startGuide();
    const [name, value] = cookies![0]!.split(/=(.*)/s) as [string, string];
    browser.jar.set(name, value);

    const me = async () => JSON.parse((await browser.get('/me')).body) as unknown;
    const token = async () => (JSON.parse((await browser.get('/form')).body) as { csrfToken: string }).csrfToken;
    const post = async (path: string, body: object = {}, csrf = '') =>
      (await browser.post(path, body, { headers: { 'csrf-token': csrf } })).status;
    const ada = { username: 'ada', password: 'analytical-engine' };
    const nobody = { name: null, userId: null };

    expect(await me()).toEqual({ name: 'Ada', userId: 'ada' });
    expect([...browser.jar.keys()]).toEqual(['id']);
    expect(await db.collection('user_sessions').findOne({ userId: 'ada' })).toMatchObject({ data: { cart: ['tea'] } });
    expect(await db.collection('sessions').countDocuments()).toBe(0);

    expect(await post('/logout')).toBe(403);
    expect(await post('/logout', {}, await token())).toBe(201);
    expect(await me()).toEqual(nobody);
    expect(await post('/login', { ...ada, password: 'difference-engine' }, await token())).toBe(401);
    expect(await post('/login', ada, await token())).toBe(201);
    expect(await me()).toEqual({ name: 'Ada', userId: 'ada' });
    expect(await post('/logout', {}, await token())).toBe(201);
    expect(await me()).toEqual(nobody);
  });
});
