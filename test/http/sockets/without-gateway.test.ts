// Sockets of a server that is no gateway: Nest tells nothing of them, so the app says once what it knows.
import type { IncomingMessage, Server } from 'node:http';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import {
  MemorySessionStore,
  MongoSessions,
  MongoSessionsModule,
  Session,
  getSessionsToken,
} from '../../../lib/index.js';
import { PLATFORMS } from '../../support/app.js';
import { startSockets } from '../../support/sockets.js';
import type { AnySession } from '../../support/world.js';

class Handlers {
  handle(this: void, @Session() session: unknown) {
    return (session as AnySession).userId;
  }
}

/** Of an app without the module, or of one that has another copy of it. */
class Strangers extends Handlers {}

/** Calls the handler as Nest does for a message of a gateway. */
function callByDecorator(nest: INestApplication, client: object, handlers = nest.get(Handlers)): Promise<unknown> {
  const creator = nest.get(ExternalContextCreator, { strict: false });
  const parameters = { exchangeKeyForValue: () => undefined };
  const contexts = [undefined, undefined, undefined, 'ws' as 'http'] as const;
  const proxy = creator.create(handlers, handlers.handle, 'handle', '__routeArguments__', parameters, ...contexts);
  return proxy(client, {});
}

describe.each(PLATFORMS)('a server of ws without a gateway on %s', (platform) => {
  async function start(imports: DynamicModule[] = []) {
    const opened: { client: object; request: IncomingMessage }[] = [];
    const world = await startSockets(platform, 'ws', {
      gateways: [],
      app: {
        imports,
        providers: [Handlers],
        configure(nest) {
          const server = new WebSocketServer({ noServer: true });
          (nest.getHttpServer() as Server).on('upgrade', (request, socket, head) =>
            server.handleUpgrade(request, socket, head, (client) => opened.push({ client, request })),
          );
        },
      },
    });
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser);
    await expect.poll(() => opened.length).toBe(1);
    return { world, browser, socket, ...opened[0]!, nest: world.http.app.nest };
  }

  test('has the session once it was told the handshake, and closes with it', async () => {
    const { world, browser, socket, client, request, nest } = await start();
    const sessions = nest.get(MongoSessions);
    await expect(sessions.from(client)).rejects.toMatchObject({
      code: 'SESSION_NOT_MOUNTED',
      message: expect.stringContaining('await sessions.from(client, request)') as string,
    });
    expect((await sessions.from(client, request)).userId).toBe('ada');
    expect((await sessions.from(client)).userId).toBe('ada');
    await world.http.visit(browser, ({ session }) => session.logout());
    expect(await socket.closed).toMatchObject({ code: 1008 });
  });

  test('takes the handshake as Fastify has it, and nothing else', async () => {
    const { client, request, nest } = await start();
    const sessions = nest.get(MongoSessions);
    for (const wrong of [{}, { headers: request.headers }, { raw: {} }])
      await expect(sessions.from(client, wrong as IncomingMessage)).rejects.toMatchObject({
        code: 'SESSION_NOT_MOUNTED',
        message: expect.stringContaining('The second argument of from() is no request') as string,
      });
    expect((await sessions.from(client, { raw: request })).userId).toBe('ada');
  });

  test('was told for all registrations', async () => {
    const admin = MongoSessionsModule.forRoot({ name: 'admin', store: new MemorySessionStore() });
    const { client, request, nest } = await start([admin]);
    expect((await nest.get(MongoSessions).from(client, request)).userId).toBe('ada');
    const sessions = nest.get<MongoSessions>(getSessionsToken('admin'));
    expect((await sessions.from(client)).isNew).toBe(true);
    expect((await sessions.from(client)).isNew).toBe(true);
  });

  test('has the session of the only app with that class, and of two by from() alone', async () => {
    const { client, request, nest } = await start();
    await nest.get(MongoSessions).from(client, request);
    expect(await callByDecorator(nest, client)).toBe('ada');
    await expect(callByDecorator(nest, client, new Strangers())).rejects.toMatchObject({
      code: 'SESSION_NOT_MOUNTED',
      message: expect.stringMatching(/Import the module in the root module\. .*`npm ls/) as string,
    });
    const other = await start();
    await expect(callByDecorator(nest, client)).rejects.toMatchObject({
      message: expect.stringMatching(
        /It is not clear which app this socket belongs to\. .*sessions\.from\(context\)/,
      ) as string,
    });
    expect((await nest.get(MongoSessions).from(client)).userId).toBe('ada');
    expect((await other.nest.get(MongoSessions).from(other.client, other.request)).userId).toBe('ada');
  });
});
