// The steps of a token's renewal as requests take them: who is handed which token, and what is written for it.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../../lib/core/options/session-options.js';
import { type AnySession, MINUTE, visitWith, World } from '../../../support/core/world.js';

const options: SessionOptions = { renewAfter: '10m', renewGrace: '2m' };

async function due(given: SessionOptions = {}) {
  const { world, browser } = await visitWith({ a: 1 }, { ...options, ...given });
  await browser.visit((session) => session.regenerate({ keep: true }));
  world.clock.advance(10 * MINUTE);
  world.store.takeCalls();
  world.events.length = 0;
  return { world, browser };
}

describe('a token that is due', () => {
  test('is replaced with the next answer, once, and the session is the same', async () => {
    const { world, browser } = await due();
    const { cookie, handle } = browser;
    const answer = await browser.visit();
    expect(answer.cookies).toHaveLength(1);
    expect(browser.cookie).not.toBe(cookie);
    expect(world.events).toEqual([{ type: 'renewed', handle, name: 'default', at: world.clock.now() }]);
    await browser.visit((session) => expect({ ...session }).toEqual({ a: 1 }));
    expect((await browser.visit()).cookies).toEqual([]);
    expect((await world.store.stored(handle))?.epoch).toBe(1);
  });

  test('is replaced in one answer together with what that request has written', async () => {
    const { world, browser } = await due();
    const answer = await browser.visit((session) => void (session['b'] = 2));
    expect(answer.cookies).toHaveLength(1);
    expect(world.store.takeCalls()).toEqual(['find', 'update', 'renewToken']);
  });

  test('is not replaced a moment before', async () => {
    const { world, browser } = await due();
    world.clock.advance(-1);
    expect((await browser.visit()).cookies).toEqual([]);
    expect(world.store.takeCalls()).not.toContain('renewToken');
  });

  test('is replaced also in a session that has the token of its beginning', async () => {
    const { world, browser } = await visitWith({ a: 1 }, options);
    world.clock.advance(10 * MINUTE - 1);
    expect((await browser.visit()).cookies).toEqual([]);
    world.clock.advance(1);
    expect((await browser.visit()).cookies).toHaveLength(1);
  });

  test('is not replaced without the option', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    world.clock.advance(10 * MINUTE);
    await browser.visit();
    expect(world.store.takeCalls()).not.toContain('renewToken');
  });

  test('is not replaced after the headers have left, but by the next answer', async () => {
    const { world, browser } = await due();
    const visit = await browser.begin();
    expect({ ...visit.session }).toEqual({ a: 1 });
    visit.exchange.headersSent = true;
    await visit.cycle.commit();
    expect(world.store.takeCalls()).not.toContain('renewToken');
    expect((await browser.visit()).cookies).toHaveLength(1);
  });

  test('is replaced by one of two requests, and the other hands out no token that is older', async () => {
    const { world, browser } = await due();
    const [first, second] = [await browser.begin(), await browser.begin()];
    await first.end();
    const renewed = browser.cookie;
    second.session.permanent = true;
    expect((await second.end()).cookies).toEqual([]);
    expect(world.store.takeCalls().filter((call) => call === 'renewToken')).toHaveLength(2);
    expect(browser.cookie).toBe(renewed);
    expect(world.eventTypes).toEqual(['renewed']);
    await browser.visit((session) => expect([session['a'], session.permanent]).toEqual([1, 1_209_600_000]));
  });

  test('stays where the store fails, with a warning, and no answer fails for it', async () => {
    const { world, browser } = await due();
    const { cookie } = browser;
    world.store.fail('renewToken');
    expect((await browser.visit()).cookies).toEqual([]);
    expect(world.warnings).toEqual([
      expect.stringMatching(/^A token could not be renewed \(the answer is not held up\): ./),
    ]);
    world.store.fail();
    expect(browser.cookie).toBe(cookie);
    expect((await browser.visit()).cookies).toHaveLength(1);
  });

  test('of a session that ends in that request is not replaced', async () => {
    const { world, browser } = await due();
    const answer = await browser.visit((session) => session.destroy());
    expect(answer.cookies).toEqual([expect.stringContaining('Max-Age=0')]);
    expect(world.eventTypes).toEqual(['destroyed']);
  });
});

