// What the docs recommend for sockets behind a proxy, word for word behind a real nginx that ends https.
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { codeBlocks } from '../../support/doc-code.js';
import { HttpClient } from '../../support/http.js';
import { HAS_NGINX, startNginx } from '../../support/nginx.js';
import { COMBINATIONS, type ConnectOptions, type Library, startSockets } from '../../support/sockets.js';

const [forRequests, forSockets] = ['docs/21-', 'docs/43-'].map(
  (page) => codeBlocks('nginx').find(({ at }) => at.startsWith(page))!.text,
) as [string, string];

const TRANSPORTS: Record<Library, readonly [string, ConnectOptions['transports']][]> = {
  'socket.io': [
    ['polling', ['polling']],
    ['upgrade', ['websocket']],
    ['polling, then upgrade', ['polling', 'websocket']],
  ],
  ws: [['upgrade', undefined]],
};

beforeEach((context) => context.skip(!HAS_NGINX, 'there is no nginx: apt-get install nginx'));

describe.each(COMBINATIONS)('behind nginx on %s with %s', (platform, library) => {
  async function start() {
    const world = await startSockets(platform, library, { app: { trustProxy: 'loopback' } });
    // A ws gateway without a `path` takes the root.
    const config = library === 'ws' ? forSockets.replace('/socket.io/', '/') : forRequests + forSockets;
    const { https } = await startNginx(config, world.http.app.origin);
    const url = `https://127.0.0.1:${https}`;
    const browser = new HttpClient(url);
    onTestFinished(() => browser.close());
    await world.http.visit(browser, ({ session }) => session.login('ada'));
    expect([...browser.jar.keys()]).toEqual(['__Host-id']);
    world.http.events.length = 0;
    return { world, url, browser };
  }

  test.each(TRANSPORTS[library])('finds the cookie __Host-id by %s', async (_how, transports) => {
    const { world, url, browser } = await start();
    const options = { url, ...(transports && { transports }) };
    const socket = await world.connect(browser, { ...options, origin: url });
    expect(await socket.act((session) => session.userId)).toBe('ada');
    // What the client itself claims counts for nothing.
    const headers = {
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '203.0.113.5',
      'x-forwarded-host': 'evil.test',
    };
    const foreign = await world.connect(browser, { ...options, origin: 'https://evil.test', headers });
    expect(await foreign.act((session) => session.userId)).toBeNull();
    expect(world.http.events).toMatchObject([{ type: 'rejected', reason: 'origin', address: '127.0.0.1' }]);
    await world.http.visit(browser, ({ session }) => session.logout());
    expect(await socket.closed).toBeDefined();
  });
});
