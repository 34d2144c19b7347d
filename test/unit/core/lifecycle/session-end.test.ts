// The end of a session: by destroy, by emptying it. What has ended stays so.
import { describe, expect, test } from 'vitest';
import { visitWith, World } from '../../../support/core/world.js';

const clearing = expect.stringMatching(
  /^__Host-id=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 .*; HttpOnly; Secure; SameSite=Lax$/,
) as string;

describe('destroy', () => {
  test('removes the session at once, leaves the object empty, and clears the cookie', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const { handle } = browser;
    const answer = await browser.visit(async (session) => {
      await session.destroy();
      expect(await world.stored(handle)).toBeUndefined();
      expect(Object.keys(session)).toEqual([]);
    });
    expect(answer.cookies).toEqual([clearing]);
    expect(browser.cookie).toBeUndefined();
    expect(world.eventTypes).toEqual(['destroyed']);
    expect(world.store.takeCalls()).toEqual(['find', 'remove']);
  });

  test("is final: the old token opens nothing, and its cookie is left alone, for it may not be the browser's own any more", async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const { cookie } = browser;
    await browser.visit((session) => session.destroy());
    const replay = world.browser(cookie);
    const answer = await replay.visit((session) => expect({ ...session }).toEqual({}));
    expect(answer.cookies).toEqual([]);
    expect(world.store.memory.size).toBe(0);
  });

  test('of a session that nothing is stored of asks the store nothing', async () => {
    const world = new World();
    await world.browser().visit(async (session) => {
      session['a'] = 1;
      await session.destroy();
    });
    expect([world.store.takeCalls(), world.eventTypes]).toEqual([[], []]);
  });

  test('of a session that another request has destroyed is a success, and one event', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const [one, other] = [await browser.begin(), await browser.begin()];
    await Promise.all([one.session.destroy(), other.session.destroy()]);
    await Promise.all([one.end(), other.end()]);
    expect(world.eventTypes).toEqual(['destroyed']);
    expect(other.exchange.cookies).toEqual([clearing]);
  });

  test('takes with it what was not saved', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit(async (session) => {
      session['b'] = 1;
      await session.destroy();
    });
    expect(world.store.takeCalls()).toEqual(['find', 'remove']);
  });

  test('that fails, and that nobody waited for, fails the request: no answer says that a session has ended which lives', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    world.store.fail('remove');
    const visit = await browser.begin();
    void visit.session.destroy();
    visit.session['b'] = 1;
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 503 });
    expect(visit.exchange.cookies).toEqual([]);
    expect(await world.stored(browser.handle)).toEqual({ a: 1 });
  });

  test('that fails can be tried again', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    world.store.fail('remove');
    const visit = await browser.begin();
    await expect(visit.session.destroy()).rejects.toMatchObject({ status: 503 });
    world.store.fail();
    await visit.session.destroy();
    const answer = await visit.end();
    expect(answer.cookies).toEqual([clearing]);
    expect(world.store.memory.size).toBe(0);
  });

  test('after the headers have left removes the session all the same', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    visit.exchange.headersSent = true;
    await visit.session.destroy();
    await visit.end();
    expect([world.store.memory.size, visit.exchange.cookies]).toEqual([0, []]);
  });
});

describe('a request that is slower than a logout', () => {
  test.each(['reads', 'writes', 'touches', 'empties', 'saves'])(
    'and %s does not bring the session back',
    async (what) => {
      const { world, browser } = await visitWith({ a: 1 });
      const { cookie } = browser;
      const slow = await browser.begin();
      expect({ ...slow.session }).toEqual({ a: 1 });
      await browser.visit((session) => session.destroy());
      world.clock.advance(600_000);
      if (what === 'writes') slow.session['b'] = 1;
      if (what === 'touches') await expect(slow.session.touch()).rejects.toMatchObject({ status: 409 });
      if (what === 'empties') delete slow.session['a'];
      if (what === 'saves') {
        slow.session['b'] = 1;
        await expect(slow.session.save()).rejects.toMatchObject({ status: 409 });
        slow.session['c'] = 1;
      }
      const answer = await slow.end();
      expect(world.store.memory.size).toBe(0);
      expect(answer.cookies).toEqual([]);
      expect(await world.browser(cookie).visit((session) => expect({ ...session }).toEqual({}))).toBeDefined();
    },
  );
});

describe('an emptied session', () => {
  test('is removed, and its cookie cleared', async () => {
    const { world, browser } = await visitWith({ a: 1, b: 2 });
    const answer = await browser.visit((session) => {
      for (const key of Object.keys(session)) delete session[key];
    });
    expect(answer.cookies).toEqual([clearing]);
    expect(world.store.memory.size).toBe(0);
    expect(world.eventTypes).toEqual(['destroyed']);
  });

  test.each([undefined, null])('is one whose last key was set to undefined, not to null: %s', async (value) => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit((session) => (session['a'] = value));
    expect(world.store.memory.size).toBe(value === undefined ? 0 : 1);
  });

  test('stays, and keeps its cookie, if a parallel request has put something in', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const emptying = await browser.begin();
    delete emptying.session['a'];
    await browser.visit((session) => (session['b'] = 2));
    const answer = await emptying.end();
    expect(answer.cookies).toEqual([]);
    expect(await world.stored(browser.handle)).toEqual({ b: 2 });
    expect(world.eventTypes).toEqual([]);
  });

  test('stays if that request comes between the two steps of the removal', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const emptying = await browser.begin();
    delete emptying.session['a'];
    const adding = await browser.begin();
    adding.session['b'] = 2;
    const release = world.store.hold('removeIfEmpty');
    const end = emptying.end();
    await adding.end();
    release();
    expect((await end).cookies).toEqual([]);
    expect(await world.stored(browser.handle)).toEqual({ b: 2 });
  });

  test('whose user is known stays, and so does its cookie', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit((session) => session.login('user-7'));
    const answer = await browser.visit((session) => expect(session.userId).toBe('user-7'));
    expect(answer.cookies).toEqual([]);
    expect(world.store.memory.size).toBe(1);
  });

  test('that is filled again after it was saved is another session: nothing is lost', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const { handle } = browser;
    const answer = await browser.visit(async (session) => {
      delete session['a'];
      await session.save();
      expect(session.isNew).toBe(true);
      session['b'] = 2;
    });
    expect(answer.cookies).toHaveLength(1);
    expect(browser.handle).not.toBe(handle);
    expect(await world.stored(browser.handle)).toEqual({ b: 2 });
    expect([world.store.memory.size, world.eventTypes]).toEqual([1, ['destroyed', 'created']]);
  });
});
