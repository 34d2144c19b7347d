// Pages in Chromium open sockets to an app whose cookie comes with each of them: only the app's own page has its session.
import { once } from 'node:events';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Session } from '../../../lib/index.js';
import type { Platform } from '../../support/app.js';
import { selfSigned } from '../../support/certificate.js';
import { CHROMIUM, hasChromium, launchWithForeignCookies } from '../../support/chromium.js';
import { COMBINATIONS, type Library, type SocketWorld, startSockets } from '../../support/sockets.js';
import type { AnySession } from '../../support/world.js';

if (!hasChromium) console.warn(`Pages of other origins were not tried in a browser: there is no ${CHROMIUM}.`);

@WebSocketGateway({ cors: { origin: true, credentials: true } })
class WhoGateway {
  @SubscribeMessage('who')
  who(@Session() session: unknown) {
    return { event: 'who', data: (session as AnySession).userId ?? 'nobody' };
  }
}

/** What each library's own client in a page asks, and the answer to it. */
const ASK: Record<Library, (app: string, transport: string) => string> = {
  'socket.io': (app, transport) => `new Promise((resolve) => {
    const socket = io('${app}', { transports: ['${transport}'], withCredentials: true, forceNew: true });
    socket.on('who', (user) => { socket.disconnect(); resolve(user); });
    socket.emit('who', {});
  })`,
  ws: (app) => `new Promise((resolve) => {
    const socket = new WebSocket('${app.replace(/^http/, 'ws')}');
    socket.onmessage = ({ data }) => { socket.close(); resolve(JSON.parse(data).data); };
    socket.onopen = () => socket.send(JSON.stringify({ event: 'who', data: {} }));
  })`,
};

describe.skipIf(!hasChromium)('a page in Chromium', { timeout: 30_000 }, () => {
  let context: BrowserContext;
  let closeBrowser = async () => {};
  let page: Page;
  let elsewhere: Server;
  let port = 0;

  beforeAll(async () => {
    elsewhere = createServer(selfSigned('localhost'), (_request, response) => response.end('a page'));
    await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
    ({ port } = elsewhere.address() as AddressInfo);
    ({ context, close: closeBrowser } = await launchWithForeignCookies());
    page = await context.newPage();
  }, 60_000);
  afterAll(async () => {
    await closeBrowser();
    elsewhere.close();
  });

  /** The pages of three origins, and what the socket of each says of the session. */
  async function ask(world: SocketWorld, transport = 'websocket') {
    const app = world.http.app.origin;
    await context.clearCookies();
    await page.goto(`${app}${world.http.route(({ session }) => session.login('ada'))}`);
    expect(await context.cookies()).toMatchObject([{ name: '__Host-id', sameSite: 'None', secure: true }]);
    world.http.events.length = 0;
    const from = async (url: string) => {
      await page.goto(url);
      return whoIs(world.library, app, transport);
    };
    return {
      ownPage: await from(`${app}${world.http.route(() => 'its own page')}`),
      otherPort: await from(`https://127.0.0.1:${port}/`),
      otherHost: await from(`https://localhost:${port}/`),
      events: world.http.eventTypes(),
    };
  }

  async function whoIs(library: Library, app: string, transport: string): Promise<unknown> {
    if (library === 'socket.io') await page.addScriptTag({ url: `${app}/socket.io/socket.io.min.js` });
    return page.evaluate(ASK[library](app, transport));
  }

  async function start(platform: Platform, library: Library, origins: string[] = []): Promise<SocketWorld> {
    const world = await startSockets(platform, library, {
      gateways: [WhoGateway],
      // As an app has it whose cookie other sites' pages bring along.
      sessions: { cookie: { sameSite: 'none', secure: true }, sockets: { origins } },
      app: { tls: true },
    });
    // The browser keeps its connections open from one test to the next.
    onTestFinished(() => (world.http.app.nest.getHttpServer() as Server).closeAllConnections());
    return world;
  }

  test.each([
    ...COMBINATIONS.map((combination) => [...combination, 'websocket'] as const),
    ['express', 'socket.io', 'polling'] as const,
    ['fastify', 'socket.io', 'polling'] as const,
  ])('of another port or host has no session on %s with %s by %s', async (platform, library, transport) => {
    expect(await ask(await start(platform, library), transport)).toEqual({
      ...{ ownPage: 'ada', otherPort: 'nobody', otherHost: 'nobody' },
      events: ['rejected: origin', 'rejected: origin'],
    });
  });

  test.each([
    ['express', 'socket.io'],
    ['fastify', 'ws'],
  ] as const)('whose origin is among `origins` has it on %s with %s', async (platform, library) => {
    const world = await start(platform, library, [`https://127.0.0.1:${port}`, `https://LOCALHOST:${port}`]);
    expect(await ask(world)).toEqual({ ownPage: 'ada', otherPort: 'ada', otherHost: 'ada', events: [] });
  });
});
