// What goes wrong on a socket, and what is not a socket.
import { EventEmitter, on, once } from 'node:events';
import { UseInterceptors } from '@nestjs/common';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import { MongoSessions, SaveSession, Session } from '../../../lib/index.js';
import { COMBINATIONS, startSockets } from '../../support/sockets.js';
import { type AnySession, SECOND } from '../../support/world.js';

/** Tells the test how far a handler is. */
const progress = new EventEmitter();

@WebSocketGateway()
class LateGateway {
  @UseInterceptors(SaveSession)
  @SubscribeMessage('late')
  async late(@Session() session: unknown, @ConnectedSocket() client: EventEmitter) {
    const closed = once(client, 'rooms' in client ? 'disconnect' : 'close');
    progress.emit('step');
    await closed;
    (session as AnySession)['theme'] = 'dark';
    progress.emit('step');
  }
}

const UNAVAILABLE = { answer: { status: 'error', code: 'SESSION_STORE_UNAVAILABLE' } };

describe.each(COMBINATIONS)('a socket on %s with %s', (platform, library) => {
  test.each([
    ['before its first message', false],
    ['later', true],
  ])('gets an error and stays while the store is away %s, and works again', async (_when, isBound) => {
    const world = await startSockets(platform, library);
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser);
    if (isBound) await socket.act(() => undefined);
    world.http.store.fail('find');
    await expect(socket.act((session) => session.userId)).rejects.toMatchObject(UNAVAILABLE);
    await expect(socket.act((session) => session.userId)).rejects.toMatchObject(UNAVAILABLE);
    world.http.store.fail();
    expect(await socket.act((session) => session.userId)).toBe('ada');
    expect(socket.isOpen).toBe(true);
  });

  test('stays while the watch can not look', async () => {
    const world = await startSockets(platform, library);
    const browser = await world.http.browserOf('ada');
    const socket = await world.connect(browser);
    await socket.act(() => undefined);
    const { memory } = world.http.store;
    const peek = memory.peek.bind(memory);
    memory.peek = () => Promise.reject(new Error('away'));
    for (let second = 0; second < 5; second += 1) world.http.clock.advance(SECOND);
    expect(await socket.act((session) => session.userId)).toBe('ada');
    memory.peek = peek;
  });

  test('warns once of a change that is not saved', async () => {
    const world = await startSockets(platform, library);
    const socket = await world.connect(await world.http.browserWith({ theme: 'light' }));
    const warnings = () => world.http.app.log.lines.filter((line) => line.includes('the change is not saved'));
    for (let round = 0; round < 2; round += 1) {
      await socket.act((session) => void (session['theme'] = 'dark'));
      await socket.act(async (session) => {
        session['color'] = 'red';
        await session.save();
      });
      expect(warnings()).toHaveLength(round);
      world.http.clock.advance(10 * SECOND);
      expect(warnings()).toHaveLength(1);
    }
  });

  test('does not warn of what was saved or only read', async () => {
    const world = await startSockets(platform, library);
    const socket = await world.connect(await world.http.browserWith({ items: [] }));
    await socket.act((session) => session.push('items', [1]));
    await socket.act((session) => session['items']);
    world.http.clock.advance(20 * SECOND);
    expect(world.http.app.log.lines).toEqual([]);
  });

  test('that closes in the middle of a message keeps what was saved, and rejects nothing unheard', async () => {
    const world = await startSockets(platform, library);
    const browser = await world.http.browserWith({ theme: 'light' });
    const socket = await world.connect(browser);
    let saved: Promise<unknown> | undefined;
    const acting = socket.act((session) => {
      session['theme'] = 'dark';
      socket.close();
      return (saved = session.save());
    });
    await expect(acting).rejects.toThrow('closed');
    await saved;
    expect(await world.http.dataOf(browser)).toEqual({ theme: 'dark' });
  });

  test('that closes in the middle of a message with SaveSession saves nothing, and rejects nothing unheard', async () => {
    const world = await startSockets(platform, library, { gateways: [LateGateway] });
    const browser = await world.http.browserWith({ theme: 'light' });
    const socket = await world.connect(browser);
    const steps = on(progress, 'step')[Symbol.asyncIterator]();
    socket.send('late', {});
    await steps.next();
    socket.close();
    await steps.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await world.http.dataOf(browser)).toEqual({ theme: 'light' });
    world.http.clock.advance(10 * SECOND);
    expect(world.http.app.log.lines.join()).toContain('the change is not saved');
  });

  test('with many messages at once answers each', async () => {
    const world = await startSockets(platform, library);
    const socket = await world.connect(await world.http.browserWith({ a: 1 }));
    const seen = await Promise.all(Array.from({ length: 200 }, () => socket.act((session) => session['a'])));
    expect(new Set(seen)).toEqual(new Set([1]));
  });
});

describe.each(COMBINATIONS.slice(0, 2))('from() on %s with %s', (platform, library) => {
  const touched: string[] = [];
  const trap = () => {
    touched.push('called');
    return undefined;
  };
  const withGetter = Object.defineProperty({}, 'conn', { get: trap });

  test.each<[string, unknown]>([
    ['null', null],
    ['a text', 'client'],
    ['the payload of a message', { conn: {}, request: { headers: {} }, handshake: {} }],
    ['a payload with a forged session', { session: { userId: 'root' }, request: { session: {} } }],
    [
      'a proxy',
      new Proxy({}, { get: trap, has: () => trap() === undefined, getPrototypeOf: () => EventEmitter.prototype }),
    ],
    ['an object with getters', withGetter],
    ['an emitter that is no socket', new EventEmitter()],
  ])('refuses %s, and calls nothing of it', async (_what, source) => {
    const world = await startSockets(platform, library);
    touched.length = 0;
    const asked = world.http.app.nest.get(MongoSessions).from(source as object);
    await expect(asked).rejects.toMatchObject({ code: 'SESSION_NOT_MOUNTED' });
    expect(touched).toEqual([]);
  });
});
