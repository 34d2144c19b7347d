// The sample's page as a visitor without JavaScript has it: Debian's Chromium (`apt-get install chromium`), scripts off.
import mongoose from 'mongoose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHROMIUM, hasChromium, launchChromium } from '../support/chromium.js';
import { type BuiltSample, type RunningApp, buildSample, startApp } from '../../tools/demo/sample.mjs';
import { testDatabase } from '../support/http.js';

const missing = !hasChromium;
if (missing) console.warn(`The sample page was not tried in a browser: there is no ${CHROMIUM}.`);

// Compiling the library and the sample takes seconds, and a busy machine makes many of them.
const SETUP_MS = 120_000;

describe.skipIf(missing)('the sample page in Chromium, without JavaScript', { timeout: 30_000 }, () => {
  let sample: BuiltSample;
  let browser: Browser;

  beforeAll(async () => {
    sample = await buildSample('01-counter-cart-login');
    browser = await launchChromium();
  }, SETUP_MS);

  afterAll(async () => {
    await browser?.close();
    await sample?.remove();
  });

  describe.each(['express', 'fastify'] as const)('on %s', (platform) => {
    const database = testDatabase();
    let app: RunningApp;
    let context: BrowserContext;
    let page: Page;
    let problems: string[];

    beforeAll(async () => {
      app = await startApp({ folder: sample.folder, platform, uri: database.uri });
    }, SETUP_MS);

    afterAll(() => app?.stop());

    beforeEach(async () => {
      problems = [];
      context = await browser.newContext({ javaScriptEnabled: false, baseURL: app.url });
      page = await context.newPage();
      // Blocked by the page's own policy, missing, broken: the browser says so in its console.
      page.on('console', (message) => {
        // Asked for by the browser itself, some time after an answer that is no page and names no icon.
        if (!message.location().url.endsWith('/favicon.ico')) problems.push(message.text());
      });
      page.on('requestfailed', (request) => problems.push(`${request.url()} failed`));
      page.on('request', (request) => {
        if (!request.url().startsWith('data:') && !request.url().startsWith(app.url))
          problems.push(`${request.url()} is elsewhere`);
      });
      await page.goto('/');
    });

    afterEach(async () => {
      await context.close();
      expect(problems).toEqual([]);
    });

    /** Presses a button and waits for the whole page that comes: a test that ended sooner would break it off. */
    async function press(name: string) {
      await page.getByRole('button', { name, exact: true }).click();
      await page.waitForLoadState();
    }

    const clicks = () => page.locator('#clicks').textContent();
    const line = (product: string) => page.locator('#lines').getByRole('row', { name: product });
    const cookies = () => context.cookies();
    const sessions = () => database.db.collection('sessions').countDocuments();

    async function logIn(name: string, password: string) {
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('Password').fill(password);
      await press('Log in');
    }

    async function changePassword(password: string) {
      await page.getByLabel('New password').fill(password);
      await press('Change password');
    }

    test('shows a first visitor everything, and keeps nothing', async () => {
      const before = await sessions();
      expect(await page.title()).toBe('Counter, cart and login');
      expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
        ...['Counter', 'Log in', 'Cart', 'Your session'],
      ]);
      expect(await clicks()).toBe('0');
      expect(await page.getByText('There is none yet').isVisible()).toBe(true);
      // The style sheet is there and applied.
      expect(await page.evaluate('getComputedStyle(document.querySelector("main")).display')).toBe('grid');
      expect(await cookies()).toEqual([]);
      expect(await sessions()).toBe(before);
    });

    test('counts, and a reload sends nothing twice', async () => {
      await press('Click');
      await press('Click');
      await press('Click');
      expect(await clicks()).toBe('3');
      expect(page.url()).toBe(`${app.url}/`);
      await page.reload();
      expect(await clicks()).toBe('3');
      expect(await cookies()).toMatchObject([{ name: 'id', httpOnly: true, sameSite: 'Lax', expires: -1 }]);
      const handle = await page.locator('#session-handle').textContent();
      expect(await page.locator('#document').textContent()).toContain(`"$oid": "${handle}"`);
      expect(await page.locator('#document').textContent()).not.toContain('secretHash": ');
    });

    test('fills a cart and empties it, with names that look like markup', async () => {
      await press('Add Book “2 < 3” to the cart');
      await press('Add Tea & biscuits to the cart');
      await press('Add Tea & biscuits to the cart');
      expect(await line('Tea & biscuits').getByRole('cell').allTextContents()).toEqual([
        '2',
        '€9.00',
        expect.stringContaining('Remove'),
      ]);
      expect(await page.getByRole('row', { name: 'Total' }).textContent()).toContain('€21.50');
      await press('Remove Book “2 < 3”');
      expect(await line('Book').count()).toBe(0);
      await press('Remove Tea & biscuits');
      expect(await page.getByText('The cart is empty.').isVisible()).toBe(true);
      // An emptied session is none: cookie and document are gone with it.
      expect(await page.getByText('There is none yet').isVisible()).toBe(true);
      expect(await cookies()).toEqual([]);
    });

    test('refuses a wrong password without telling who exists, and begins no session for it', async () => {
      await logIn('ada', 'difference-engine');
      const told = await page.getByRole('alert').textContent();
      await logIn('"><b>nobody</b>', 'difference-engine');
      expect(await page.getByRole('alert').textContent()).toBe(told);
      expect(await cookies()).toEqual([]);
    });

    test('logs in with a new token and the cart, logs out, and the back button shows nothing of before', async () => {
      await press('Click');
      await press('Add Desk lamp to the cart');
      const [before] = await cookies();
      const id = await page.locator('#session-id').textContent();

      await logIn('grace', 'first-compiler');
      expect(await page.locator('#user').textContent()).toBe('Grace Hopper');
      expect(await line('Desk lamp').count()).toBe(1);
      expect(await clicks()).toBe('0');
      const [after] = await cookies();
      expect(after?.value).not.toBe(before?.value);
      expect(await page.locator('#session-id').textContent()).not.toBe(id);

      // Under an address of its own: the browser could show this page again without asking, if it had kept it.
      await page.goto('/?private');
      expect(await page.locator('#user').count()).toBe(1);
      await press('Log out');
      expect(await page.getByRole('heading', { name: 'Log in' }).isVisible()).toBe(true);
      expect(await cookies()).toEqual([]);

      await page.goBack();
      expect(page.url()).toBe(`${app.url}/?private`);
      expect(await page.locator('#user').count()).toBe(0);
      expect(await page.getByText('There is none yet').isVisible()).toBe(true);
      expect(await cookies()).toEqual([]);
    });

    test('changes the password, with a new token, and ends the sessions of other browsers', async () => {
      await logIn('ada', 'analytical-engine');
      const elsewhere = await browser.newContext({ javaScriptEnabled: false, baseURL: app.url });
      const other = await elsewhere.newPage();
      await other.goto('/');
      await other.getByLabel('Name').fill('ada');
      await other.getByLabel('Password').fill('analytical-engine');
      await other.getByRole('button', { name: 'Log in' }).click();
      expect(await other.locator('#user').textContent()).toBe('Ada Lovelace');

      const [before] = await cookies();
      await changePassword('short');
      expect(await page.getByRole('alert').textContent()).toContain('8 to 256 characters');
      await changePassword('difference-engine');
      expect(await page.getByRole('alert').textContent()).toContain('Your password is changed');
      expect(await page.locator('#user').textContent()).toBe('Ada Lovelace');
      expect((await cookies())[0]?.value).not.toBe(before?.value);
      await other.reload();
      expect(await other.locator('#user').count()).toBe(0);
      await elsewhere.close();

      await press('Log out');
      await logIn('ada', 'analytical-engine');
      expect(await page.getByRole('alert').textContent()).toContain('no name and password');
      await logIn('ada', 'difference-engine');
      await changePassword('analytical-engine');
      expect(await page.getByRole('alert').textContent()).toContain('Your password is changed');
      await press('Log out');
    });

    test('asks who logged in too long ago to log in again before the password is changed', async () => {
      await logIn('grace', 'first-compiler');
      const handle = await page.locator('#session-handle').textContent();
      const of = { _id: new mongoose.mongo.ObjectId(handle!) };
      const minutesAgo = new Date(Date.now() - 11 * 60_000);
      await database.db.collection('sessions').updateOne(of, { $set: { 'meta.authenticatedAt': minutesAgo } });

      await changePassword('second-compiler');
      expect(await page.getByRole('alert').textContent()).toBe('Log in again, then change your password.');
      // They are logged in as before, with the password of before.
      expect(await page.locator('#user').textContent()).toBe('Grace Hopper');
      await press('Log out');
      await logIn('grace', 'first-compiler');
      expect(await page.locator('#user').textContent()).toBe('Grace Hopper');
    });

    test('takes no form from a page of another site', async () => {
      const before = await sessions();
      const form = `<form method="post" action="${app.url}/counter"><button>Win a prize</button></form>`;
      await page.goto(`data:text/html,${encodeURIComponent(form)}`);
      await press('Win a prize');
      expect(await page.locator('body').textContent()).toContain('Forbidden');
      expect(await cookies()).toEqual([]);
      expect(await sessions()).toBe(before);
      // The browser tells its console of the 403, as it should; that answer is no page and names no icon.
      expect(problems.splice(0)).toContainEqual(expect.stringContaining('403'));
    });
  });
});
