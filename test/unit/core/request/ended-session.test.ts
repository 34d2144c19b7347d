// What a request can still do with a session that it, or somebody else, has ended.
import { describe, expect, test } from 'vitest';
import { LoginRefusal } from '../../../../lib/core/lifecycle/login-protocol.interface.js';
import { DetachedExchange } from '../../../../lib/core/request/detached-exchange.js';
import { Registration } from '../../../../lib/core/request/registration.js';
import { UnitOfWork } from '../../../../lib/core/request/unit-of-work.js';
import type { SessionState } from '../../../../lib/core/session/session-state.js';
import { codec } from '../../../support/core/codec.js';
import { type AnySession, Browser, visitWith } from '../../../support/core/world.js';

const ways: [string, (session: AnySession) => Promise<void>][] = [
  ['destroy()', (session) => session.destroy()],
  ['logout()', (session) => session.logout()],
];

describe.each(ways)('after %s', (_, end) => {
  test('the session is gone from the store, its object is empty and the cookie is removed', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const { handle } = browser;
    const answer = await browser.visit(async (session) => {
      await end(session);
      expect({ ...session }).toEqual({});
    });
    expect(await world.stored(handle)).toBeUndefined();
    expect(answer.cookies).toEqual([expect.stringContaining('Max-Age=0')]);
  });

  test('what is set fails the response with SESSION_ENDED', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    await end(visit.session);
    visit.session['b'] = 1;
    const ended = { status: 409, cause: { code: 'SESSION_ENDED' } };
    await expect(visit.cycle.commit()).rejects.toMatchObject(ended);
    expect(world.store.memory.size).toBe(0);
  });

  test('increment() rejects with SESSION_ENDED, and starts no session', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const { session } = await browser.begin();
    await end(session);
    await expect(session.increment('a')).rejects.toMatchObject({ status: 409, cause: { code: 'SESSION_ENDED' } });
    expect([{ ...session }, world.store.memory.size]).toEqual([{}, 0]);
  });

  test.each<[string, (session: AnySession) => Promise<void>]>([
    ['login()', (session) => session.login('ada', { keep: ['a', 'b'] })],
    ['regenerate()', (session) => session.regenerate({ keep: ['a', 'b'] })],
  ])('%s starts another session, which keeps what was set in between and nothing from before', async (__, begin) => {
    const { world, browser } = await visitWith({ a: 1 });
    const before = browser.handle;
    await browser.visit(async (session) => {
      await end(session);
      session['b'] = 2;
      await begin(session);
      session['c'] = 3;
    });
    expect(browser.handle).not.toBe(before);
    expect(await world.stored(browser.handle)).toEqual({ b: 2, c: 3 });
  });
});

describe('logout({ clearSiteData })', () => {
  const clearing = async (clearSiteData: unknown, headersSent = false) => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    visit.exchange.headersSent = headersSent;
    await visit.session.logout({ clearSiteData: clearSiteData as boolean });
    return { world, headers: [...visit.exchange.headers] };
  };

  test.each([
    [true, '"cache", "cookies", "storage"'],
    [['cookies'], '"cookies"'],
  ])('with %j tells the browser to clear %s', async (given, header) => {
    expect((await clearing(given)).headers).toEqual([['clear-site-data', header]]);
  });

  test.each([[false], [[]]])('with %j sends no header', async (given) => {
    expect((await clearing(given)).headers).toEqual([]);
  });

  test('ends the session also after the headers have left', async () => {
    const { world, headers } = await clearing(true, true);
    expect([headers, world.store.memory.size]).toEqual([[], 0]);
  });
});

test('logout() ends a session also in a job, where no response could clear anything', async () => {
  const { world, browser } = await visitWith({ a: 1 });
  const { registration, clock, store } = world;
  const state = (await registration.manager.open(browser.handle, clock.now())) as SessionState;
  await new UnitOfWork(state, registration, new DetachedExchange((error) => error)).session.logout();
  expect(store.memory.size).toBe(0);
});

describe('a session that another request has ended', () => {
  async function endedElsewhere() {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    await visit.session.login('ada', { keep: true });
    await world.store.memory.remove(visit.session.handle);
    return { world, session: visit.session, visit };
  }

  test.each<[string, (session: AnySession) => Promise<unknown>]>([
    ['save()', (session) => ((session['b'] = 2), session.save())],
    ['touch()', (session) => session.touch()],
    ['increment()', (session) => session.increment('b')],
    ['regenerate()', (session) => session.regenerate({ keep: true })],
  ])('makes %s reject with SESSION_INTERRUPTED, and has no data and no user from then on', async (_, act) => {
    const { session } = await endedElsewhere();
    const interrupted = { status: 409, cause: { code: 'SESSION_INTERRUPTED' } };
    await expect(act(session)).rejects.toMatchObject(interrupted);
    expect([{ ...session }, session.userId]).toEqual([{}, undefined]);
    // Also if nothing is left to save.
    await expect(session.save()).rejects.toMatchObject(interrupted);
  });

  test('makes reload() reject with SESSION_ENDED, and has no data from then on', async () => {
    const { session } = await endedElsewhere();
    await expect(session.reload()).rejects.toMatchObject({ status: 409, cause: { code: 'SESSION_ENDED' } });
    expect({ ...session }).toEqual({});
  });

  test('drops what the response would save, and tells by an event', async () => {
    const { world, session, visit } = await endedElsewhere();
    session['b'] = 2;
    await visit.cycle.commit();
    expect(world.eventTypes).toContain('interrupted');
    expect(world.store.memory.size).toBe(0);
  });

  test('fails the response with `onInterrupted: throw`', async () => {
    const { world, browser } = await visitWith({ a: 1 }, { onInterrupted: 'throw' });
    const visit = await browser.begin();
    await world.store.memory.remove(visit.session.handle);
    visit.session['b'] = 2;
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 409 });
  });
});

describe('a login that is refused', () => {
  async function refused(hasRemoved: boolean) {
    const { world, browser } = await visitWith({ a: 1 });
    const { options, hooks } = world.registration;
    const refusal = new LoginRefusal('SESSION_LIMIT_REACHED', 'Too many sessions.', hasRemoved);
    const registration = new Registration(options, world.store, codec, hooks, () => ({
      run: () => Promise.reject(refusal),
    }));
    const visit = await new Browser({ registration }, browser.cookie).begin();
    await expect(visit.session.login('ada')).rejects.toMatchObject({ status: 409, cause: refusal });
    return { data: { ...visit.session }, cookies: (await visit.end()).cookies };
  }

  test('leaves the session as it was, with its data and its cookie', async () => {
    expect(await refused(false)).toEqual({ data: { a: 1 }, cookies: [] });
  });

  test('leaves a blank session without a cookie if the refusal has removed the session', async () => {
    const cookies = [expect.stringContaining('Max-Age=0')];
    expect(await refused(true)).toEqual({ data: {}, cookies });
  });
});

test('a login that the store fails leaves the data of the session as it is', async () => {
  const { world, browser } = await visitWith({ a: 1 });
  const { session } = await browser.begin();
  world.store.fail('replaceSecret');
  await expect(session.login('ada')).rejects.toMatchObject({ status: 503 });
  expect({ ...session }).toEqual({ a: 1 });
});
