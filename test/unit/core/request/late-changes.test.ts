// Changes that come when no cookie can be set any more, or could not be from the beginning.
import { describe, expect, test } from 'vitest';
import { visitWith, World } from '../../../support/core/world.js';

describe('a change after the headers have left', () => {
  test('is saved at the end, if the client holds the session already', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    await visit.cycle.commit();
    visit.exchange.headersSent = true;
    visit.session['late'] = true;
    await visit.end();
    expect(await world.stored(browser.handle)).toEqual({ a: 1, late: true });
    expect([world.warnings, visit.exchange.cookies]).toEqual([[], []]);
  });

  test('is saved at the end of the request that has handed the session out', async () => {
    const world = new World();
    const browser = world.browser();
    const visit = await browser.begin();
    visit.session['a'] = 1;
    await visit.cycle.commit();
    visit.exchange.headersSent = true;
    visit.session['late'] = true;
    await visit.end();
    expect(visit.exchange.cookies).toHaveLength(1);
    expect(await world.stored(browser.handle)).toEqual({ a: 1, late: true });
  });

  test('that would need a cookie leaves no orphan in the store, and one warning with the remedy for all requests', async () => {
    const world = new World();
    for (let request = 0; request < 3; request++) {
      const visit = await world.browser().begin();
      visit.exchange.headersSent = true;
      visit.session['a'] = 1;
      await visit.end();
    }
    expect(world.store.takeCalls()).toEqual([]);
    expect(world.warnings).toEqual([expect.stringContaining('Put `await session.save()` before the first byte')]);
  });

  test('that would need a cookie rejects save()', async () => {
    const visit = await new World().browser().begin();
    visit.exchange.headersSent = true;
    visit.session['a'] = 1;
    await expect(visit.session.save()).rejects.toMatchObject({ cause: { code: 'SESSION_HEADERS_SENT' } });
  });
});

describe('a cookie for https only, on a request over http', () => {
  test('begins no session and no orphan, and says why, once', async () => {
    const world = new World({ cookie: { secure: true } });
    for (let request = 0; request < 2; request++) {
      const visit = await world.browser().begin();
      visit.exchange.secure = false;
      visit.session['a'] = 1;
      expect((await visit.end()).cookies).toEqual([]);
    }
    expect(world.store.takeCalls()).toEqual([]);
    expect(world.warnings).toEqual([expect.stringContaining('use https')]);
  });
});
