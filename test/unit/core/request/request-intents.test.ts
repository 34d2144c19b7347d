// What a request can ask for in the words of other session libraries only (option `requestSession`).
import { describe, expect, test } from 'vitest';
import { dropChanges, endWithRequest, keepEmpty, leaveUser } from '../../../../lib/core/request/request-intents.js';
import { MINUTE, visitWith, World } from '../../../support/core/world.js';

describe('keepEmpty()', () => {
  test('stores a session without data and a user', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit((session) => keepEmpty(session));
    expect(await world.stored(browser.handle)).toEqual({});
  });

  test('stores the session also if its data was deleted in the meantime', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const { handle } = browser;
    await browser.visit((session) => {
      keepEmpty(session);
      delete session['a'];
    });
    expect(await world.stored(handle)).toEqual({});
  });

  test('can be taken back', async () => {
    const world = new World();
    await world.browser().visit((session) => {
      keepEmpty(session);
      keepEmpty(session, false);
    });
    expect(world.store.takeCalls()).toEqual([]);
  });
});

describe('endWithRequest()', () => {
  test('ends the session instead of saving it, and removes the cookie', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const { handle } = browser;
    await browser.visit((session) => {
      session['a'] = 2;
      endWithRequest(session, true);
    });
    expect([await world.stored(handle), browser.cookie]).toEqual([undefined, undefined]);
    expect(world.eventTypes).toEqual(['destroyed']);
  });

  test('no longer ends the session when it is taken back', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit((session) => {
      session['a'] = 2;
      endWithRequest(session, true);
      endWithRequest(session, false);
    });
    expect(await world.stored(browser.handle)).toEqual({ a: 2 });
  });

  test('makes the session end with the browser, and leaves that alone when it is taken back', async () => {
    const { session } = await new World().browser().begin();
    session.permanent = true;
    endWithRequest(session, false);
    expect(session.permanent).not.toBe(false);
    endWithRequest(session, true);
    expect(session.permanent).toBe(false);
  });
});

describe('leaveUser()', () => {
  test.each([
    [true, undefined],
    [false, 'ada'],
  ])('(%s) makes regenerate({ keep }) leave the session with the user %s', async (leaves, userId) => {
    const { world, browser } = await visitWith({});
    await browser.visit((session) => session.login('ada'));
    await browser.visit((session) => {
      session['a'] = 1;
      leaveUser(session, leaves);
      return session.regenerate({ keep: true });
    });
    expect((await world.store.stored(browser.handle))?.userId).toBe(userId);
    expect(await world.stored(browser.handle)).toEqual({ a: 1 });
  });
});

describe('dropChanges()', () => {
  test('shows the session as it is stored, and saves nothing of what was changed', async () => {
    const { world, browser } = await visitWith({ a: 1, deep: { b: 1 } });
    await browser.visit((session) => {
      session['a'] = 2;
      session['c'] = 3;
      (session['deep'] as { b: number }).b = 2;
      dropChanges(session, world.registration);
      expect({ ...session }).toEqual({ a: 1, deep: { b: 1 } });
    });
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('keeps what save() has stored', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit(async (session) => {
      session['a'] = 2;
      await session.save();
      session['a'] = 3;
      dropChanges(session, world.registration);
    });
    expect(await world.stored(browser.handle)).toEqual({ a: 2 });
  });

  test('gives a stored session the lifetime back that it is stored with', async () => {
    const { world, browser } = await visitWith({});
    await browser.visit((session) => {
      session['a'] = 1;
      session.permanent = 5 * MINUTE;
    });
    await browser.visit((session) => {
      session.permanent = false;
      dropChanges(session, world.registration);
      expect(session.permanent).toBe(5 * MINUTE);
    });
  });

  test('gives a new session the lifetime back that sessions begin with', async () => {
    const world = new World({ permanent: { always: '5m' } });
    await world.browser().visit((session) => {
      session.permanent = false;
      dropChanges(session, world.registration);
      expect(session.permanent).toBe(5 * MINUTE);
    });
  });

  test('takes back endWithRequest()', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit((session) => {
      endWithRequest(session, true);
      dropChanges(session, world.registration);
    });
    expect(await world.stored(browser.handle)).toEqual({ a: 1 });
  });
});
