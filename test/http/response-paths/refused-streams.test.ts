// Streams whose end can't be saved: what has left before it, and that the client notices.
import { describe, expect, test } from 'vitest';
import { PLATFORMS, takeRaw } from '../../support/http.js';
import { getWith, rawRequest } from '../../support/raw-request.js';
import { startWith, tokenOf, withCookie } from '../../support/world.js';

describe.each(PLATFORMS)('A11: a stream on %s whose end is refused in the turn of its first byte', (platform) => {
  test.each<[string, unknown]>([
    ['too large', 'x'.repeat(2000)],
    ['a function', () => 1],
  ])('hands out the token of a login, and is cut, because a value is %s', async (_, value) => {
    const { world, browser } = await startWith(platform, { maxSize: 1000 });
    const path = world.route(async ({ session, response }) => {
      await session.login('ada', { keep: true });
      const raw = takeRaw(response);
      raw.write('first, ');
      session['b'] = value;
      raw.end('last');
      raw.end('later');
    }, 'raw');
    const reply = await rawRequest(world.app.origin, getWith(path, `Cookie: id=${tokenOf(browser)}`));
    const token = /^set-cookie: id=([^;]+)/im.exec(reply.head)?.[1];
    expect([reply.status, token]).toEqual([200, expect.any(String)]);
    // Without the chunk that ends it.
    expect(reply.body).toBe('7\r\nfirst, \r\n');
    expect(await world.userOf(withCookie(browser, token!))).toBe('ada');
    expect(await world.dataOf(withCookie(browser, token!))).toEqual({ a: 1 });
  });
});
