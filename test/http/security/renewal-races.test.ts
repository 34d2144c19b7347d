// Several requests bring the same token at the moment of its renewal: one renews it, nobody waits, nobody is logged out.
import { describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { during } from '../response-paths/contract.js';
import { MINUTE, type World, startWorld, tokenIn, withCookie } from './support/world.js';

const RENEWAL = { renewAfter: '5m', renewGrace: '1m' } as const;
const database = testDatabase();
const STORES = [
  ['memory', {}],
  ['MongoDB', { db: database.db, collection: 'sessions' }],
] as const;

describe.each(PLATFORMS)('%s', (platform) => {
  describe.each(STORES)('of parallel requests with an old token, on %s,', (_, store) => {
    test('one renews it, and only its answer carries a cookie', async () => {
      const world = await startWorld(platform, { ...store, ...RENEWAL });
      const browser = await world.browserWith();
      world.clock.advance(5 * MINUTE);
      const held = await Promise.all(Array.from({ length: 6 }, () => world.begin(browser.clone())));

      const replies = await Promise.all(held.map((visit) => visit.end()));

      expect(replies.map(({ status }) => status)).toEqual(Array(6).fill(200));
      const cookies = replies.flatMap((reply) => reply.cookies);
      expect(cookies).toHaveLength(1);
      expect(world.eventTypes()).toEqual(['created', 'renewed']);
      expect(await world.dataOf(withCookie(browser, tokenIn(replies.find((reply) => tokenIn(reply))!)!))).toEqual({
        a: 1,
      });
    });

    test('none hands out the old one once more, with the lifetime that a use gives to a permanent session', async () => {
      const world = await startWorld(platform, { ...store, ...RENEWAL, permanent: { idleTimeout: '10m' } });
      const browser = world.client();
      await world.visit(browser, ({ session }) => void Object.assign(session, { permanent: true, a: 1 }));
      world.clock.advance(5 * MINUTE);
      const held = await Promise.all(Array.from({ length: 4 }, () => world.begin(browser.clone())));

      const replies = await Promise.all(held.map((visit) => visit.end()));

      const cookies = replies.flatMap((reply) => reply.cookies);
      expect(cookies).toEqual([expect.stringMatching(/^id=.*; Max-Age=600;/)]);
      expect(cookies[0]).not.toContain(browser.jar.get('id'));
    });
  });

  test('a renewal that MongoDB refuses fails no request, and comes with a later one', async () => {
    const world = await startWorld(platform, { ...STORES[1][1], ...RENEWAL, idleTimeout: '2h' });
    const browser = await world.browserWith();
    world.clock.advance(5 * MINUTE);
    const failure = { failCommands: ['update'], errorCode: 8000 };
    const reply = await during(database, failure, () => world.visit(browser, ({ session }) => ({ ...session })));
    expect([reply.status, reply.body, reply.cookies]).toEqual([200, '{"a":1}', []]);
    expect(world.app.log.lines).toEqual([expect.stringContaining('could not be renewed')]);
    expect((await world.visit(browser)).cookies).toHaveLength(1);
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test('each tries once: an answer never waits for a renewal that others have done or that fails', async () => {
    const world = await startWorld(platform, RENEWAL);
    const browser = await world.browserWith();
    world.clock.advance(5 * MINUTE);
    const held = await Promise.all(Array.from({ length: 3 }, () => world.begin(browser.clone())));
    world.store.takeCalls();
    await Promise.all(held.map((visit) => visit.end()));
    expect(world.store.takeCalls().filter((call) => call === 'renewToken')).toHaveLength(3);
  });

  test('who comes late with the old token gets no cookie, whatever it changes', async () => {
    const world = await startWorld(platform, { ...RENEWAL, permanent: { idleTimeout: '10m' } });
    const old = world.client();
    await world.visit(old, ({ session }) => void Object.assign(session, { permanent: true, a: 1 }));
    world.clock.advance(5 * MINUTE);
    const before = await world.begin(old.clone(), ({ session }) => void (session['before'] = 1));
    const renewed = old.clone();
    await world.visit(renewed);
    const between = await world.begin(old.clone(), ({ session }) => void (session['between'] = 1));
    await world.visit(renewed);
    const after = await world.begin(old.clone(), ({ session }) => {
      session['after'] = 1;
      session.permanent = 5 * MINUTE;
    });
    world.clock.advance(MINUTE - 1);

    for (const visit of [before, between, after]) {
      const reply = await visit.end();
      expect([reply.status, reply.cookies]).toEqual([200, []]);
    }
    expect(await world.dataOf(renewed)).toEqual({ a: 1, before: 1, between: 1, after: 1 });
  });

  test('a token of an old signing key is signed anew, but never in place of the renewed one', async () => {
    const [olden, newest] = ['o'.repeat(32), 'n'.repeat(32)];
    const world = await startWorld(platform, { secrets: [olden] });
    const browser = await world.browserWith();
    const next = await startWorld(platform, { ...RENEWAL, store: world.store, secrets: [newest, olden] });
    next.clock.advance(5 * MINUTE);
    const [first, second] = [await begin(next, browser), await begin(next, browser)];
    const replies = [await first.end(), await second.end()];
    expect(replies.map(({ cookies }) => cookies.length)).toEqual([1, 0]);

    const third = await begin(next, browser);
    expect((await third.end()).cookies).toEqual([]);
  });

  function begin(world: World, { jar }: { jar: ReadonlyMap<string, string> }) {
    return world.begin(withCookie(world.client(), jar.get('id')!));
  }
});
