// sample/06-chat, built as its user builds it: two tabs of one browser and a stranger, on both platforms.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { io } from 'socket.io-client';
import { type BuiltSample, type RunningApp, buildSample, startApp } from '../../../tools/demo/sample.mjs';
import { cookieHeader } from '../../../lib/testing/session-client.js';
import { hasChromium, launchChromium } from '../../support/chromium.js';
import { HttpClient, testDatabase } from '../../support/http.js';

const SETUP_MS = 120_000;

let sample: BuiltSample;
beforeAll(async () => {
  sample = await buildSample('06-chat');
}, SETUP_MS);
afterAll(() => sample?.remove());

describe.each(['express', 'fastify'] as const)('sample 06-chat on %s', { timeout: 60_000 }, (platform) => {
  const database = testDatabase();
  const sessions = () => database.db.collection('sessions');
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp({ folder: sample.folder, platform, uri: database.uri });
  }, SETUP_MS);
  afterAll(() => app?.stop());
  beforeEach(async () => void (await sessions().deleteMany({})));

  /** A client that is no page: what it hears, and how its socket ends. */
  function connect(extraHeaders: Record<string, string>) {
    const socket = io(app.url, { extraHeaders, transports: ['websocket'], forceNew: true, reconnection: false });
    onTestFinished(() => void socket.disconnect());
    const heard: string[] = [];
    socket.onAny((event: string) => heard.push(event));
    const ended = new Promise<string>((resolve) => socket.on('disconnect', resolve));
    socket.emit('say', 'spam');
    return { heard, ended };
  }

  test('turns away who is not signed in, and the page of another site', async () => {
    const ada = new HttpClient(app.url);
    onTestFinished(() => ada.close());
    const body = { username: 'ada', password: 'analytical-engine' };
    expect((await ada.post('/login', body, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await ada.post('/login', { ...body, password: 'wrong' })).status).toBe(401);
    expect((await ada.post('/login', body)).status).toBe(204);
    const cookie = cookieHeader(ada.jar);
    const attempts: Record<string, string>[] = [{}, { cookie: 'id=nothing' }, { cookie, origin: 'http://evil.test' }];
    for (const headers of attempts) {
      const { heard, ended } = connect(headers);
      expect(await ended).toBe('io server disconnect');
      expect(heard).not.toContain('welcome');
      expect(heard).not.toContain('said');
    }
  });

  describe.skipIf(!hasChromium)('in Chromium', () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchChromium();
    }, SETUP_MS);
    afterAll(() => browser?.close());

    async function openContext(): Promise<BrowserContext> {
      const context = await browser.newContext({ baseURL: app.url });
      onTestFinished(() => context.close());
      return context;
    }
    async function openTab(context: BrowserContext): Promise<Page> {
      const page = await context.newPage();
      await page.goto('/');
      return page;
    }
    async function press(page: Page, name: string): Promise<void> {
      // A tab in the background draws nothing, for which a click would wait.
      await page.bringToFront();
      await page.getByRole('button', { name, exact: true }).click();
    }
    async function signIn(page: Page, username = 'ada', password = 'analytical-engine'): Promise<void> {
      await page.locator('#username').fill(username);
      await page.locator('#password').fill(password);
      await press(page, 'Sign in');
    }
    async function say(page: Page, text: string): Promise<void> {
      await page.getByLabel('Message', { exact: true }).fill(text);
      await press(page, 'Send');
    }
    const isIn = (page: Page) => page.getByRole('button', { name: 'Sign out' }).waitFor();
    const hears = (page: Page, line: string) => page.getByRole('log').getByText(line).waitFor();
    const isOver = (page: Page) => page.getByText('You have been signed out').waitFor();

    test('a logout in one tab ends the chat in the other, and a login brings it back without a reload', async () => {
      const context = await openContext();
      const [one, other] = [await openTab(context), await openTab(context)];
      await signIn(one);
      // The other tab was called back.
      await Promise.all([isIn(one), isIn(other)]);
      await other.evaluate(`{
        window.isSameDocument = true;
        const note = () => (window.toldAt ??= performance.timeOrigin + performance.now());
        new MutationObserver(note).observe(document.querySelector('#notice'), { childList: true });
      }`);
      await say(one, 'Hello there');
      await hears(other, 'Ada Lovelace Hello there');
      await Promise.all([isOver(one), isOver(other), press(one, 'Sign out')]);
      expect(await other.locator('#chat').isHidden()).toBe(true);
      const loggedOutAt = await one.evaluate(`{
        const { responseEnd } = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/logout'));
        performance.timeOrigin + responseEnd;
      }`);
      expect(Number(await other.evaluate('window.toldAt')) - Number(loggedOutAt)).toBeLessThan(1000);
      expect(await sessions().countDocuments({})).toBe(0);
      await signIn(one);
      await Promise.all([isIn(one), isIn(other)]);
      await say(other, 'Here again');
      await hears(one, 'Ada Lovelace Here again');
      expect(await other.getByText('You have been signed out').isHidden()).toBe(true);
      expect(await other.evaluate('window.isSameDocument')).toBe(true);
    });

    test('typing is told to the others and saved nowhere, and a name in the chat is saved', async () => {
      const [ada, grace] = [await openTab(await openContext()), await openTab(await openContext())];
      await signIn(ada);
      await signIn(grace, 'grace', 'first-compiler');
      await Promise.all([isIn(ada), isIn(grace)]);
      const stored = () => sessions().findOne({ userId: 'ada' }, { projection: { data: 1, lastSeenAt: 1 } });
      const before = await stored();
      const typing = grace.getByText('Ada Lovelace is typing').waitFor();
      await ada.getByLabel('Message', { exact: true }).fill('H');
      await typing;
      expect(await stored()).toEqual(before);
      await ada.getByLabel('Name in the chat').fill('Countess <b>');
      await press(ada, 'Change');
      await ada.getByText('In the chat you are Countess <b> now.').waitFor();
      expect((await stored())?.['data']).toEqual({ name: 'Countess <b>' });
      await say(ada, 'Hello <i>all</i>');
      await hears(grace, 'Countess <b> Hello <i>all</i>');
      await ada.reload();
      await isIn(ada);
      expect(await ada.getByLabel('Name in the chat').inputValue()).toBe('Countess <b>');
    });

    test('another login in this browser brings both tabs back with its user, and shows nothing of the first', async () => {
      const context = await openContext();
      const [one, other] = [await openTab(context), await openTab(context)];
      await signIn(one);
      await Promise.all([isIn(one), isIn(other)]);
      await say(one, 'A secret of Ada');
      await Promise.all([hears(one, 'A secret'), hears(other, 'A secret')]);
      await one.evaluate(`fetch('/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'grace', password: 'first-compiler' }),
      })`);
      for (const page of [one, other]) {
        await page.getByText('Signed in as Grace Hopper').waitFor();
        expect(await page.getByRole('log').textContent()).toBe('');
      }
    });

    test('works by the keyboard alone, and breaks no rule of its content policy', async () => {
      const page = await openTab(await openContext());
      const problems: string[] = [];
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(error.message));
      // Shown once the socket has been turned away; a hidden field takes no focus.
      await page.locator('#username').waitFor();
      await page.locator('#username').focus();
      await page.keyboard.type('ada');
      await page.keyboard.press('Tab');
      await page.keyboard.type('analytical-engine');
      await page.keyboard.press('Enter');
      await isIn(page);
      // The keyboard goes along with what is shown.
      await page.waitForFunction('document.activeElement.id === "text"');
      await page.keyboard.type('By hand');
      await page.keyboard.press('Enter');
      await hears(page, 'Ada Lovelace By hand');
      await page.getByRole('button', { name: 'Sign out' }).focus();
      await page.keyboard.press('Enter');
      await isOver(page);
      await page.waitForFunction('document.activeElement.id === "username"');
      expect(problems).toEqual([]);
    });
  });
});
