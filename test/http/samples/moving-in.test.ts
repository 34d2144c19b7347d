// The samples 07 and 08, built as their users build them: browsers that are there before the switch, and after it, and after going back.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type BuiltSample, buildSample, startApp } from '../../../tools/demo/sample.mjs';
import { codeBlocksOf, readPage, root } from '../../docs/support/pages.js';
import { hasChromium, launchChromium } from '../../support/chromium.js';
import { testDatabase } from '../../support/http.js';

const SETUP_MS = 120_000;

const SAMPLES = {
  '07-moving-in-express': {
    platform: 'express',
    oldCookie: 'connect.sid',
    page: 'docs/31-coming-from-express-session.md',
  },
  '08-moving-in-fastify': {
    platform: 'fastify',
    oldCookie: 'sessionId',
    page: 'sample/08-moving-in-fastify/README.md',
  },
} as const;

/** By their names. */
const samples: Record<string, BuiltSample> = {};
let browser: Browser;
beforeAll(async () => {
  if (!hasChromium) return;
  const launched = launchChromium();
  for (const name of Object.keys(SAMPLES)) samples[name] = await buildSample(name);
  browser = await launched;
}, SETUP_MS);
afterAll(() => Promise.all([browser?.close(), ...Object.values(samples).map((sample) => sample.remove())]));

describe.each(Object.entries(SAMPLES))(
  'sample %s',
  { timeout: 60_000 },
  (name, { platform, oldCookie, page: guide }) => {
    const database = testDatabase();
    const count = (collection: string, filter: object = {}) =>
      database.db.collection(collection).countDocuments(filter);

    test('differs from the app before the switch by the lines that its guide shows', () => {
      const [shown] = codeBlocksOf(readPage(guide)).filter(({ language }) => language === 'diff');
      const changes = shown!.code.split('\n').filter((line) => /^[-+] *\S/.test(line));
      const linesOf = (version: string, file: string) =>
        readFileSync(join(root, 'sample', name, 'src', version, file), 'utf8').split('\n');
      const only = (version: string, other: string) =>
        ['main.ts', 'app.module.ts'].flatMap((file) => {
          const others = linesOf(other, file);
          return linesOf(version, file).filter((line) => line.trim() && !others.includes(line));
        });
      const trimmed = (lines: string[]) => lines.map((line) => line.trim()).toSorted();
      const marked = (mark: string) => changes.filter((line) => line.startsWith(mark)).map((line) => line.slice(1));
      expect(trimmed(marked('-'))).toEqual(trimmed(only('before', 'after')));
      expect(trimmed(marked('+'))).toEqual(trimmed(only('after', 'before')));
    });

    describe.skipIf(!hasChromium)('in Chromium', () => {
      /** One version at a time, as a deployment has it. */
      async function start(version: 'before' | 'after') {
        const app = await startApp({
          folder: samples[name]!.folder,
          platform,
          uri: database.uri,
          main: `${version}/main.js`,
        });
        onTestFinished(() => app.stop());
        return app;
      }
      async function open(): Promise<{ context: BrowserContext; page: Page }> {
        const context = await browser.newContext();
        onTestFinished(() => context.close());
        return { context, page: await context.newPage() };
      }
      const press = (page: Page, button: string) => page.getByRole('button', { name: button, exact: true }).click();
      async function logIn(page: Page, user: string, password: string): Promise<void> {
        await page.getByLabel('Name').fill(user);
        await page.getByLabel('Password').fill(password);
        await press(page, 'Log in');
        await page.getByRole('button', { name: 'Log out' }).waitFor();
      }
      /** Puts a lamp into the cart, which then has so many. */
      async function addLamp(page: Page, lamps: number): Promise<void> {
        await press(page, 'Add Desk lamp to the cart');
        await page.getByText(`${lamps} × Desk lamp`).waitFor();
      }
      const namesOf = async (context: BrowserContext) => (await context.cookies()).map((cookie) => cookie.name);
      const cart = (page: Page) => page.locator('#cart > li').allTextContents();
      const user = (page: Page) => page.locator('#user').allTextContents();

      test('keeps login and cart over the switch, opens nothing with the old cookie after the logout, and lets you go back', async () => {
        const [ada, grace] = [await open(), await open()];
        const old = await start('before');
        await ada.page.goto(old.url);
        // The cart of a visitor goes with the login.
        await addLamp(ada.page, 1);
        await logIn(ada.page, 'ada', 'analytical-engine');
        await addLamp(ada.page, 2);
        await grace.page.goto(old.url);
        await logIn(grace.page, 'grace', 'first-compiler');
        const cookies = await ada.context.cookies();
        expect(cookies.map((cookie) => cookie.name)).toEqual([oldCookie]);
        await old.stop();

        const app = await start('after');
        await ada.page.goto(app.url);
        expect([await user(ada.page), await cart(ada.page)]).toEqual([['Ada Lovelace'], ['2 × Desk lamp']]);
        const [own, ...others] = await ada.context.cookies();
        expect([own!.name, others]).toEqual(['id', []]);
        // As long as it was: to the hour, because the week starts again with the move.
        expect((own!.expires * 1000 - Date.now()) / 3_600_000).toBeCloseTo(7 * 24, 0);
        expect([await count('sessions'), await count('user_sessions', { userId: 'ada' })]).toEqual([1, 1]);
        await addLamp(ada.page, 3);

        await press(ada.page, 'Log out');
        await ada.page.getByLabel('Password').waitFor();
        await ada.context.clearCookies();
        await ada.context.addCookies(cookies);
        await ada.page.goto(app.url);
        expect([await user(ada.page), await cart(ada.page)]).toEqual([[], []]);
        expect(await namesOf(ada.context)).toEqual([]);
        await addLamp(ada.page, 1);
        await logIn(ada.page, 'ada', 'analytical-engine');
        expect(await cart(ada.page)).toEqual(['1 × Desk lamp']);
        expect(await count('user_sessions', { userId: 'ada' })).toBe(1);
        await app.stop();

        // Who came meanwhile logs in once more; who did not is still logged in.
        const back = await start('before');
        await grace.page.goto(back.url);
        expect(await user(grace.page)).toEqual(['Grace Hopper']);
        await ada.page.goto(back.url);
        expect(await user(ada.page)).toEqual([]);
        await logIn(ada.page, 'ada', 'analytical-engine');
      });
    });
  },
);
