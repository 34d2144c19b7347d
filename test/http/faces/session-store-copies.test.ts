// What `request.sessionStore.get()` gives is a copy: who gets it can sort and change it, as with a store of express-session.
import { describe, expect, test } from 'vitest';
import { called, startFaced } from './support/faced.js';

interface Stored {
  list: number[];
  user: { name: string; tags: string[] };
  large: { texts: string[] };
  [key: string]: unknown;
}

const DATA = { list: [3, 1, 2], user: { name: 'ada', tags: ['a'] }, large: { texts: Array(50).fill('text') } };

describe.each([
  ['express', 'express-session'],
  ['fastify', 'express-session'],
  ['fastify', 'fastify-session'],
] as const)("request.sessionStore.get() on %s with the face '%s'", (platform, requestSession) => {
  test('gives data that can be changed, which changes nothing of the session', async () => {
    const world = await startFaced(platform, { requestSession });
    const browser = await world.browserWith(DATA);
    const seen = await world.ask(browser, async ({ sessionStore, own }) => {
      const [, stored] = await called<Stored>((done) => sessionStore['get']!(own.id, done));
      const { list, user, large } = stored!;
      list.sort((one, other) => one - other);
      user.name = 'bob';
      user.tags.push('b');
      large.texts.length = 1;
      stored!['more'] = true;
      return [list, user, large, own['user']];
    });
    expect(seen).toEqual([[1, 2, 3], { name: 'bob', tags: ['a', 'b'] }, { texts: ['text'] }, DATA.user]);
    expect(await world.dataOf(browser)).toEqual(DATA);
  });
});
