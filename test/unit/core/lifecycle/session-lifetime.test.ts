// How long a session lives, with nothing that would collect it, and what it costs to keep it alive.
import { describe, expect, test } from 'vitest';
import { type Browser, HOUR, MINUTE, visitWith, World } from '../../../support/core/world.js';
import { target } from '../../../../lib/testing/contract/stored-sessions.js';

const options = {
  idleTimeout: '30m',
  absoluteTimeout: '2h',
  permanent: { idleTimeout: '10h', absoluteTimeout: '20h' },
} as const;

const isAlive = async (browser: Browser) => (await browser.begin()).session['a'] === 1;

async function beginIn(world: World, permanent: boolean): Promise<Browser> {
  const browser = world.browser();
  await browser.visit((session) => {
    session['a'] = 1;
    if (permanent) session.permanent = true;
  });
  return browser;
}

/** A browser whose session is used every 25 minutes until then. */
async function usedUntil(world: World, time: number, permanent = false): Promise<Browser> {
  const browser = await beginIn(world, permanent);
  const end = world.clock.now() + time;
  while (world.clock.now() + 25 * MINUTE < end) {
    world.clock.advance(25 * MINUTE);
    await browser.visit();
  }
  world.clock.advance(end - world.clock.now());
  return browser;
}

describe('a session', () => {
  const unused = async (world: World, time: number, permanent: boolean) => {
    const browser = await beginIn(world, permanent);
    world.clock.advance(time);
    return browser;
  };

  describe.each([
    ['that was not used for its idle time', 30 * MINUTE, false, unused],
    ['that is used all the time is at its absolute limit', 2 * HOUR, false, usedUntil],
    ['that outlives the browser and was not used for its own idle time', 10 * HOUR, true, unused],
    ['that outlives the browser and is used all the time is at its own absolute limit', 20 * HOUR, true, usedUntil],
  ])('%s', (_, time, permanent, use) => {
    test.each([
      [-1, true],
      [0, false],
      [1, false],
    ])('%i ms: it is alive: %s', async (offset, alive) => {
      const world = new World(options);
      const browser = await use(world, time + offset, permanent);
      expect(await isAlive(browser)).toBe(alive);
      expect(world.store.memory.size).toBe(1);
    });
  });

  test('that has expired is told as an event, keeps its cookie, and is never written to again', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    const { handle } = browser;
    world.clock.advance(HOUR);
    const answer = await browser.visit((session) => expect([{ ...session }, session.isNew]).toEqual([{}, true]));
    expect(answer.cookies).toEqual([]);
    expect(world.events).toMatchObject([{ type: 'rejected', reason: 'expired', handle, at: world.clock.now() }]);
    expect(world.store.takeCalls()).toEqual(['find']);
    await browser.visit((session) => (session['b'] = 1));
    expect(browser.handle).not.toBe(handle);
    expect(await world.stored(handle)).toEqual({ a: 1 });
  });
});

describe('a session that is only read', () => {
  test('is touched at most once per tenth of its idle time', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    const writes: number[] = [];
    for (let minute = 1; minute <= 30; minute++) {
      world.clock.advance(MINUTE);
      await browser.visit();
      if (world.store.takeCalls().includes('update')) writes.push(minute);
    }
    expect(writes).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27, 30]);
  });

  test('is touched also by who does not look at it, and gets no cookie by it', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    world.clock.advance(3 * MINUTE);
    const visit = await browser.begin();
    await visit.end();
    expect([world.store.takeCalls(), visit.exchange.cookies]).toEqual([['find', 'update'], []]);
    expect((await world.store.stored(browser.handle))?.expiresAt).toBe(world.clock.now() + 30 * MINUTE);
  });

  test('and outlives the browser gets a cookie that lasts longer with the touch, and agrees with the document', async () => {
    const world = new World(options);
    const browser = await beginIn(world, true);
    world.clock.advance(HOUR);
    const answer = await browser.visit();
    expect(answer.cookies).toEqual([expect.stringContaining(`; Max-Age=${10 * 3600};`)]);
    expect((await world.store.stored(browser.handle))?.expiresAt).toBe(world.clock.now() + 10 * HOUR);
    world.clock.advance(59 * MINUTE);
    expect((await browser.visit()).cookies).toEqual([]);
  });

  test('has an end that only ever rises, in whatever order its requests end', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    world.clock.advance(10 * MINUTE);
    const early = await browser.begin();
    void early.session['a'];
    const release = world.store.hold('update');
    const ending = early.cycle.commit();
    world.clock.advance(10 * MINUTE);
    const before = world.clock.now() + 30 * MINUTE;
    await world.store.memory.update(target(browser.handle, 0), {
      times: { lastSeenAt: world.clock.now(), expiresAt: before },
    });
    release();
    await ending;
    expect(await world.store.stored(browser.handle)).toMatchObject({
      lastSeenAt: world.clock.now(),
      expiresAt: before,
    });
  });

  test('never gets an end behind its absolute limit by a touch', async () => {
    const world = new World(options);
    const began = world.clock.now();
    const browser = await usedUntil(world, 2 * HOUR - 1);
    await browser.visit((session) => session.touch());
    expect((await world.store.stored(browser.handle))?.expiresAt).toBe(began + 2 * HOUR);
  });

  test('gets its answer though the touch fails, with a line in the log', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    world.clock.advance(10 * MINUTE);
    world.store.fail('update');
    const answer = await browser.visit((session) => expect(session['a']).toBe(1));
    expect(answer.cookies).toEqual([]);
    expect(world.warnings).toEqual([expect.stringContaining('could not be written')]);
    expect(world.errors).toEqual([]);
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
  });

  test('is touched by the next request where the touch failed', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    world.clock.advance(10 * MINUTE);
    world.store.fail('update');
    await browser.visit();
    world.store.fail();
    world.store.takeCalls();
    await browser.visit();
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
  });
});

describe('touch()', () => {
  test('restarts the idle time at once, however young it is', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    world.clock.advance(1);
    await browser.visit((session) => session.touch());
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
    expect((await world.store.stored(browser.handle))?.lastSeenAt).toBe(world.clock.now());
  });

  test('of a session that is not stored stores nothing', async () => {
    const world = new World(options);
    await world.browser().visit((session) => session.touch());
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('rejects with 409 when the session has ended', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    const slow = await browser.begin();
    await browser.visit((session) => session.destroy());
    await expect(slow.session.touch()).rejects.toMatchObject({ cause: { code: 'SESSION_INTERRUPTED' } });
    expect((await slow.end()).cookies).toEqual([]);
    expect(world.store.memory.size).toBe(0);
  });
});

test('a change restarts the idle time as a touch does, and no sooner', async () => {
  const { world, browser } = await visitWith({ a: 1 }, options);
  const { lastSeenAt } = (await world.store.stored(browser.handle))!;
  world.clock.advance(3 * MINUTE - 1);
  await browser.visit((session) => (session['b'] = 1));
  expect((await world.store.stored(browser.handle))?.lastSeenAt).toBe(lastSeenAt);
  world.clock.advance(1);
  await browser.visit((session) => (session['b'] = 2));
  expect((await world.store.stored(browser.handle))?.lastSeenAt).toBe(lastSeenAt + 3 * MINUTE);
});
