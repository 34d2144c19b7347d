// What is left of sockets that have closed, and of an app that closes while they are open: nothing.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Server } from 'node:net';
import { UseInterceptors } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import { MongoSessions, SaveSession } from '../../../lib/index.js';
import { type Library, StageGateway, type TestSocket, startSockets } from '../../support/sockets.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const SOCKETS = 1000;
const LIBRARIES: readonly Library[] = ['socket.io', 'ws'];

/** How many TCP sockets of this process are open, of clients and servers. */
const connections = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

async function connectMany(library: Library, onMessage: (client: object) => void = () => {}) {
  const world = await startSockets('express', library);
  const browser = await world.http.browserOf('ada');
  const sockets: TestSocket[] = [];
  for (let count = 0; count < SOCKETS; count += 50) {
    const some = await Promise.all(Array.from({ length: 50 }, () => world.connect(browser)));
    await Promise.all(some.map((socket) => socket.act((_session, client) => onMessage(client))));
    sockets.push(...some);
  }
  return { world, browser, sockets };
}

describe.each(LIBRARIES)('1,000 sockets of %s', (library) => {
  test('leave neither memory nor listeners behind when a logout closes them', async () => {
    const clients: WeakRef<object>[] = [];
    const { world, browser, sockets } = await connectMany(library, (client) => clients.push(new WeakRef(client)));
    const server = world.http.app.nest.getHttpServer() as Server;
    const listeners = () => server.eventNames().map((name) => server.listenerCount(name));
    const before = listeners();
    await world.http.visit(browser, ({ session }) => session.logout());
    await Promise.all(sockets.map(({ closed }) => closed));
    // What waits for a message, so that its handler may save late.
    world.http.clock.advance(20_000);
    await expect
      .poll(
        () => {
          collectGarbage();
          return clients.filter((client) => client.deref()).length;
        },
        { timeout: 10_000 },
      )
      .toBeLessThan(10);
    expect(clients).toHaveLength(SOCKETS);
    expect(listeners()).toEqual(before);
    let looks = 0;
    const { memory } = world.http.store;
    memory.peek = () => Promise.resolve(((looks += 1), []));
    world.http.clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(looks).toBe(0);
  }, 120_000);

  test('are gone with the app that closes, and no connection or timer is left', async () => {
    const { world, sockets } = await connectMany(library);
    const open = connections();
    await world.http.app.close();
    await Promise.all(sockets.map(({ closed }) => closed));
    // Both ends of each.
    await expect.poll(connections, { timeout: 10_000 }).toBeLessThanOrEqual(open - 2 * SOCKETS);
    let looks = 0;
    world.http.store.memory.peek = () => Promise.resolve(((looks += 1), []));
    world.http.clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(looks).toBe(0);
    expect(world.http.app.log.lines).toEqual([]);
  }, 120_000);
});

@UseInterceptors(SaveSession)
@WebSocketGateway()
class SavingGateway extends StageGateway {}

test.each(LIBRARIES)(
  'what a handler with SaveSession leaves running on %s lets go of its sessions',
  async (library) => {
    const world = await startSockets('express', library, { gateways: [SavingGateway] });
    const socket = await world.connect(await world.http.browserOf('ada'));
    const sessions = world.http.app.nest.get(MongoSessions);
    // As a timer of the handler's would run.
    let inHandler: ((task: () => Promise<void>) => Promise<void>) | undefined;
    let client: object | undefined;
    await socket.act((_session, given) => {
      inHandler = AsyncLocalStorage.snapshot();
      client = given;
    });
    const asked: WeakRef<object>[] = [];
    for (let count = 0; count < 200; count += 1)
      await inHandler!(async () => void asked.push(new WeakRef(await sessions.from(client!))));
    world.http.clock.advance(20_000);
    await expect
      .poll(() => {
        collectGarbage();
        return asked.filter((session) => session.deref()).length;
      })
      .toBeLessThan(10);
  },
);
