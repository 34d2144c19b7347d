// What messages cost: at most one command to read the session, which messages of all sockets share.
import { describe, expect, test } from 'vitest';
import { PLATFORMS, recordCommands, testDatabase } from '../../support/http.js';
import { startSockets } from '../../support/sockets.js';

const SOCKETS = 20;
const MESSAGES = 500;

const { client, db } = testDatabase({ monitorCommands: true });
const commands = recordCommands(client);

describe.each(PLATFORMS)('messages on %s', (platform) => {
  const collection = `sessions_${platform}`;
  const start = () => startSockets(platform, 'ws', { sessions: { db, collection } });

  test('read the session by one command each', async () => {
    const world = await start();
    const socket = await world.connect(await world.http.browserOf('ada'));
    commands.on(collection);
    expect(await socket.act((session) => session.userId)).toBe('ada');
    // The handshake, which the watch looks at as well.
    expect(commands.on(collection)).toEqual(['find', 'find']);
    for (let round = 0; round < 3; round += 1) {
      await socket.act((session) => session.userId);
      expect(commands.on(collection)).toEqual(['find']);
    }
  });

  test.each([
    ['on one socket', 1, MESSAGES],
    ['of many sockets with a session each', SOCKETS, MESSAGES / SOCKETS],
  ])('at once %s share their reads', async (_where, sockets, each) => {
    const world = await start();
    const opened = [];
    for (let count = 0; count < sockets; count += 1) {
      const socket = await world.connect(await world.http.browserOf(`user${count}`));
      await socket.act(() => undefined);
      opened.push(socket);
    }
    commands.on(collection);
    const ask = opened.flatMap((socket, index) =>
      Array.from({ length: each }, async () => {
        expect(await socket.act((session) => session.userId)).toBe(`user${index}`);
      }),
    );
    await Promise.all(ask);
    const sent = commands.on(collection);
    expect(new Set(sent)).toEqual(new Set(['find']));
    expect(sent.length).toBeLessThan(MESSAGES / 5);
  });
});
