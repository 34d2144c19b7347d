// A cookie that ends with the browser, and one that outlives it.
import { Controller, Get, Query } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { Session } from '../../../lib/index.js';
import { PLATFORMS, sharedApp, testDatabase } from '../../support/http.js';
import { TestClock } from '../../../lib/testing/index.js';
import { NotesController, type Notes } from './support/notes.controller.js';

const { db } = testDatabase();
const DAY = 86_400_000;

@Controller()
class RememberController {
  @Get('remember')
  remember(@Session() session: Notes, @Query('days') days?: string): void {
    session.permanent = days === undefined ? true : days === '0' ? false : Number(days) * DAY;
  }
}

describe.each(PLATFORMS)('on %s', (platform) => {
  const collection = `notes_${platform}`;
  const clock = new TestClock();
  const app = sharedApp(() => ({
    platform,
    sessions: { collection, db, clock, permanent: { idleTimeout: '80d' } },
    controllers: [NotesController, RememberController],
  }));

  async function visitor() {
    const browser = app().client();
    const { cookies } = await browser.get('/write?key=who&value=ann');
    return { browser, cookie: cookies[0] };
  }

  test('the cookie ends with the browser, if nothing else is said', async () => {
    const { cookie } = await visitor();
    expect(cookie).toMatch(/^id=[\w-]{59}; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test('a permanent one says how long it lasts, and lasts', async () => {
    const { browser } = await visitor();
    const { cookies } = await browser.get('/remember');
    expect(cookies).toEqual([
      expect.stringMatching(/^id=[\w-]{59}; Max-Age=6912000; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);

    clock.advance(80 * DAY - 1);
    expect((await browser.get('/read')).body).toBe('{"who":"ann"}');
  });

  test('the cookie and the document end at the same time, whatever time that is', async () => {
    const { browser } = await visitor();
    const began = clock.now();
    for (const [days, lasts] of [
      ['1', DAY],
      ['80', 80 * DAY],
    ] as const) {
      const { cookies } = await browser.get(`/remember?days=${days}`);
      expect(cookies[0]).toContain(`Max-Age=${lasts / 1000};`);
      const documents = await db
        .collection(collection)
        .find({ createdAt: new Date(began) })
        .toArray();
      expect(documents.map(({ expiresAt }) => expiresAt)).toContainEqual(new Date(began + lasts));
    }
  });

  test('the cookie is renewed as the session is used, up to the absolute end', async () => {
    const { browser } = await visitor();
    await browser.get('/remember?days=60');
    clock.advance(50 * DAY);
    const { cookies } = await browser.get('/read');
    expect(cookies[0]).toContain(`Max-Age=${(40 * DAY) / 1000};`);
    clock.advance(40 * DAY);
    expect((await browser.get('/read')).body).toBe('{}');
  });

  test('it can be taken back', async () => {
    const { browser } = await visitor();
    await browser.get('/remember');
    const { cookies } = await browser.get('/remember?days=0');
    expect(cookies).toEqual([expect.not.stringContaining('Max-Age')]);
    clock.advance(30 * 60_000);
    expect((await browser.get('/read')).body).toBe('{}');
  });
});
