// What a request knows of its session after each step that it has taken: the next step is right by it, and costs no more than it must.
import { describe, expect, test } from 'vitest';
import { MINUTE, visitWith, World } from '../../../support/core/world.js';

describe('a session that this request has begun', () => {
  test('and saved costs nothing more at its end', async () => {
    const world = new World();
    const answer = await world.browser().visit(async (session) => {
      session['a'] = 1;
      await session.save();
    });
    expect(world.store.takeCalls()).toEqual(['insert']);
    expect(answer.cookies).toHaveLength(1);
  });

  test('hands out its token with the lifetime that was set after it was saved', async () => {
    const world = new World();
    const browser = world.browser();
    const answer = await browser.visit(async (session) => {
      session['a'] = 1;
      await session.save();
      session.permanent = 5 * MINUTE;
    });
    expect(answer.cookies).toEqual([expect.stringContaining('Max-Age=300')]);
    await browser.visit((session) => expect({ ...session }).toEqual({ a: 1 }));
  });

  test('can be reloaded as soon as it is saved', async () => {
    const { session } = await new World().browser().begin();
    session['a'] = 1;
    await session.save();
    session['a'] = 2;
    await session.reload();
    expect({ ...session }).toEqual({ a: 1 });
  });
});

describe('a session in place of one that was never stored', () => {
  test('costs its insert, and nothing more', async () => {
    const world = new World();
    await world.browser().visit(async (session) => {
      session['a'] = 1;
      await session.regenerate({ keep: true });
      await session.save();
    });
    expect(world.store.takeCalls()).toEqual(['insert']);
  });

  test('hands out its token with the lifetime that was set after it was saved', async () => {
    const world = new World();
    const browser = world.browser();
    const answer = await browser.visit(async (session) => {
      session['a'] = 1;
      await session.regenerate({ keep: true });
      await session.save();
      session.permanent = 5 * MINUTE;
    });
    expect(answer.cookies).toEqual([expect.stringContaining('Max-Age=300')]);
    await browser.visit((session) => expect({ ...session }).toEqual({ a: 1 }));
  });
});

describe('a session with a new token', () => {
  test('costs nothing more at the end of the request', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit((session) => session.regenerate({ keep: true }));
    expect(world.store.takeCalls()).toEqual(['find', 'replaceSecret']);
  });

  test('is still that of its user, at once and in the next request', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit((session) => session.login('ann', { amr: ['pwd'] }));
    const since = new Date(world.clock.now());
    world.clock.advance(MINUTE);
    const expectAnn = ({ userId, authenticatedAt, amr }: { userId: unknown; authenticatedAt: unknown; amr: unknown }) =>
      expect([userId, authenticatedAt, amr]).toEqual(['ann', since, ['pwd']]);
    await browser.visit(async (session) => {
      await session.regenerate({ keep: true });
      expectAnn(session);
    });
    await browser.visit(expectAnn);
  });

  test('stores what is set again after it was left behind, though it is what it was before', async () => {
    const { world, browser } = await visitWith({ a: 1, b: 2 });
    await browser.visit(async (session) => {
      await session.regenerate({ keep: ['a'] });
      session['b'] = 2;
    });
    expect(await world.stored(browser.handle)).toEqual({ a: 1, b: 2 });
  });

  test('asks the store to remove nothing that it has left behind', async () => {
    const { world, browser } = await visitWith({ a: 1, b: 2 });
    await browser.visit((session) => session.regenerate({ keep: ['a'] }));
    expect(world.store.takeCalls()).toEqual(['find', 'replaceSecret']);
  });

  test('can be reloaded, and drops what was not saved', async () => {
    const browser = await new World().browserWith({ a: 1 });
    const { session } = await browser.begin();
    await session.regenerate({ keep: true });
    session['a'] = 2;
    await session.reload();
    expect({ ...session }).toEqual({ a: 1 });
  });
});
