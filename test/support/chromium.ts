// Debian's Chromium, for tests of pages in a real browser.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

export const hasChromium = existsSync(CHROMIUM);

const OPTIONS = { executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] };

export function launchChromium(): Promise<Browser> {
  return chromium.launch(OPTIONS);
}

/** The preference that lets pages of other sites send their cookies. */
const ALL_COOKIES = '{"profile":{"cookie_controls_mode":0}}';

/**
 * Runs a browser that sends cookies also with what pages of other sites ask for, as many browsers do. Chromium does so only with
 * a profile that says it.
 */
export async function launchWithForeignCookies(): Promise<{ context: BrowserContext; close: () => Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), 'nms-chromium-'));
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), ALL_COOKIES);
  const context = await chromium.launchPersistentContext(profile, { ...OPTIONS, ignoreHTTPSErrors: true });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  return { context, close };
}
