// sample/03-json-api-csrf, built as its user builds it: a page on another origin in Chromium, and pages that attack it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type BuiltSample, type RunningApp, buildSample, startApp } from '../../../tools/demo/sample.mjs';
import { hasChromium, launchChromium } from '../../support/chromium.js';
import { HttpClient, testDatabase } from '../../support/http.js';

const SETUP_MS = 120_000;

describe('sample 03-json-api-csrf', { timeout: 60_000 }, () => {
  const database = testDatabase();
  let sample: BuiltSample | undefined;
  let app: RunningApp;
  let pageOrigin: string;

  beforeAll(async () => {
    sample = await buildSample('03-json-api-csrf');
    app = await startApp({ folder: sample.folder, platform: 'express', uri: database.uri });
    pageOrigin = /Page on (\S+)/.exec(app.output())![1]!;
  }, SETUP_MS);

  afterAll(async () => {
    await app?.stop();
    await sample?.remove();
  });

  test('gives a first visitor a token that is valid until the login', async () => {
    const client = new HttpClient(app.url);
    onTestFinished(() => client.close());
    const tokenOf = async () => (JSON.parse((await client.get('/csrf')).body) as { csrfToken: string }).csrfToken;
    const post = async (path: string, body: object, token = '') =>
      (await client.post(path, body, { headers: { 'x-csrf-token': token } })).status;
    const ada = { username: 'ada', password: 'analytical-engine' };

    const token = await tokenOf();
    expect(await post('/notes', { text: 'tea' })).toBe(403);
    expect(await post('/notes', { text: 'tea' }, token)).toBe(200);
    expect(await post('/login', { ...ada, password: 'difference-engine' }, token)).toBe(401);
    expect(await post('/login', ada, token)).toBe(204);
    expect(await post('/notes', { text: 'lamp' }, token)).toBe(403);
    expect(await post('/notes', { text: 'lamp' }, await tokenOf())).toBe(200);
    expect((await client.get('/notes')).body).toBe('["tea","lamp"]');
  });

  test('lets the page of one origin in, and no other', async () => {
    const client = new HttpClient(app.url);
    onTestFinished(() => client.close());
    for (const origin of [pageOrigin, 'https://evil.example']) {
      const { headers } = await client.get('/csrf', { headers: { origin } });
      expect(headers['access-control-allow-origin']).toBe(pageOrigin);
      expect(headers['access-control-allow-credentials']).toBe('true');
    }
  });

  describe.skipIf(!hasChromium)('in Chromium', () => {
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;

    beforeAll(async () => {
      browser = await launchChromium();
    }, SETUP_MS);
    afterAll(() => browser?.close());
    beforeEach(async () => {
      context = await browser.newContext();
      onTestFinished(() => context.close());
      page = await context.newPage();
      await page.goto(pageOrigin);
      await page.getByText('You are nobody').waitFor();
    });

    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    const add = async (text: string) => {
      await page.getByLabel('Note').fill(text);
      await press('Add');
      await page.getByRole('listitem').filter({ hasText: text }).waitFor();
    };
    const notes = () => page.getByRole('listitem').allTextContents();

    /** A page of another origin: another port of this host is of the same site, so that its requests carry the cookie. */
    async function attacker(html: string): Promise<string> {
      const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => server.close().closeAllConnections());
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    test('keeps the notes of a visitor over the login, and nothing after the logout', async () => {
      await add('tea');
      await page.getByLabel('Name').fill('ada');
      await page.getByLabel('Password').fill('analytical-engine');
      await press('Log in');
      await page.getByText('You are ada').waitFor();
      await add('lamp');
      await page.reload();
      await page.getByText('You are ada').waitFor();
      await page.getByRole('listitem').nth(1).waitFor();
      expect(await notes()).toEqual(['tea', 'lamp']);
      await press('Log out');
      await page.getByText('You are nobody').waitFor();
      expect(await notes()).toEqual([]);
    });

    test('takes no form of another origin, though the browser sends the cookie with it', async () => {
      await add('tea');
      const form = `<form method="post" action="${app.url}/notes"><input name="text" value="stolen"><button>Win</button></form>`;
      await page.goto(await attacker(form));
      const [response] = await Promise.all([page.waitForResponse(`${app.url}/notes`), press('Win')]);
      expect(response.status()).toBe(403);
      expect((await response.request().allHeaders())['cookie']).toContain('id=');
      await page.goto(pageOrigin);
      await page.getByRole('listitem').waitFor();
      expect(await notes()).toEqual(['tea']);
    });

    test('lets no script of another origin read or write', async () => {
      await add('tea');
      await page.goto(await attacker('<p>Hello</p>'));
      const attempt = (path: string, method: string) =>
        page.evaluate(
          `fetch('${app.url}${path}', { method: '${method}', credentials: 'include', headers: { 'x-csrf-token': 'guess' } }).then(() => 'read', () => 'refused')`,
        );
      expect(await attempt('/csrf', 'GET')).toBe('refused');
      expect(await attempt('/notes', 'POST')).toBe('refused');
    });
  });
});
