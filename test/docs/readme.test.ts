// The README's code runs as it stands, on both platforms: only the address of MongoDB and the start are the test's own.
import type { Type } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { PLATFORMS, startApp, type TestApp, testDatabase } from '../support/http.js';
import { blockOf as blockIn, codeLoader, contextOf } from './support/run-code.js';

const { db, uri } = testDatabase();
const load = codeLoader('readme');
const blockOf = (file: string) => blockIn('README.md', file);

/** Replaces what is there exactly once. */
function replaceOnce(code: string, text: string, replacement: string): string {
  const parts = code.split(text);
  expect(parts).toHaveLength(2);
  return parts.join(replacement);
}

async function loadQuickStart(): Promise<Type> {
  const code = replaceOnce(blockOf('main.ts'), `'mongodb://localhost/shop'`, JSON.stringify(uri));
  // In a function, as in Nest's own main.ts, because a project of Nest 11 is CommonJS.
  expect(code).not.toMatch(/^(const .* = )?await /m);
  return (await load('main.ts', replaceOnce(code, 'void bootstrap();', 'export { AppModule };'))).AppModule!;
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
  const { Users } = await load('users.service.ts', contextOf('users.service.ts'));
  const { AuthController } = await load('auth.controller.ts', blockOf('auth.controller.ts'));
  return startApp({
    platform,
    sessions: { collection: 'logins', db },
    controllers: [AuthController!],
    providers: [Users!],
  });
}
