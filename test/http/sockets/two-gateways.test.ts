// Two gateways on one server that handle the same messages.
import { UseInterceptors } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import { ReadonlySession, SaveSession, Session } from '../../../lib/index.js';
import { COMBINATIONS, startSockets } from '../../support/sockets.js';
import type { AnySession } from '../../support/world.js';

const asked: object[] = [];

@WebSocketGateway()
class LookingGateway {
  @ReadonlySession()
  @SubscribeMessage('theme')
  theme(@Session() session: unknown) {
    asked.push(session as object);
  }
}

@WebSocketGateway()
class SavingGateway {
  @UseInterceptors(SaveSession)
  @SubscribeMessage('theme')
  theme(@Session() session: unknown) {
    asked.push(session as object);
    (session as AnySession)['theme'] = 'dark';
    return { event: 'theme', data: 'set' };
  }
}

describe.each(COMBINATIONS)('a message on %s with %s that two gateways handle', (platform, library) => {
  test.each([
    ['an object', {}],
    ['a text', 'a'],
  ])('has a session of its own in each, if it brings %s', async (_what, data) => {
    const world = await startSockets(platform, library, { gateways: [LookingGateway, SavingGateway] });
    const browser = await world.http.browserWith({ theme: 'light' });
    const socket = await world.connect(browser);
    asked.length = 0;
    expect(await socket.ask('theme', data, 'theme')).toBe('set');
    expect(new Set(asked).size).toBe(2);
    expect(await world.http.dataOf(browser)).toEqual({ theme: 'dark' });
  });
});
