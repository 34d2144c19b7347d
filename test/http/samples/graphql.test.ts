// sample/05-graphql, built as its user builds it: its README by hand, real clients, and two tabs in Chromium, on both platforms.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, createClient } from 'graphql-ws';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type BuiltSample, type RunningApp, buildSample, startApp } from '../../../tools/demo/sample.mjs';
import { hasChromium, launchChromium } from '../../support/chromium.js';
import { HttpClient, testDatabase } from '../../support/http.js';
import { hasCurl, outputOf } from './support/processes.js';

const SETUP_MS = 120_000;
const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
const TEA = 'mutation { addToCart(product: TEA) { product quantity } }';
const LOGIN = 'mutation { login(username: "ada", password: "analytical-engine") { name } }';
const LIVE = 'subscription { cartChanges { product quantity } }';

let sample: BuiltSample;
beforeAll(async () => {
  sample = await buildSample('05-graphql');
}, SETUP_MS);
afterAll(() => sample?.remove());

test('sample 05-graphql ends a subscription that waits for a change at once', async () => {
  const { href } = pathToFileURL(join(sample.folder, 'dist/cart-feed.js'));
  const { CartFeed } = (await import(href)) as {
    CartFeed: new () => { watch(session: object): AsyncIterableIterator<object>; publish(session: object): void };
  };
  const feed = new CartFeed();
  const session = { handle: 'a' };
  const changes = feed.watch(session);
  expect(await changes.next()).toEqual({ value: session });
  const change = changes.next();
  feed.publish({ handle: 'b' });
  feed.publish(session);
  expect(await change).toEqual({ value: session });
  const waiting = changes.next();
  await changes.return!();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

describe.each(['express', 'fastify'] as const)('sample 05-graphql on %s', { timeout: 60_000 }, (platform) => {
  const database = testDatabase();
  const sessions = () => database.db.collection('sessions');
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp({ folder: sample.folder, platform, uri: database.uri });
  }, SETUP_MS);
  afterAll(() => app?.stop());
  beforeEach(() => sessions().deleteMany({}));

  function visitor(): HttpClient {
    const client = new HttpClient(app.url);
    onTestFinished(() => client.close());
    return client;
  }
  async function ask(client: HttpClient, query: string): Promise<{ data: unknown; errors?: unknown[] }> {
    const { body } = await client.post('/graphql', { query });
    return JSON.parse(body) as { data: unknown };
  }
  /** A client of graphql-ws that sends the cookies of a browser. */
  function socketOf(browser: HttpClient, headers: Record<string, string> = {}): Client {
    class Socket extends WebSocket {
      constructor(url: string, protocols: string) {
        const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ');
        super(url, protocols, { headers: { cookie, ...headers } });
      }
    }
    const url = `${app.url.replace('http', 'ws')}/graphql`;
    const client = createClient({ url, webSocketImpl: Socket, retryWait: () => new Promise(setImmediate) });
    onTestFinished(() => void client.dispose());
    return client;
  }
  const cartOf = (...quantities: number[]) => quantities.map((quantity) => ({ product: 'TEA', quantity }));

  test('does what its README says, step by step', async (context) => {
    context.skip(!(await hasCurl()), 'curl is not installed');
    const folder = await mkdtemp(join(tmpdir(), 'sample-05-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const readme = await readFile(join(sample.folder, 'README.md'), 'utf8');
    const steps = readme.slice(readme.indexOf('## Step by step'), readme.indexOf('## What to look at'));
    const blocks = [...steps.matchAll(/```bash\n([\s\S]+?)```/g)].map(([, block]) => block!);
    const lines = blocks.join('').replaceAll('http://127.0.0.1:3000', app.url).trim().split('\n');
    const watching = lines.findIndex((line) => line.startsWith('npm run watch'));
    const isPrinted = (line: string) => line.startsWith('# ');
    const run = async (part: string[]) => {
      const { json } = await outputOf(spawn('bash', ['-euc', part.join('\n')], { cwd: folder, stdio }));
      expect(json).toEqual(part.filter(isPrinted).map((line) => JSON.parse(line.slice(2)) as unknown));
    };

    await run(lines.slice(0, watching));
    const file = join(folder, 'cookies.txt');
    const url = `${app.url.replace('http', 'ws')}/graphql`;
    const watcher = spawn(process.execPath, [join(sample.folder, 'watch.mjs'), file, url], { stdio });
    onTestFinished(() => void watcher.kill());
    const watched = outputOf(watcher);
    await once(watcher.stdout, 'data');
    const defined = lines[0]!;
    await run([defined, ...lines.slice(watching + 2)]);
    const { json, rest } = await watched;
    const [tea, lamp] = [cartOf(1)[0], { product: 'LAMP', quantity: 1 }];
    expect(json).toEqual([[tea], [tea, lamp], []]);
    expect(rest).toBe('The session has ended.');
  });

  test('keeps the cart of a visitor over the login, and stores nothing for a query', async () => {
    const browser = visitor();
    await ask(browser, '{ me { name } cart { product } }');
    expect(await sessions().countDocuments()).toBe(0);
    await ask(browser, TEA);
    await ask(browser, TEA);
    const wrong = await ask(browser, 'mutation { login(username: "ada", password: "guess") { name } }');
    expect(wrong.errors).toMatchObject([{ extensions: { code: 'WRONG_PASSWORD' } }]);
    await ask(browser, LOGIN);
    expect(await ask(browser, '{ me { name } cart { product quantity } }')).toEqual({
      data: { me: { name: 'Ada Lovelace' }, cart: cartOf(2) },
    });
    expect(await ask(browser, 'mutation { order }')).toEqual({ data: { order: 'Ada Lovelace has ordered 2 things.' } });
  });

  test('takes no query that a form of another site could send', async () => {
    const browser = visitor();
    await ask(browser, TEA);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ query: TEA }).toString();
    expect((await browser.request('/graphql', { method: 'POST', headers, body })).status).toBe(400);
    expect((await browser.request(`/graphql?query=${encodeURIComponent(TEA)}`)).status).toBeGreaterThanOrEqual(400);
    expect(await ask(browser, '{ cart { product quantity } }')).toEqual({ data: { cart: cartOf(1) } });
  });

  test('shows the cart live, comes back after a login, and closes with 4401 at the logout', async () => {
    const browser = visitor();
    await ask(browser, TEA);
    const client = socketOf(browser);
    const closed: number[] = [];
    client.on('closed', (event) => closed.push((event as { code: number }).code));
    const changes = client.iterate({ query: LIVE });
    const next = async () => (await changes.next()).value as unknown;
    expect(await next()).toEqual({ data: { cartChanges: cartOf(1) } });
    await ask(browser, TEA);
    expect(await next()).toEqual({ data: { cartChanges: cartOf(2) } });
    const connected = new Promise((resolve) => client.on('connected', resolve));
    await ask(browser, LOGIN);
    await connected;
    expect(await next()).toEqual({ data: { cartChanges: cartOf(2) } });
    await ask(browser, 'mutation { order }');
    expect(await next()).toEqual({ data: { cartChanges: [] } });
    const end = changes.next().catch((error: { code: number }) => error.code);
    await ask(browser, 'mutation { logout }');
    expect(await end).toBe(4401);
    expect(closed).toEqual([4000, 4401]);
  });

  test('gives no subscription to a visitor without a session, and none to a page of another site', async () => {
    const browser = visitor();
    const refused = async (client: Client) => {
      const error = await client
        .iterate({ query: LIVE })
        .next()
        .then(
          ({ value }) => (value as { errors?: unknown[] }).errors,
          (errors: unknown[]) => errors,
        );
      expect(error).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    };
    await refused(socketOf(browser));
    await ask(browser, TEA);
    await refused(socketOf(browser, { origin: 'https://evil.example' }));
    const own = socketOf(browser, { origin: app.url }).iterate({ query: LIVE });
    expect((await own.next()).value).toEqual({ data: { cartChanges: cartOf(1) } });
  });

  describe.skipIf(!hasChromium)('in Chromium', () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchChromium();
    }, SETUP_MS);
    afterAll(() => browser?.close());

    test('shows in one tab what another one adds, and the logout in both', async () => {
      const context = await browser.newContext({ baseURL: app.url });
      onTestFinished(() => context.close());
      const [first, second] = [await context.newPage(), await context.newPage()];
      const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
      const row = (page: Page, text: string) => page.getByRole('listitem').filter({ hasText: text }).waitFor();

      await first.goto('/');
      await press(first, 'Order');
      await first.getByText('Log in first.').waitFor();
      await press(first, 'Add tea');
      await first.getByText('live', { exact: true }).waitFor();
      await second.goto('/');
      await second.getByText('live', { exact: true }).waitFor();
      await press(second, 'Add lamp');
      await row(first, 'Lamp × 1');

      await first.getByLabel('Name').fill('ada');
      await first.getByLabel('Password').fill('analytical-engine');
      await press(first, 'Log in');
      // The socket of the other tab was closed, and is back.
      for (const page of [first, second]) await page.getByText('You are Ada Lovelace').waitFor();
      await press(second, 'Order');
      await second.getByText('Ada Lovelace has ordered 2 things.').waitFor();
      await expect.poll(() => first.getByRole('listitem').count()).toBe(0);

      await press(second, 'Log out');
      for (const page of [first, second]) await page.getByText('You have been signed out.').waitFor({ timeout: 5000 });
      expect(await sessions().countDocuments()).toBe(0);
    });
  });
});
