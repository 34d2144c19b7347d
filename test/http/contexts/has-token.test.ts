// sessions.hasToken(request): whether a token came, without a read.
import { describe, expect, test } from 'vitest';
import { MongoSessions } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/http.js';
import { startWorld, tokenOf, type Visit } from '../../support/world.js';

describe.each(PLATFORMS)('sessions.hasToken() on %s', (platform) => {
  test('tells whether a well-formed, signed token came, without a read', async () => {
    const options = { secrets: ['x'.repeat(32)], maxCookieHeader: 1024 };
    const world = await startWorld(platform, options);
    const excluding = await startWorld(platform, { ...options, exclude: ['/act/*'] });
    const ask = async (cookie?: string) => {
      const headers: Record<string, string> = cookie === undefined ? {} : { cookie };
      const answers = [world, excluding].map(async (each) => {
        const sessions = each.app.nest.get(MongoSessions);
        const both = ({ request }: Visit) => {
          const { raw = request } = request as { raw?: object };
          return [sessions.hasToken(request), sessions.hasToken(raw)];
        };
        return each.ask(each.client(), both, { headers });
      });
      const [first, ...others] = (await Promise.all(answers)).flat();
      expect(others).toEqual([first, first, first]);
      return first;
    };
    const browser = await world.browserWith();
    world.store.takeCalls();
    expect(await ask()).toBe(false);
    expect(await ask('id=nonsense')).toBe(false);
    expect(await ask(`id=${tokenOf(browser).split('.')[0]}`)).toBe(false);
    expect(world.store.takeCalls()).toEqual([]);
    expect(await ask(`id=${tokenOf(browser)}`)).toBe(true);
    expect(await ask(`id=${tokenOf(browser)}; filler=${'x'.repeat(2000)}`)).toBe(false);
    expect(world.app.nest.get(MongoSessions).hasToken({})).toBe(false);
  });

  test('knows the cookie for https behind a trusted proxy, also on an excluded path, where there is no session', async () => {
    const world = await startWorld(platform, { exclude: ['/act/*'] }, { trustProxy: 'loopback' });
    const sessions = world.app.nest.get(MongoSessions);
    const token = tokenOf(await (await startWorld(platform)).browserWith());
    const headers = { cookie: `__Host-id=${token}`, 'x-forwarded-proto': 'https' };
    const both = ({ request }: Visit) => {
      const { raw = request } = request as { raw?: object };
      return [sessions.hasToken(request), sessions.hasToken(raw)];
    };
    expect(await world.ask(world.client(), both, { headers })).toEqual([true, true]);
  });
});