describe('a token with a successor', () => {
  test('works on where the store fails to accept the successor, and no answer fails for it', async () => {
    const { world, browser } = await due();
    await browser.visit();
    world.store.fail('renewToken');
    await browser.visit((session) => expect({ ...session }).toEqual({ a: 1 }));
    world.store.fail();
    await browser.visit((session) => expect({ ...session }).toEqual({ a: 1 }));
  });

  test.each([
    ['on its way', 1],
    ['in use', 2],
  ])('that is %s is not handed out over it, also with a new lifetime', async (_, visits) => {
    const { world, browser } = await due();
    const parallel = world.browser(browser.cookie);
    for (let visit = 0; visit < visits; visit++) await browser.visit();
    expect((await parallel.visit((session) => (session.permanent = true))).cookies).toEqual([]);
    expect((await world.store.stored(browser.handle))?.permanent).toBe(1_209_600_000);
  });

  test('gives way to it: the request that first uses the successor can give it a new lifetime', async () => {
    const { browser } = await due();
    await browser.visit();
    const renewed = browser.cookie;
    const answer = await browser.visit((session) => (session.permanent = true));
    expect(answer.cookies).toEqual([expect.stringContaining('Max-Age=1209600')]);
    expect(browser.cookie).toBe(renewed);
  });

  test('that the store has stored without being able to say so is handed out after the grace', async () => {
    const { world, browser } = await due();
    const { renewToken } = world.store;
    const thenFail = async (...args: Parameters<typeof renewToken>) => {
      await renewToken(...args);
      throw new Error('The connection broke.');
    };
    Object.assign(world.store, { renewToken: thenFail });
    expect((await browser.visit()).cookies).toEqual([]);
    Object.assign(world.store, { renewToken });
    world.clock.advance(2 * MINUTE - 1);
    expect((await browser.visit()).cookies).toEqual([]);
    world.clock.advance(1);
    expect((await browser.visit()).cookies).toHaveLength(1);
  });

  test('that was lost gets it again after the grace from a request that has reloaded', async () => {
    const { world, browser } = await due();
    const slow = await browser.begin();
    await world.browser(browser.cookie).visit();
    world.clock.advance(2 * MINUTE);
    await slow.session.reload();
    expect((await slow.end()).cookies).toHaveLength(1);
    await browser.visit((session) => expect({ ...session }).toEqual({ a: 1 }));
  });
});

describe('a token that was replaced', () => {
  /** A browser whose new token is in use, and one that still has the old one. */
  async function replaced() {
    const { world, browser } = await due();
    const old = world.browser(browser.cookie);
    await browser.visit();
    await browser.visit();
    return { world, browser, old };
  }

  test('reads and writes for its grace, and opens nothing after it', async () => {
    const { world, browser, old } = await replaced();
    world.clock.advance(2 * MINUTE - 1);
    expect((await old.visit((session) => void (session['b'] = 2))).cookies).toEqual([]);
    await browser.visit((session) => expect({ ...session }).toEqual({ a: 1, b: 2 }));
    world.clock.advance(1);
    world.events.length = 0;
    await old.visit((session) => expect({ ...session }).toEqual({}));
    expect(world.eventTypes).toEqual(['reused']);
  });

  test.each<[string, (session: AnySession) => Promise<void>]>([
    ['regenerate()', (session) => session.regenerate()],
    ['login()', (session) => session.login('ada')],
  ])(
    'can not be made into a lasting one by %s: it begins another session, or fails if it should keep something',
    async (_, begin) => {
      const { browser, old } = await replaced();
      const visit = await old.begin();
      await expect(visit.session.regenerate({ keep: true })).rejects.toMatchObject({ status: 409 });
      const again = await old.begin();
      await begin(again.session);
      again.session['mine'] = 1;
      await again.end();
      expect(old.handle).not.toBe(browser.handle);
      await browser.visit((session) => expect({ ...session }).toEqual({ a: 1 }));
    },
  );

  test('can end the session, and clears the cookie as any other does', async () => {
    const { world, old } = await replaced();
    const answer = await old.visit((session) => session.destroy());
    expect(answer.cookies).toEqual([expect.stringContaining('Max-Age=0')]);
    expect(world.store.memory.size).toBe(0);
  });

  test('can be reloaded within its grace only', async () => {
    const { world, old } = await replaced();
    const visit = await old.begin();
    await visit.session.reload();
    expect({ ...visit.session }).toEqual({ a: 1 });
    world.clock.advance(2 * MINUTE);
    await expect(visit.session.reload()).rejects.toMatchObject({ cause: { code: 'SESSION_ENDED' } });
  });
});

describe('a token of an older signing key', () => {
  const [NEW, OLD] = ['n'.repeat(32), 'o'.repeat(32)];

  test('is signed anew with the next answer, after a touch has shown that it is not replaced', async () => {
    const before = new World({ secrets: [OLD] });
    const browser = await before.browserWith({ a: 1 });
    const world = new World({ secrets: [NEW, OLD], clock: before.clock });
    Object.defineProperty(world.store, 'memory', { value: before.store.memory });
    const same = world.browser(browser.cookie);
    const [token] = browser.cookie!.split('.');
    expect((await same.visit()).cookies).toHaveLength(1);
    expect(same.cookie).not.toBe(browser.cookie);
    expect(same.cookie).toContain(`${token}.`);
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
    expect((await same.visit()).cookies).toEqual([]);
    expect(world.store.takeCalls()).toEqual(['find']);
  });
});
