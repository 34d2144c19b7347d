// Where a session stands in a gateway: parameters, guards, interceptors, filters, handleConnection; and on which server.
import { type AddressInfo, createServer } from 'node:net';
import {
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  type CallHandler,
  ParseIntPipe,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import { MongoSessions, SaveSession, Session } from '../../../lib/index.js';
import { COMBINATIONS, StageGateway, startSockets } from '../../support/sockets.js';
import type { AnySession } from '../../support/world.js';

const asked: object[] = [];

@Injectable()
class Member implements CanActivate {
  constructor(private readonly sessions: MongoSessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const session = await this.sessions.from(context);
    asked.push(session);
    return session.userId !== undefined;
  }
}

@Injectable()
class Watcher implements NestInterceptor {
  constructor(private readonly sessions: MongoSessions) {}

  async intercept(context: ExecutionContext, next: CallHandler) {
    asked.push(await this.sessions.from(context));
    return next.handle();
  }
}

@Injectable()
class Counter implements CanActivate {
  constructor(private readonly sessions: MongoSessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const session = (await this.sessions.from(context)) as unknown as AnySession;
    session['count'] = Number(session['count']) + 1;
    return true;
  }
}

@Catch()
class Filter implements ExceptionFilter {
  catch(error: unknown, host: { switchToWs(): { getClient(): { emit: unknown; send(data: string): void } } }) {
    const answer = { isWsException: error instanceof WsException, code: (error as { code?: string }).code };
    const client = host.switchToWs().getClient();
    if ('rooms' in client) (client as unknown as { emit(event: string, data: object): void }).emit('filtered', answer);
    else client.send(JSON.stringify({ event: 'filtered', data: answer }));
  }
}

/** What `handleConnection` has found. */
const connections: unknown[] = [];

@WebSocketGateway()
class Gateway implements OnGatewayConnection {
  constructor(private readonly sessions: MongoSessions) {}

  async handleConnection(client: object) {
    connections.push((await this.sessions.from(client)).userId);
  }

  @SubscribeMessage('key')
  key(@Session<{ count: number }>('count', ParseIntPipe) count: number) {
    return { event: 'key', data: count + 1 };
  }

  @UseGuards(Member)
  @UseInterceptors(Watcher)
  @SubscribeMessage('shared')
  shared(@Session() session: unknown, @ConnectedSocket() client: object, @MessageBody() _data: unknown) {
    asked.push(session as object);
    void client;
    return { event: 'shared', data: 'ok' };
  }

  @UseInterceptors(SaveSession)
  @SubscribeMessage('theme')
  theme(@Session() session: unknown, @MessageBody() theme: string) {
    (session as AnySession)['theme'] = theme;
    return { event: 'theme', data: 'set' };
  }

  @UseGuards(Counter)
  @UseInterceptors(SaveSession)
  @SubscribeMessage('counted')
  counted() {
    return { event: 'counted', data: 'ok' };
  }

  @SubscribeMessage('parts')
  async parts(
    @Session() session: unknown,
    @Session<{ items: string[] }>('items') items: string[],
    @MessageBody() item: string,
  ) {
    items.push(item);
    await (session as AnySession).save();
    return { event: 'parts', data: 'saved' };
  }

  @UseFilters(Filter)
  @SubscribeMessage('login')
  async login(@Session() session: unknown) {
    await (session as AnySession).login('bea');
  }
}

describe.each(COMBINATIONS)('a gateway on %s with %s', (platform, library) => {
  const start = () =>
    startSockets(platform, library, { gateways: [Gateway], app: { providers: [Member, Watcher, Counter] } });

  test('has the session in handleConnection', async () => {
    connections.length = 0;
    const world = await start();
    await world.connect(await world.http.browserOf('ada'));
    await expect.poll(() => connections).toEqual(['ada']);
  });

  test('has one key of it, through a pipe', async () => {
    const world = await start();
    const socket = await world.connect(await world.http.browserWith({ count: '41' }));
    expect(await socket.ask('key', {}, 'key')).toBe(42);
  });

  test.each([
    ['an object', { a: 1 }],
    ['no data', undefined],
    ['a text', 'a'],
    ['a number', 0],
  ])('gives guard, interceptor and handler of a message with %s the same session', async (_what, data) => {
    const world = await start();
    const socket = await world.connect(await world.http.browserOf('ada'));
    await socket.ask('key', {}, 'key').catch(() => {});
    world.http.store.takeCalls();
    asked.length = 0;
    await socket.ask('shared', data, 'shared');
    expect(asked).toHaveLength(3);
    expect(new Set(asked).size).toBe(1);
    expect(world.http.store.takeCalls()).toEqual(['find']);
    await socket.ask('shared', data, 'shared');
    expect(new Set(asked).size).toBe(2);
  });

  test('turns a client away by its guard', async () => {
    const world = await start();
    const socket = await world.connect(await world.http.browserWith({ a: 1 }));
    await expect(socket.ask('shared', {}, 'shared')).rejects.toMatchObject({
      answer: { message: 'Forbidden resource' },
    });
  });

  test('saves before it answers with SaveSession, also a message of a text', async () => {
    const world = await start();
    const browser = await world.http.browserWith({ theme: 'light' });
    const socket = await world.connect(browser);
    await socket.ask('theme', 'dark', 'theme');
    expect(await world.http.dataOf(browser)).toEqual({ theme: 'dark' });
    world.http.store.takeCalls();
    await socket.ask('theme', 'dark', 'theme');
    expect(world.http.store.takeCalls()).toEqual(['find']);
  });

  test.each([
    ['an object', {}],
    ['a text', 'a'],
  ])('saves with SaveSession what a guard has changed, for a message with %s', async (_what, data) => {
    const world = await start();
    const browser = await world.http.browserWith({ count: 1 });
    const socket = await world.connect(browser);
    await socket.ask('counted', data, 'counted');
    expect(await world.http.dataOf(browser)).toEqual({ count: 2 });
  });

  test('fails the message if SaveSession can not save', async () => {
    const world = await start();
    const socket = await world.connect(await world.http.browserWith({ theme: 'light' }));
    world.http.store.fail('update');
    const answer = { status: 'error', code: 'SESSION_STORE_UNAVAILABLE' };
    await expect(socket.ask('theme', 'dark', 'theme')).rejects.toMatchObject({ answer });
  });

  test('gives the parameters of one handler the same session', async () => {
    const world = await start();
    const browser = await world.http.browserWith({ items: [] });
    const socket = await world.connect(browser);
    await socket.ask('parts', 'shoe', 'parts');
    expect(await world.http.dataOf(browser)).toEqual({ items: ['shoe'] });
  });

  test('gives its filters a WsException with the code', async () => {
    const world = await start();
    const socket = await world.connect(await world.http.browserOf('ada'));
    expect(await socket.ask('login', {}, 'filtered')).toEqual({ isWsException: true, code: 'SESSION_NO_CLIENT' });
    expect(world.http.app.log.lines.join()).toContain('session.login() needs a response that carries a cookie');
  });

  test('has the session on a port of its own', async () => {
    const port = await freePort();
    @WebSocketGateway(port)
    class OwnPort extends StageGateway {}
    const world = await startSockets(platform, library, { gateways: [OwnPort] });
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser, { url: `http://127.0.0.1:${port}` });
    expect(await socket.act((session) => session.userId)).toBe('ada');
    await world.http.visit(browser, ({ session }) => session.logout());
    expect(await socket.closed).toBeDefined();
  });

  test('knows its app among two of the same classes', async () => {
    const first = await startSockets(platform, library);
    const second = await startSockets(platform, library);
    const browser = await second.http.browserOf('ada');
    const socket = await second.connect(browser);
    expect(await socket.act((session) => session.userId)).toBe('ada');
    const other = await first.connect(browser);
    expect(await other.act((session) => session.isNew)).toBe(true);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
