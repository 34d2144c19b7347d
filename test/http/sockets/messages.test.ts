// A message of a socket has the session of its handshake, read again.
import { describe, expect, test } from 'vitest';
import { MongoSessions } from '../../../lib/index.js';
import { COMBINATIONS, startSockets } from '../../support/sockets.js';
import { type AnySession, MINUTE } from '../../support/world.js';

describe.each(COMBINATIONS)('a message on %s with %s', (platform, library) => {
  test('has the session of the handshake', async () => {
    const world = await startSockets(platform, library);
    const browser = await world.http.browserWith({ theme: 'light' });
    const socket = await world.connect(browser);
    expect(await socket.act((session) => ({ ...session }))).toEqual({ theme: 'light' });
  });

  test('sees what a request has changed since', async () => {
    const world = await startSockets(platform, library);
    const browser = await world.http.browserWith({ theme: 'light' });
    const socket = await world.connect(browser);
    await socket.act(() => undefined);
    await world.http.visit(browser, ({ session }) => void (session['theme'] = 'dark'));
    expect(await socket.act((session) => session['theme'])).toBe('dark');
  });

  test('saves what it is told to', async () => {
    const world = await startSockets(platform, library);
    const browser = await world.http.browserWith({ theme: 'light' });
    const socket = await world.connect(browser);
    await socket.act(async (session) => {
      session['theme'] = 'dark';
      await session.save();
      await session.push('items', [1]);
    });
    expect(await world.http.dataOf(browser)).toEqual({ theme: 'dark', items: [1] });
  });

  test('has a blank session without a cookie, and can not begin one', async () => {
    const world = await startSockets(platform, library);
    const socket = await world.connect(world.http.client());
    expect(await socket.act((session) => session.isNew)).toBe(true);
    const refused = { answer: { status: 'error', code: 'SESSION_HEADERS_SENT' } };
    await expect(
      socket.act(async (session) => {
        session['theme'] = 'dark';
        await session.save();
      }),
    ).rejects.toMatchObject(refused);
    await expect(socket.act((session) => session.increment('visits'))).rejects.toMatchObject(refused);
    expect(world.http.app.log.lines.join()).toMatch(/^The client has no session, and a socket .* Let an HTTP route/);
    expect(socket.isOpen).toBe(true);
  });

  test('notes the device of its handshake with the time of use, with the option devices', async () => {
    const world = await startSockets(platform, library, { sessions: { devices: true }, app: { trustProxy: true } });
    const browser = await world.http.browserOf('ada');
    const headers = { 'user-agent': 'Thief/1.0', 'x-forwarded-for': '198.51.100.9' };
    const socket = await world.connect(browser, { headers });
    const sessions = world.http.app.nest.get(MongoSessions).of('ada');
    await socket.act(() => undefined);
    expect(await sessions.list()).not.toMatchObject([{ userAgent: 'Thief/1.0' }]);
    world.http.clock.advance(5 * MINUTE);
    await socket.act(() => undefined);
    const lastSeenAt = new Date(world.http.clock.now());
    await expect
      .poll(() => sessions.list())
      .toMatchObject([{ ip: '198.51.100.9', userAgent: 'Thief/1.0', lastSeenAt }]);
  });

  test.each<[string, (session: AnySession) => unknown]>([
    ['login()', (session) => session.login('ada')],
    ['regenerate()', (session) => session.regenerate()],
    ['logout({ clearSiteData })', (session) => session.logout({ clearSiteData: true })],
    ['permanent', (session) => void (session.permanent = true)],
  ])('is refused %s with SESSION_NO_CLIENT, which the client is told, and the log once', async (operation, act) => {
    const world = await startSockets(platform, library);
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser);
    const answer = { status: 'error', code: 'SESSION_NO_CLIENT' };
    await expect(socket.act(act)).rejects.toMatchObject({ answer });
    const lines = world.http.app.log.lines.filter((line) => line.includes(`session.${operation} needs a response`));
    expect(lines).toHaveLength(1);
    expect(await world.http.userOf(browser)).toBe('ada');
  });
});
