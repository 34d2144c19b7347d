// The benchmark reads among a million sessions that it has written itself: as the library would have.
import { expect, test } from 'vitest';
import { storeSessions } from '../../bench/stored-sessions.mjs';
import { testDatabase } from '../support/mongo.js';
import { startWorld } from '../support/world.js';

const { db } = testDatabase();

test('sessions that the benchmark stores open with their cookies, and their indexes need no change', async () => {
  const collection = db.collection('sessions');
  const visitors = await storeSessions(collection as never, 20);
  const indexes = await collection.indexes();
  const world = await startWorld('express', { db, collection: 'sessions' });
  for (const { user, cookie } of visitors) {
    const headers = { cookie };
    const reply = await world.visit(world.client(), ({ session }) => String(session['user']), { headers });
    expect(reply.body).toBe(user);
  }
  expect(visitors).toHaveLength(20);
  expect(await collection.indexes()).toEqual(indexes);
  expect(world.app.log.lines).toEqual([]);
});
