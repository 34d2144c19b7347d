// What the store in memory has beside the contract of every store: a look at its size, and an end to everything between two tests.
import { expect, test } from 'vitest';
import { World } from '../../../support/core/world.js';

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
