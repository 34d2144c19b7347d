// MongoDB goes away in the middle of messages: each of them is told, no socket is closed on a guess, and all works again.
import { beforeAll, describe, expect, test } from 'vitest';
import { proxyTo } from '../../support/fault-proxy/proxy-to.js';
import { testDatabase } from '../../support/mongo.js';
import { COMBINATIONS, startSockets } from '../../support/sockets.js';
import { SECOND } from '../../support/world.js';

const database = testDatabase();
const proxy = proxyTo(database);
beforeAll(() => proxy.open());

const UNAVAILABLE = { answer: { status: 'error', code: 'SESSION_STORE_UNAVAILABLE' } };

describe.each(COMBINATIONS)('MongoDB away, on %s with %s', (platform, library) => {
  test('fails the messages that need it, leaves the sockets open, and loses nothing that was saved', async () => {
    const collection = `${platform}_${library.replace('.', '')}`;
    const sessions = { uri: proxy.uri, collection, timeoutMs: 700 };
    const world = await startSockets(platform, library, { sessions });
    const browser = await world.http.browserWith({ count: 0 });
    const [one, two] = [await world.connect(browser), await world.connect(browser)];
    let goOn = () => {};
    const isAway = new Promise<void>((resolve) => (goOn = resolve));
    let inHandler = 0;
    const held = [one, two, one, two].map((socket) =>
      socket.act(async (session) => {
        inHandler += 1;
        await isAway;
        session['lost'] = true;
        await session.save();
      }),
    );
    const failing = held.map((each) => expect(each).rejects.toMatchObject(UNAVAILABLE));
    await expect.poll(() => inHandler).toBe(4);
    await proxy.close();
    goOn();
    // An error has no message of its own on the wire, so that each fails whatever waits on its socket.
    await Promise.all(failing);
    await expect(one.act((session) => session.increment('count'))).rejects.toMatchObject(UNAVAILABLE);
    // The watch looks, and hears nothing.
    for (let second = 0; second < 5; second += 1) world.http.clock.advance(SECOND);
    await expect(two.act((session) => session['count'])).rejects.toMatchObject(UNAVAILABLE);
    expect([one.isOpen, two.isOpen]).toEqual([true, true]);
    await proxy.open();
    const count = () => two.act((session) => session.increment('count')).catch(() => undefined);
    await expect.poll(count, { timeout: 10_000 }).toEqual(expect.any(Number));
    expect(await world.http.dataOf(browser)).toEqual({ count: expect.any(Number) as number });
    await world.http.visit(browser, ({ session }) => session.logout());
    await Promise.all([one.closed, two.closed]);
  });
});
