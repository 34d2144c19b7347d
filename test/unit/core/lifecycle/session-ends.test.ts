// ended(): who watches a session hears of its end, once, and of nothing else.
import { describe, expect, test } from 'vitest';
import { anotherProcess } from '../../../support/core/processes.js';
import { type AnySession, HOUR, MINUTE } from '../../../support/core/world.js';
import { HANDLE, type Heard, SECOND, WatchedWorld, turns, twoProcesses } from './support/watched-world.js';

describe('ended() hears of', () => {
  test.each([
    ['a logout', 'ended', (session: AnySession) => session.logout()],
    ['a destroy()', 'ended', (session: AnySession) => session.destroy()],
    ['another login', 'replaced', (session: AnySession) => session.login('ada', { keep: true })],
    ['a regenerate()', 'replaced', (session: AnySession) => session.regenerate({ keep: true })],
  ])('%s in another process with the next poll: %s', async (_, why, act) => {
    const { world, elsewhere, heard, handle } = await twoProcesses();
    await elsewhere.visit(act);
    await turns();
    expect(heard.ends).toEqual([]);
    await world.pass(SECOND);
    expect(heard.ends).toEqual([{ handle, why }]);
    await world.pass(10 * SECOND);
    expect(heard.ends).toHaveLength(1);
  });

  test.each([
    ['a logout', 'ended', (session: AnySession) => session.logout()],
    ['another login', 'replaced', (session: AnySession) => session.login('ada', { keep: true })],
    ['a regenerate()', 'replaced', (session: AnySession) => session.regenerate({ keep: true })],
  ])('%s in its own process at once: %s', async (_, why, act) => {
    const { world, browser, heard, handle } = await twoProcesses();
    const looks = world.looks.sizes.length;
    await browser.visit(async (session) => {
      await act(session);
      expect(heard.ends).toEqual([{ handle, why }]);
    });
    expect(world.looks.sizes).toHaveLength(looks);
  });

  test('a sweep in its own process at once: expired', async () => {
    const { world, heard } = await twoProcesses({ cleanup: 'sweep' });
    world.registration.context.ends.noteEvent({ type: 'interrupted', handle: HANDLE, name: 'default', at: 0 });
    world.clock.advance(HOUR);
    await world.registration.sweeper!.sweep();
    expect(heard.whys).toEqual(['expired']);
  });

  test('a session that expires, within a poll', async () => {
    const { world, heard } = await twoProcesses();
    for (let second = 1; second < 30 * 60; second += 60) await world.pass(MINUTE - 1);
    expect(heard.ends).toEqual([]);
    await world.pass(MINUTE);
    expect(heard.whys).toEqual(['expired']);
  });

  test('a session that has expired and is gone: expired', async () => {
    const { world, heard, handle } = await twoProcesses();
    world.looks.before = () => world.store.memory.remove(handle);
    await world.pass(30 * MINUTE);
    expect(heard.whys).toEqual(['expired']);
  });

  test('nothing where the session is used, renewed or changed, by whichever process', async () => {
    const { world, elsewhere, heard } = await twoProcesses({ renewAfter: '5m' });
    for (let minute = 0; minute < 60; minute += 5) {
      await elsewhere.visit((session) => void (session['n'] = minute));
      await world.pass(5 * MINUTE);
    }
    expect(world.store.memory.size).toBe(1);
    expect(heard.ends).toEqual([]);
  });
});

