// A socket closes when its session ends: for good, or so that the client comes back with its new cookie.
import { describe, expect, test } from 'vitest';
import { MongoSessions } from '../../../lib/index.js';
import { COMBINATIONS, startSockets } from '../../support/sockets.js';
import { HOUR, tokenOf } from '../../support/world.js';

const FOR_GOOD = { 'socket.io': { reason: 'io server disconnect' }, ws: { code: 1008, reason: 'session ended' } };
const TO_COME_BACK = { 'socket.io': { reason: 'transport close' }, ws: { code: 4000, reason: 'session replaced' } };
const ENDED = { answer: { status: 'error', code: 'SESSION_ENDED' } };

describe.each(COMBINATIONS)('a socket on %s with %s', (platform, library) => {
  async function connected(sessions = {}) {
    const world = await startSockets(platform, library, { sessions });
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser);
    await socket.act(() => undefined);
    return { world, browser, socket };
  }

  test('closes for good within 100 ms of a logout over HTTP', async () => {
    // The quickest of some: what else the machine does can only delay one.
    let quickest = Infinity;
    for (let count = 0; count < 5 && quickest >= 100; count += 1) {
      const { world, browser, socket } = await connected();
      let endedAt = Infinity;
      const closed = socket.closed.then((how) => ({ how, after: performance.now() - endedAt }));
      await world.http.visit(browser, async ({ session }) => {
        await session.logout();
        endedAt = performance.now();
      });
      const { how, after } = await closed;
      expect(how).toMatchObject(FOR_GOOD[library]);
      quickest = Math.min(quickest, after);
    }
    expect(quickest).toBeLessThan(100);
  });

  test('closes for good when the session is revoked', async () => {
    const { world, browser, socket } = await connected();
    await world.http.visit(browser, ({ session }) => world.http.app.nest.get(MongoSessions).revoke(session.handle));
    expect(await socket.closed).toMatchObject(FOR_GOOD[library]);
  });

  test('closes for good when the time of the session is over', async () => {
    const { world, socket } = await connected();
    world.http.clock.advance(HOUR);
    expect(await socket.closed).toMatchObject(FOR_GOOD[library]);
  });

  test('closes for good when the time of the session is over, whatever the server sends meanwhile', async () => {
    const { world, socket } = await connected({ idleTimeout: '1h' });
    let push = () => {};
    await socket.act((_session, client) => {
      const { emit, send } = client as unknown as Record<'emit' | 'send', (...args: unknown[]) => void>;
      if (library === 'ws') push = () => send.call(client, JSON.stringify({ event: 'news', data: 1 }));
      else push = () => emit.call(client, 'news', 1);
    });
    for (let quarter = 0; quarter < 4; quarter += 1) {
      expect(socket.isOpen).toBe(true);
      // Nobody handles it.
      const heard = socket.ask('nothing', {}, 'news');
      push();
      await heard;
      world.http.clock.advance(HOUR / 4);
    }
    expect(await socket.closed).toMatchObject(FOR_GOOD[library]);
  });

  test.each(['login', 'regenerate'] as const)('closes its transport only at %s()', async (operation) => {
    const { world, browser, socket } = await connected();
    await world.http.visit(browser, ({ session }) =>
      operation === 'login' ? session.login('bea') : session.regenerate({ keep: true }),
    );
    expect(await socket.closed).toMatchObject(TO_COME_BACK[library]);
    const again = await world.connect(browser);
    expect(await again.act((session) => session.userId)).toBe(operation === 'login' ? 'bea' : 'ada');
  });

  test('opened with a token from before a login has no session', async () => {
    const { world, browser } = await connected();
    const stale = browser.clone();
    await world.http.visit(browser, ({ session }) => session.login('bea'));
    const socket = await world.connect(stale);
    expect(await socket.act((session) => session.isNew)).toBe(true);
  });

  test('stays open when the token is renewed, and while it is not used', async () => {
    const { world, browser, socket } = await connected({ renewAfter: '1m' });
    const token = tokenOf(browser);
    world.http.clock.advance(2 * 60_000);
    await world.http.visit(browser, ({ session }) => session.userId);
    await world.http.visit(browser, ({ session }) => session.userId);
    expect(tokenOf(browser)).not.toBe(token);
    expect(await socket.act((session) => session.userId)).toBe('ada');
    expect(socket.isOpen).toBe(true);
  });

  test('tells a message that comes after the end, with `close: false`, and stays open', async () => {
    const { world, browser, socket } = await connected({ sockets: { close: false } });
    await world.http.visit(browser, ({ session }) => session.login('bea'));
    await expect(socket.act((session) => session.userId)).rejects.toMatchObject(ENDED);
    await expect(socket.act((session) => session.userId)).rejects.toMatchObject(ENDED);
    expect(socket.isOpen).toBe(true);
  });

  test('is answered before it closes, if it ends its own session', async () => {
    const { world, browser, socket } = await connected();
    expect(await socket.act((session) => session.logout().then(() => 'bye'))).toBe('bye');
    expect(await socket.closed).toMatchObject(FOR_GOOD[library]);
    expect(await world.http.isAlive(browser)).toBe(false);
  });

  test('closes with what ends in this process if the store can not be watched, with one warning', async () => {
    const world = await startSockets(platform, library, { isPlainStore: true });
    const sockets = [];
    for (const user of ['ada', 'bea']) {
      const browser = await world.http.browserOf(user);
      const socket = await world.connect(browser);
      await socket.act(() => undefined);
      sockets.push({ browser, socket });
    }
    expect(world.http.app.log.lines.filter((line) => line.includes('closed only when'))).toHaveLength(1);
    const [{ browser, socket }] = sockets as [(typeof sockets)[0]];
    await world.http.visit(browser, ({ session }) => session.logout());
    expect(await socket.closed).toMatchObject(FOR_GOOD[library]);
  });

  test('stops the start with `close: true` if the store can not be watched', async () => {
    const start = startSockets(platform, library, { isPlainStore: true, sessions: { sockets: { close: true } } });
    await expect(start).rejects.toMatchObject({ code: 'SESSION_OPTION_INVALID' });
  });
});
