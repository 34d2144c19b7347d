// sample/02-passport-local, built as its user builds it: over HTTP, and in Chromium without JavaScript.
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type BuiltSample, type RunningApp, buildSample, startApp } from '../../../tools/demo/sample.mjs';
import { hasChromium, launchChromium } from '../../support/chromium.js';
import { HttpClient, PLATFORMS, testDatabase } from '../../support/http.js';

const SETUP_MS = 120_000;

let sample: BuiltSample | undefined;
beforeAll(async () => {
  sample = await buildSample('02-passport-local');
}, SETUP_MS);
afterAll(() => sample?.remove());

describe.each(PLATFORMS)('B14: sample 02-passport-local on %s', { timeout: 60_000 }, (platform) => {
  const database = testDatabase();
  let app: RunningApp | undefined;

  beforeAll(async () => {
    app = await startApp({ folder: sample!.folder, platform, uri: database.uri });
  }, SETUP_MS);
  afterAll(() => app?.stop());

  const ada = { username: 'ada', password: 'analytical-engine' };
  const sessions = () => database.db.collection('sessions');
  function visitor(): HttpClient {
    const client = new HttpClient(app!.url);
    onTestFinished(() => client.close());
    return client;
  }

  test('carries the user in session.userId', async () => {
    const client = visitor();
    expect((await client.get('/profile')).status).toBe(401);
    expect((await client.post('/login', ada)).headers.location).toBe('/');
    expect((await client.get('/profile')).body).toBe('{"id":"ada","name":"Ada Lovelace"}');
    expect(await sessions().findOne({ userId: 'ada' })).toMatchObject({ data: {}, meta: { amr: ['pwd'] } });
    await client.post('/logout', {});
    expect((await client.get('/profile')).status).toBe(401);
  });

  test('begins no session for a wrong password', async () => {
    const before = await sessions().countDocuments();
    const { headers, cookies } = await visitor().post('/login', { ...ada, password: 'difference-engine' });
    expect([headers.location, cookies]).toEqual(['/?notice=failed', []]);
    expect(await sessions().countDocuments()).toBe(before);
  });

  test.skipIf(!hasChromium)('works in Chromium, and asks for a fresh login before it deletes', async () => {
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const context = await browser.newContext({ javaScriptEnabled: false, baseURL: app!.url });
    const page = await context.newPage();
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    const logIn = async (password: string) => {
      await page.getByLabel('Name').fill('ada');
      await page.getByLabel('Password').fill(password);
      await press('Log in');
    };
    const notice = () => page.getByRole('alert').textContent();

    await page.goto('/');
    await logIn('difference-engine');
    expect(await notice()).toContain('no name and password');
    await logIn('analytical-engine');
    expect(await page.locator('#user').textContent()).toBe('Ada Lovelace');
    await press('Delete my account');
    expect(await notice()).toContain('you want to leave');

    const [cookie] = await context.cookies();
    const handle = Buffer.from(cookie!.value, 'base64url').toString('hex', 0, 12);
    const _id = new mongoose.mongo.ObjectId(handle);
    const minutesAgo = new Date(Date.now() - 11 * 60_000);
    await sessions().updateOne({ _id }, { $set: { 'meta.authenticatedAt': minutesAgo } });
    await press('Delete my account');
    expect(await notice()).toBe('Log in again for that.');
    await press('Log out');
    expect(await page.getByLabel('Password').count()).toBe(1);
    expect(await context.cookies()).toEqual([]);
  });
});
