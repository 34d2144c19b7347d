import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { testDatabase } from '../../../support/mongo.js';
import { describeSessionStore } from '../../../../lib/testing/contract/describe-session-store.js';
import { mongoStore } from '../../../support/store/mongo-store.js';
import { World } from '../../../support/core/world.js';

const { db } = testDatabase();

describeSessionStore('MemorySessionStore', new MemorySessionStore(), { describe, test, expect });
describeSessionStore('MongoSessionStore', mongoStore({ collection: 'sessions', db }).store, { describe, test, expect });

test('a store that was cleared holds nothing, and no token of before opens anything', async () => {
  const world = new World();
  const browsers = [await world.browserWith({ a: 1 }), await world.browserWith({ a: 2 })];
  expect(world.store.memory.size).toBe(2);
  world.store.memory.clear();
  expect(world.store.memory.size).toBe(0);
  for (const browser of browsers) await browser.visit((session) => expect({ ...session }).toEqual({}));
  await browsers[0]!.visit((session) => (session['a'] = 3));
  expect(world.store.memory.size).toBe(1);
});
