// What a request writes by the way (its time of use, a renewal, an end that is none) is tried once, and never holds the answer.
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/http.js';
import { MINUTE, startWorld } from './support/world.js';

describe.each(PLATFORMS)('%s', (platform) => {
  test('a touch that fails is tried once', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    world.clock.advance(10 * MINUTE);
    world.store.takeCalls();
    world.store.fail('update');
    const reply = await world.visit(browser);
    expect([reply.status, reply.body]).toEqual([200, 'seen']);
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
    expect(world.app.log.lines).toEqual([expect.stringContaining('time of last use')]);
  });

  test('a touch of a session that has ended meanwhile is tried once', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    world.clock.advance(10 * MINUTE);
    const reader = await world.begin(browser.clone());
    await world.visit(browser, ({ session }) => session.logout());
    world.store.takeCalls();
    expect((await reader.end()).body).toBe('seen');
    expect(world.store.takeCalls()).toEqual(['update']);
    expect(world.store.memory.size).toBe(0);
  });

  test('a touch on a store that is slower than a tenth of the idle time is done once, because the time of use is the arrival', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    world.clock.advance(10 * MINUTE);
    world.store.takeCalls();
    const ticking = { now: world.clock.now.bind(world.clock) };
    // Every look at the clock comes 4 minutes later, as if every step had taken so long.
    world.clock.now = () => {
      world.clock.advance(4 * MINUTE);
      return ticking.now();
    };
    expect((await world.visit(browser)).body).toBe('seen');
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
  });

  test('a renewal that fails is tried once, holds nothing up, and comes with the next request', async () => {
    const world = await startWorld(platform, { renewAfter: '1m', renewGrace: '1m' });
    const browser = await world.browserWith();
    world.clock.advance(MINUTE);
    world.store.takeCalls();
    world.store.fail('renewToken');
    const failed = await world.visit(browser);
    expect([failed.status, failed.body, failed.cookies]).toEqual([200, 'seen', []]);
    expect(world.store.takeCalls()).toEqual(['find', 'renewToken']);
    expect(world.app.log.lines).toEqual([expect.stringContaining('could not be renewed')]);

    world.store.fail();
    expect((await world.visit(browser)).cookies).toHaveLength(1);
  });

  test('the acceptance of a renewed token that fails holds nothing up, and the token works on', async () => {
    const world = await startWorld(platform, { renewAfter: '1m', renewGrace: '1m' });
    const browser = await world.browserWith();
    world.clock.advance(MINUTE);
    await world.visit(browser);
    world.store.fail('renewToken');
    expect((await world.visit(browser)).body).toBe('seen');
    world.store.fail();
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test('an emptied session that got something else meanwhile stays, and its answer does not wait for its end', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserWith({ a: 1 });
    const emptier = await world.begin(browser.clone(), ({ session }) => void delete session['a']);
    await world.visit(browser, ({ session }) => void (session['b'] = 2));
    world.store.takeCalls();
    const reply = await emptier.end();
    expect([reply.status, reply.cookies]).toEqual([200, []]);
    expect(world.store.takeCalls()).toEqual(['update', 'removeIfEmpty']);
    expect(await world.dataOf(browser)).toEqual({ b: 2 });
  });
});
