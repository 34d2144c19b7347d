// A socket can't carry a new cookie, so it takes nothing over: the page does, with its next request.
import { describe, expect, test } from 'vitest';
import { fromConnectMongo } from '../../../lib/moving-in/index.js';
import { testDatabase } from '../../support/mongo.js';
import { COMBINATIONS, startSockets } from '../../support/sockets.js';
import { SECRET, oldSession, until } from './support/old-sessions.js';

const { db } = testDatabase();

describe.each(COMBINATIONS)('movingIn on %s with %s', (platform, library) => {
  test('leaves the original alone at the handshake of a socket, whose messages have no session', async () => {
    const name = `${platform}_${library.replace('.', '_')}`;
    const old = db.collection(`old_${name}`);
    const movingIn = [fromConnectMongo({ collection: old, cookie: 'connect.sid', secrets: [SECRET], until })];
    const world = await startSockets(platform, library, { sessions: { collection: `new_${name}`, db, movingIn } });
    const browser = world.http.client();
    browser.jar.set('connect.sid', (await oldSession(old)).cookie);
    const early = await world.connect(browser);
    expect(await early.act((session) => session.isNew)).toBe(true);
    expect(await old.countDocuments()).toBe(1);
    expect(await world.http.dataOf(browser)).toMatchObject({ cart: 'tea' });
    await world.http.visit(browser);
    const socket = await world.connect(browser);
    expect(await socket.act((session) => session['cart'])).toBe('tea');
    expect(await old.countDocuments()).toBe(0);
  });
});
