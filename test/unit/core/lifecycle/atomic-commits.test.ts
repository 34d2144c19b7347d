// A change of one key among everything else: what was set before it, the limits, and the end of the session.
import { describe, expect, test } from 'vitest';
import { anotherProcess, errorOf, overtaken } from '../../../support/core/processes.js';
import { type AnySession, HOUR, visitWith, World } from '../../../support/core/world.js';

const interrupted = { code: 'SESSION_INTERRUPTED' };

describe('a change of one key', () => {
  test('saves first what was set so far, and is not undone by the commit', async () => {
    const { world, browser } = await visitWith({ n: 1 });
    await browser.visit(async (session) => {
      session['n'] = 10;
      session['a'] = 1;
      expect(await session.increment('n')).toBe(11);
      expect(await world.stored(session.handle)).toEqual({ n: 11, a: 1 });
    });
    expect(world.store.takeCalls()).toEqual(['find', 'update', 'replaceValue']);
  });

  test('is escaped as every key is', async () => {
    const { world, browser } = await visitWith({ 'a.b': 1 });
    await browser.visit(async (session) => expect(await session.increment('a.b')).toBe(2));
    expect(await world.stored(browser.handle)).toEqual({ 'a.b': 2 });
  });

  test('that makes the session too large is refused, at the very byte', async () => {
    const world = new World({ maxSize: 64 });
    // 5 bytes of the document, 3 + 5 + length of each text.
    const browser = await world.browserWith({ a: 'x'.repeat(20) });
    await browser.visit(async (session) => {
      expect(await session.compareAndSet('b', undefined, 'x'.repeat(23))).toBe(true);
      expect(await session.compareAndSet('b', 'x'.repeat(23), 'y'.repeat(23))).toBe(true);
      expect(await errorOf(session.compareAndSet('b', 'y'.repeat(23), 'x'.repeat(24)))).toMatchObject({
        code: 'SESSION_TOO_LARGE',
      });
    });
    expect(await world.stored(browser.handle)).toMatchObject({ b: 'y'.repeat(23) });
  });

  test('that others are quicker with again and again is made in the end, and adds up with theirs', async () => {
    const { world, browser, session } = await overtaken({ n: 0 });
    const other = anotherProcess(world).browser(browser.cookie);
    let release = world.store.hold('replaceValue');
    const sum = session.increment('n');
    for (let round = 0; round < 3; round++) {
      await other.visit((it) => it.increment('n'));
      release();
      release = world.store.hold('replaceValue');
      await new Promise((resolve) => setImmediate(resolve));
    }
    release();
    expect(await sum).toBe(5);
    expect(await world.stored(browser.handle)).toEqual({ n: 5 });
  });

  test.each<[string, (session: AnySession) => unknown]>([
    ['has ended', (session) => session.destroy()],
    ['has got a new token', (session) => session.regenerate({ keep: true })],
  ])('of a session that %s meanwhile is refused, and revives nothing', async (_, by) => {
    const { world, visit, session } = await overtaken({ n: 1 }, by);
    expect(await errorOf(session.increment('n'))).toMatchObject(interrupted);
    expect(world.eventTypes).toEqual(['interrupted']);
    expect(await errorOf(session.increment('n'))).toMatchObject(interrupted);
    await visit.end();
  });

  test('of a session whose time was over meanwhile is refused', async () => {
    const { world, session } = await overtaken();
    world.clock.advance(12 * HOUR);
    expect(await errorOf(session.increment('n'))).toMatchObject(interrupted);
  });

  test('that fails in the store leaves the value as it was', async () => {
    const { world, browser } = await visitWith({ n: 1 });
    await browser.visit(async (session) => {
      world.store.fail('replaceValue');
      expect(await errorOf(session.increment('n'))).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
      expect(session['n']).toBe(1);
      world.store.fail();
    });
    expect(world.errors).toEqual([expect.stringContaining('The database is away')]);
    expect(await world.stored(browser.handle)).toEqual({ n: 1 });
  });

  test('of a session that is not stored yet is stored with the answer', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit(async (session) => {
      expect(await session.increment('toString')).toBe(1);
      expect(await session.compareAndSet('a', 5, 6)).toBe(false);
      expect('a' in session).toBe(false);
      expect(await session.compareAndSet('a', undefined, 6)).toBe(true);
    });
    expect(await world.stored(browser.handle)).toEqual({ toString: 1, a: 6 });
  });
});
