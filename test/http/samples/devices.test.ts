// sample/04-devices, built as its user builds it: two browsers of one user, with and without JavaScript, on both platforms.
import mongoose from 'mongoose';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type BuiltSample, type RunningApp, buildSample, startApp } from '../../../tools/demo/sample.mjs';
import { hasChromium, launchChromium } from '../../support/chromium.js';
import { HttpClient, testDatabase } from '../../support/http.js';

const SETUP_MS = 120_000;
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

let sample: BuiltSample;
beforeAll(async () => {
  sample = await buildSample('04-devices');
}, SETUP_MS);
afterAll(() => sample?.remove());

describe.each(['express', 'fastify'] as const)('sample 04-devices on %s', { timeout: 60_000 }, (platform) => {
  const database = testDatabase();
  const sessions = () => database.db.collection('sessions');
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp({ folder: sample.folder, platform, uri: database.uri });
  }, SETUP_MS);
  afterAll(() => app?.stop());
  beforeEach(async () => {
    await sessions().deleteMany({});
    await database.db.collection('sessions.users').deleteMany({});
  });

  const csrfIn = (page: string) => /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  function newClient(twin?: HttpClient): HttpClient {
    const client = new HttpClient(app.url, twin?.jar);
    onTestFinished(() => client.close());
    return client;
  }
  async function logIn(username = 'ada', userAgent = WINDOWS): Promise<HttpClient> {
    const client = newClient();
    const csrf = csrfIn((await client.get('/login')).body);
    const password = username === 'ada' ? 'analytical-engine' : 'first-compiler';
    const { headers } = await client.post(
      '/login',
      { csrf, username, password },
      { headers: { 'user-agent': userAgent } },
    );
    expect(headers.location).toBe('/');
    return client;
  }
  const handleOf = (client: HttpClient) => Buffer.from(client.jar.get('id')!, 'base64url').toString('hex', 0, 12);

  test('ends nobody elses session, and no form of another session is taken', async () => {
    const [ada, grace] = [await logIn('ada'), await logIn('grace')];
    const csrf = csrfIn((await ada.get('/')).body);
    for (const handle of [handleOf(grace), 'f'.repeat(24), 'none', '{"$gt":""}']) {
      const { headers } = await ada.post('/devices/sign-out', { csrf, handle });
      expect(headers.location).toBe('/?notice=gone');
    }
    expect((await grace.post('/devices/sign-out-others', { csrf })).status).toBe(403);
    expect((await grace.get('/')).status).toBe(200);
  });

  test('lets nobody choose who knows only the token from before the password', async () => {
    for (let n = 0; n < 5; n++) await logIn();
    const client = newClient();
    const csrf = csrfIn((await client.get('/login')).body);
    const copy = newClient(client);
    const { headers } = await client.post('/login', { csrf, username: 'ada', password: 'analytical-engine' });
    expect(headers.location).toBe('/choose');
    expect((await copy.get('/choose')).body).not.toContain('choose one to sign out');
    expect((await client.get('/choose')).body).toContain('choose one to sign out');
  });

  describe.skipIf(!hasChromium)('in Chromium', () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchChromium();
    }, SETUP_MS);
    afterAll(() => browser?.close());

    async function open(options: BrowserContextOptions = {}): Promise<{ context: BrowserContext; page: Page }> {
      const context = await browser.newContext({ baseURL: app.url, userAgent: WINDOWS, ...options });
      onTestFinished(() => context.close());
      return { context, page: await context.newPage() };
    }
    const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();
    async function signIn(page: Page): Promise<void> {
      await page.goto('/login');
      await page.getByLabel('Name').fill('ada');
      await page.getByLabel('Password').fill('analytical-engine');
      await press(page, 'Sign in');
    }
    const rows = (page: Page) => page.locator('#devices > li');
    const isOver = (page: Page) => page.getByText('You have been signed out.').waitFor({ timeout: 1000 });

    test('shows a sign-out of another device there in under a second', async () => {
      const [laptop, phone] = [await open(), await open({ userAgent: PHONE })];
      await signIn(phone.page);
      await signIn(laptop.page);
      await rows(laptop.page).nth(1).waitFor();
      // Live: the phone hears of the login without a reload.
      await rows(phone.page).nth(1).waitFor({ timeout: 2000 });
      const [own, other] = [rows(laptop.page).nth(0), rows(laptop.page).nth(1)];
      expect(await own.textContent()).toMatch(/Chrome on Windows\s+This device[\s\S]+Active now/);
      expect(await other.textContent()).toMatch(/Safari on iOS[\s\S]+Active now[\s\S]+127\.0\.0\.1/);
      await Promise.all([isOver(phone.page), press(laptop.page, 'Sign out Safari on iOS')]);
      await laptop.page.getByText('The device is signed out.').waitFor();
      expect(await rows(laptop.page).count()).toBe(1);
      // What the browser remembers shows nothing either.
      await phone.page.goto('/login');
      await phone.page.goBack();
      await phone.page.getByLabel('Password').waitFor();
      expect(await rows(phone.page).count()).toBe(0);
    });

    test('signs out all others, and says how many', async () => {
      for (let n = 0; n < 3; n++) await logIn();
      const { page } = await open();
      await signIn(page);
      await page.getByRole('link', { name: 'Sign out all other devices' }).click();
      await page.getByText('This signs out 3 other devices.').waitFor();
      await press(page, 'Sign out 3 other devices');
      await page.getByText('3 other devices are signed out.').waitFor();
      expect(await rows(page).count()).toBe(1);
      expect(await sessions().countDocuments({ userId: 'ada' })).toBe(1);
    });

    test('asks for the password when the login is older than ten minutes, then does what was asked', async () => {
      await logIn();
      const { context, page } = await open();
      await signIn(page);
      const [cookie] = await context.cookies();
      const _id = new mongoose.mongo.ObjectId(Buffer.from(cookie!.value, 'base64url').toString('hex', 0, 12));
      await sessions().updateOne({ _id }, { $set: { 'meta.authenticatedAt': new Date(Date.now() - 11 * 60_000) } });
      await press(page, 'Sign out Chrome on Windows');
      await page.getByText('You signed in some time ago.').waitFor();
      expect(await sessions().countDocuments({ userId: 'ada' })).toBe(2);
      await page.getByLabel('Password').fill('difference-engine');
      await press(page, 'Confirm');
      await page.getByLabel('Password').fill('analytical-engine');
      await press(page, 'Confirm');
      await page.getByText('The device is signed out.').waitFor();
      expect(await sessions().countDocuments({ userId: 'ada' })).toBe(1);
    });

    test('lets a user with five devices choose one to sign out', async () => {
      const clients = [await logIn('ada', PHONE)];
      while (clients.length < 5) clients.push(await logIn());
      const { page } = await open();
      await signIn(page);
      await page.getByText('You are signed in on 5 devices, choose one to sign out.').waitFor();
      await page.getByLabel(/Safari on iOS/).check();
      await press(page, 'Sign out and continue');
      await rows(page).nth(4).waitFor();
      expect(await rows(page).count()).toBe(5);
      expect((await clients[0]!.get('/')).headers.location).toBe('/login');
      expect((await clients[1]!.get('/')).status).toBe(200);
    });

    test('works without JavaScript, and a name given to a device stays', async () => {
      await logIn('ada', PHONE);
      const { page } = await open({ javaScriptEnabled: false });
      await signIn(page);
      const phone = rows(page).nth(1);
      await phone.getByLabel('Name').fill('Kitchen <b>phone</b>');
      await phone.getByRole('button', { name: 'Rename' }).click();
      expect(await phone.locator('strong').textContent()).toBe('Kitchen <b>phone</b>');
      await press(page, /Sign out Kitchen/);
      await page.getByText('The device is signed out.').waitFor();
      await press(page, 'Sign out this device');
      await page.getByText('You have been signed out.').waitFor();
    });

    test('works by the keyboard alone', async () => {
      await logIn('ada', PHONE);
      const { page } = await open();
      await page.goto('/login');
      await page.locator('#username:focus').waitFor();
      await page.keyboard.type('ada');
      await page.keyboard.press('Tab');
      await page.keyboard.type('analytical-engine');
      await page.keyboard.press('Enter');
      await rows(page).nth(1).waitFor();
      const focused = () => page.evaluate('document.activeElement.getAttribute("aria-label")');
      for (let tabs = 0; (await focused()) !== 'Sign out Safari on iOS'; tabs++) {
        expect(tabs).toBeLessThan(20);
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      await page.getByText('The device is signed out.').waitFor();
      expect(await rows(page).count()).toBe(1);
    });

    test.each([
      ['reduce', 'none'],
      ['no-preference', 'appear'],
    ] as const)('with the wish for motion "%s" has the animation %s', async (reducedMotion, animation) => {
      const { page } = await open({ reducedMotion });
      await signIn(page);
      await rows(page).first().waitFor();
      await page.waitForLoadState('load');
      expect(await page.evaluate('getComputedStyle(document.querySelector("#devices > li")).animationName')).toBe(
        animation,
      );
    });
  });
});