describe('ended() misses nothing that happens', () => {
  test('before the call: it is told at once, by one look', async () => {
    const world = new WatchedWorld();
    const browser = await world.browserWith({ a: 1 });
    const visit = await browser.begin();
    void visit.session;
    await anotherProcess(world)
      .browser(browser.cookie)
      .visit((session) => session.destroy());
    const heard = world.watch(visit.session);
    await turns();
    expect([heard.whys, world.looks.sizes]).toEqual([['ended'], [1]]);
  });

  test('between the listing and the first look', async () => {
    const world = new WatchedWorld();
    const browser = await world.browserWith({ a: 1 });
    world.looks.before = () => world.store.memory.remove(browser.handle);
    const heard = await world.watchSessionOf(browser);
    await turns();
    expect(heard.whys).toEqual(['ended']);
  });

  test('in its own process while the first look is in flight, once', async () => {
    const world = new WatchedWorld();
    const browser = await world.browserWith({ a: 1 });
    world.looks.after = () => browser.visit((session) => session.logout());
    const heard = await world.watchSessionOf(browser);
    await turns(200);
    expect(heard.whys).toEqual(['ended']);
  });

  test('after the first look has read and before its result is there', async () => {
    const world = new WatchedWorld();
    const browser = await world.browserWith({ a: 1 });
    world.looks.after = () => world.store.memory.remove(browser.handle);
    const heard = await world.watchSessionOf(browser);
    await turns();
    expect(heard.ends).toEqual([]);
    await world.pass(SECOND);
    expect(heard.whys).toEqual(['ended']);
  });

  test('while the database is away: it is told when it is back, and nothing before', async () => {
    const { world, elsewhere, heard } = await twoProcesses();
    await elsewhere.visit((session) => session.logout());
    world.looks.before = () => Promise.reject(new Error('The database is away.'));
    for (let second = 0; second < 5; second++) await world.pass(SECOND);
    expect(heard.ends).toEqual([]);
    world.looks.before = () => {};
    await world.pass(SECOND);
    expect(heard.whys).toEqual(['ended']);
    expect([world.warnings, world.errors]).toEqual([[], []]);
  });

  test('a look that was sent before the listing judges nothing that was stored since', async () => {
    const world = new WatchedWorld();
    const first = world.watch(HANDLE);
    let heard: Heard | undefined;
    const stored = { handle: HANDLE, secretHash: Buffer.alloc(32), epoch: 0, data: Buffer.of(5, 0, 0, 0, 0) };
    world.looks.after = async () => {
      world.looks.after = () => {};
      const times = {
        createdAt: world.clock.now(),
        lastSeenAt: world.clock.now(),
        expiresAt: world.clock.now() + HOUR,
      };
      await world.store.memory.insert({ ...stored, ...times });
      heard = world.watch(HANDLE);
    };
    await turns();
    await world.pass(SECOND);
    expect([first.whys, heard?.whys]).toEqual([['ended'], []]);
  });
});

describe('ended() of', () => {
  test.each(['', 'x', 'AB'.repeat(12) + '0', '{"$gt":""}', 'a'.repeat(1_000_000)])(
    'a text that is no handle says ended at once, without a query',
    async (handle) => {
      const world = new WatchedWorld();
      const heard = world.watch(handle);
      expect([heard.ends, world.looks.sizes]).toEqual([[{ handle, why: 'ended' }], []]);
    },
  );

  test('a handle of no session says ended', async () => {
    const world = new WatchedWorld();
    const heard = world.watch(HANDLE);
    await turns();
    expect(heard.ends).toEqual([{ handle: HANDLE, why: 'ended' }]);
  });

  test('a handle is bound to the epoch that it finds', async () => {
    const { world, elsewhere, handle } = await twoProcesses();
    const heard = world.watch(handle.toUpperCase());
    await turns();
    await elsewhere.visit((session) => session.login('ada'));
    await world.pass(SECOND);
    expect(heard.ends).toEqual([{ handle, why: 'replaced' }]);
  });

  test('a session that this request has ended says so at once', async () => {
    const world = new WatchedWorld();
    const browser = await world.browserWith({ a: 1 });
    await browser.visit(async (session) => {
      await session.destroy();
      expect(world.watch(session).whys).toEqual(['ended']);
    });
  });

  test('a session of which nothing is stored is watched from its first write on', async () => {
    const world = new WatchedWorld();
    const browser = world.browser();
    const heard = await world.watchSessionOf(browser);
    await world.pass(HOUR);
    expect([heard.ends, world.looks.sizes]).toEqual([[], []]);
    const visit = await browser.begin();
    const stored = world.watch(visit.session);
    visit.session['a'] = 1;
    await visit.end();
    await world.pass(SECOND);
    expect(stored.ends).toEqual([]);
    await anotherProcess(world)
      .browser(browser.cookie)
      .visit((session) => session.destroy());
    await world.pass(SECOND);
    expect(stored.ends).toEqual([{ handle: browser.handle, why: 'ended' }]);
  });

  test('a new session that logs in goes on being watched', async () => {
    const world = new WatchedWorld();
    const browser = world.browser();
    const visit = await browser.begin();
    const heard = world.watch(visit.session);
    await visit.session.login('ada');
    await visit.end();
    await world.pass(SECOND);
    expect(heard.ends).toEqual([]);
    await browser.visit((session) => session.logout());
    expect(heard.whys).toEqual(['ended']);
  });
});
