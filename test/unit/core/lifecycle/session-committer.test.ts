// Which writes a request asks for by itself, how often, and with which of them the client's cookie is renewed.
import { describe, expect, test } from 'vitest';
import { type Browser, HOUR, MINUTE, visitWith, World } from '../../../support/core/world.js';

// A touch is due after a tenth of the idle time.
const options = { idleTimeout: '30m', permanent: { idleTimeout: '10h' } } as const;

async function lasting(world: World): Promise<Browser> {
  const browser = await world.browserWith({ a: 1 });
  await browser.visit((session) => (session.permanent = true));
  world.store.takeCalls();
  return browser;
}

describe('a write to a session', () => {
  test('that outlives the browser renews its cookie where it restarts the idle time, and only there', async () => {
    const world = new World(options);
    const browser = await lasting(world);
    world.clock.advance(HOUR - 1);
    expect((await browser.visit((session) => (session['a'] = 2))).cookies).toEqual([]);
    world.clock.advance(1);
    const answer = await browser.visit((session) => (session['a'] = 3));
    expect(answer.cookies).toEqual([expect.stringContaining(`Max-Age=${10 * 3600}`)]);
  });

  test('that ends with the browser leaves its cookie alone', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    world.clock.advance(3 * MINUTE);
    expect((await browser.visit((session) => (session['a'] = 2))).cookies).toEqual([]);
  });
});

describe('a touch that nobody asked for', () => {
  test('comes at most once, for the request counts as one use, however long it takes', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    world.clock.advance(3 * MINUTE);
    const { cycle, exchange } = await browser.begin();
    const arrived = world.clock.now();
    const pass = () => {
      world.clock.advance(3 * MINUTE);
      return cycle.commit();
    };
    await pass();
    await pass();
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
    expect(await world.store.stored(browser.handle)).toMatchObject({ lastSeenAt: arrived });
    exchange.headersSent = true;
    await pass();
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('and that finds the session ended hands out no cookie for it, and is not tried again', async () => {
    const world = new World(options);
    const browser = await lasting(world);
    world.clock.advance(HOUR);
    const slow = await browser.begin();
    await browser.visit((session) => session.destroy());
    world.store.takeCalls();
    expect((await slow.end()).cookies).toEqual([]);
    expect(world.store.takeCalls()).toEqual(['update']);
  });
});

test('a session that was emptied here, and filled elsewhere, is not asked for a second time', async () => {
  const { world, browser } = await visitWith({ a: 1 }, options);
  const emptying = await browser.begin();
  delete emptying.session['a'];
  await browser.visit((session) => (session['b'] = 2));
  world.store.takeCalls();
  await emptying.end();
  expect(world.store.takeCalls()).toEqual(['update', 'removeIfEmpty']);
});

test('a session that has ended while its token was due gets no new one', async () => {
  const { world, browser } = await visitWith({ a: 1 }, { renewAfter: '10m' });
  world.clock.advance(10 * MINUTE);
  const slow = await browser.begin();
  slow.session['a'] = 2;
  await world.store.memory.remove(browser.handle);
  world.store.takeCalls();
  expect((await slow.end()).cookies).toEqual([]);
  expect(world.store.takeCalls()).toEqual(['update']);
});
