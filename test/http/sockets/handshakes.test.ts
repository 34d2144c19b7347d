// Which session a handshake opens: its cookie by the platform's own proxy settings, and for no page of another site.
import { describe, expect, test } from 'vitest';
import { COMBINATIONS, startSockets } from '../../support/sockets.js';

describe.each(COMBINATIONS)('a handshake on %s with %s', (platform, library) => {
  const start = (origins: string[] = [], trustProxy?: string) =>
    startSockets(platform, library, { sessions: { sockets: { origins } }, app: { ...(trustProxy && { trustProxy }) } });

  test.each([
    ['no Origin', (_own: string) => ({})],
    ['the own Origin', (own: string) => ({ origin: own })],
    ['the own Origin in upper case', (own: string) => ({ origin: own.toUpperCase() })],
    ['an allowed Origin', () => ({ origin: 'https://app.example.com' })],
  ])('with %s has the session', async (_what, headersOf) => {
    const world = await start(['https://App.example.com:443']);
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser, headersOf(world.http.app.origin));
    expect(await socket.act((session) => session.userId)).toBe('ada');
  });

  test.each([
    ['null', () => 'null'],
    ['another port', (own: string) => `${own}0`],
    ['https for http', (own: string) => own.replace('http', 'https')],
    ['another host', () => 'http://localhost'],
    ['a host that starts with the own one', (own: string) => `${own.slice(0, own.lastIndexOf(':'))}.evil.test`],
    ['two origins', (own: string) => `${own}, ${own}`],
  ])('with the foreign Origin %s has no session, and is rejected', async (_what, originOf) => {
    const world = await start();
    const browser = await world.http.browserOf('ada');
    world.http.events.length = 0;
    const socket = await world.connect(browser, { origin: originOf(world.http.app.origin) });
    expect(await socket.act((session) => session.isNew)).toBe(true);
    expect(await socket.act((session) => session.userId ?? null)).toBeNull();
    expect(world.http.eventTypes()).toEqual(['rejected: origin']);
    expect(world.http.events[0]).toMatchObject({ unknownTokens: 0 });
    expect(socket.isOpen).toBe(true);
  });

  test('finds the cookie for https behind a trusted proxy', async () => {
    const world = await start([], 'loopback');
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.test', 'x-forwarded-for': '192.0.2.7' };
    const browser = world.http.client();
    await world.http.visit(browser, ({ session }) => session.login('ada'), { headers });
    expect([...browser.jar.keys()]).toEqual(['__Host-id']);
    const socket = await world.connect(browser, { headers, origin: 'https://shop.test' });
    expect(await socket.act((session) => session.userId)).toBe('ada');
    const foreign = await world.connect(browser, { headers, origin: world.http.app.origin });
    expect(await foreign.act((session) => session.isNew)).toBe(true);
    expect(world.http.events.at(-1)).toMatchObject({ type: 'rejected', reason: 'origin', address: '192.0.2.7' });
  });

  test('does not believe a proxy that is not trusted', async () => {
    const world = await start();
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser, { headers: { 'x-forwarded-proto': 'https' } });
    expect(await socket.act((session) => session.userId)).toBe('ada');
  });

  test('is what functions of the cookie are called with, and a message is not', async () => {
    const secure = ({ headers }: { headers: Record<string, string> }) => headers['host']!.startsWith('https.');
    const cookie = { secure: secure as () => boolean, sameSite: 'strict' } as const;
    const world = await startSockets(platform, library, { sessions: { cookie } });
    const socket = await world.connect(await world.http.browserOf('ada'));
    for (let message = 0; message < 2; message += 1)
      expect(await socket.act(({ userId, cookie: { sameSite } }) => [userId, sameSite])).toEqual(['ada', 'strict']);
  });

  test('with a cookie header that is too long tells each message so', async () => {
    const world = await startSockets(platform, library, { sessions: { maxCookieHeader: 256 } });
    const browser = world.http.client();
    browser.jar.set('other', 'x'.repeat(300));
    const socket = await world.connect(browser);
    for (let message = 0; message < 2; message += 1) {
      const answer = { status: 'error', code: 'SESSION_COOKIE_TOO_LONG' };
      await expect(socket.act(() => undefined)).rejects.toMatchObject({ answer });
    }
    expect(socket.isOpen).toBe(true);
  });

  test('with a thousand cookies, malformed and forged tokens has no session', async () => {
    const world = await startSockets(platform, library, { sessions: { maxCookieHeader: 64 * 1024 } });
    const browser = world.http.client();
    for (let index = 0; index < 300; index += 1) browser.jar.set(`other${index}`, 'x');
    browser.jar.set('id', 'A'.repeat(59));
    const socket = await world.connect(browser);
    expect(await socket.act((session) => session.isNew)).toBe(true);
  });
});
