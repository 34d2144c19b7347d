// ended(): how sessions are looked at, and how a change stream spares most of that.
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import { BaseSession } from '../../../../lib/core/session/session.js';
import { HOUR, World } from '../../../support/core/world.js';
import { HANDLE, SECOND, WatchedWorld, turns, twoProcesses } from './support/watched-world.js';

describe('the poll', () => {
  test('is one look a second for all, by commands of a thousand, and only while somebody listens', async () => {
    const world = new WatchedWorld();
    const times = { createdAt: 0, lastSeenAt: world.clock.now(), expiresAt: world.clock.now() + HOUR };
    const all = Array.from({ length: 2500 }, (_, index) => index.toString(16).padStart(24, '0'));
    for (const handle of all)
      await world.store.memory.insert({
        handle,
        secretHash: Buffer.alloc(32),
        epoch: 0,
        data: Buffer.of(5, 0, 0, 0, 0),
        ...times,
      });
    const heard = all.map((handle) => world.watch(handle));
    await turns();
    expect(world.looks.sizes).toEqual([1000, 1000, 500]);
    await world.pass(SECOND);
    expect(world.looks.sizes).toEqual([1000, 1000, 500, 1000, 1000, 500]);
    for (const { stop } of heard) stop();
    await world.pass(SECOND);
    await world.pass(HOUR);
    expect(world.looks.sizes).toHaveLength(6);
    expect(heard.flatMap(({ ends }) => ends)).toEqual([]);
  });

  test('looks once at a session that many watch', async () => {
    const { world, browser, elsewhere, heard } = await twoProcesses();
    const others = [await world.watchSessionOf(browser), world.watch(browser.handle)];
    await turns();
    world.looks.sizes.length = 0;
    await elsewhere.visit((session) => session.logout());
    await world.pass(SECOND);
    expect(world.looks.sizes).toEqual([1]);
    expect([heard, ...others].map(({ whys }) => whys)).toEqual([['ended'], ['ended'], ['ended']]);
  });

  test('watch.every sets its pace', async () => {
    const { world, elsewhere, heard } = await twoProcesses({ watch: { every: '100ms' } });
    await elsewhere.visit((session) => session.logout());
    await world.pass(99);
    expect(heard.ends).toEqual([]);
    await world.pass(1);
    expect(heard.whys).toEqual(['ended']);
  });

  test('says nothing to whoever has unsubscribed', async () => {
    const { world, elsewhere, heard } = await twoProcesses();
    heard.stop();
    await elsewhere.visit((session) => session.logout());
    await world.pass(SECOND);
    expect(heard.ends).toEqual([]);
  });

  test('and what it tells run in no async context of a request', async () => {
    const world = new WatchedWorld();
    const browser = await world.browserWith({ a: 1 });
    const request = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    world.looks.before = () => seen.push(['look', request.getStore()]);
    const visit = await browser.begin();
    await request.run('one request', async () => {
      const start = world.registration.context.ends.watch(BaseSession.stateOf(visit.session)!);
      start({ ended: () => seen.push(['end', request.getStore()]), closed() {} });
      await turns();
      await world.pass(SECOND);
    });
    await request.run('another request', () => visit.session.logout());
    expect(seen).toEqual([
      ['look', undefined],
      ['look', undefined],
      ['end', undefined],
    ]);
  });

  test('ends with close(): listeners are let go without a value, and so are those that come later', async () => {
    const { world, elsewhere, heard, handle } = await twoProcesses({ watch: { changeStream: true } });
    const blank = world.watch((await world.browser().begin()).session);
    await world.registration.context.ends.close();
    expect([heard.isClosed, heard.ends, blank.isClosed]).toEqual([true, [], true]);
    expect(world.watch(handle).isClosed).toBe(true);
    world.looks.sizes.length = 0;
    await elsewhere.visit((session) => session.logout());
    await world.pass(HOUR);
    expect([world.looks.sizes, heard.ends]).toEqual([[], []]);
  });
});

describe('watch.changeStream', () => {
  test('hears of an end in another process without a poll, and looks at that session alone', async () => {
    const { world, browser, elsewhere, heard } = await twoProcesses({ watch: { changeStream: true } });
    const bystander = await world.watchSessionOf(await world.browserWith({ a: 1 }));
    await turns();
    world.looks.sizes.length = 0;
    await elsewhere.visit((session) => session.logout());
    await turns();
    expect([heard.whys, bystander.ends, world.looks.sizes]).toEqual([['ended'], [], [1]]);
    expect(browser.cookie).toBeDefined();
  });

  test('slows the polls to ten seconds, but for a session that expires sooner', async () => {
    const { world, heard } = await twoProcesses({ watch: { changeStream: true }, idleTimeout: '25s' });
    world.looks.sizes.length = 0;
    for (let second = 0; second < 24; second++) await world.pass(SECOND);
    expect([world.looks.sizes.length, heard.ends]).toEqual([2, []]);
    await world.pass(SECOND);
    expect(heard.whys).toEqual(['expired']);
  });

  test('polls as without it while nothing is heard, and says once if nothing ever will be', async () => {
    let onDown: (reason?: string) => void = () => {};
    const world = new WatchedWorld({ watch: { changeStream: true } });
    Object.assign(world.store, {
      listen(onChange: () => void, down: typeof onDown) {
        onDown = down;
        queueMicrotask(onChange);
        return () => Promise.resolve();
      },
    });
    const browser = await world.browserWith({ a: 1 });
    const heard = await world.watchSessionOf(browser);
    await turns();
    onDown();
    await turns();
    world.looks.sizes.length = 0;
    await world.pass(SECOND);
    await world.pass(SECOND);
    expect([world.looks.sizes.length, world.warnings]).toEqual([2, []]);
    onDown('MongoDB has no change streams here');
    onDown('MongoDB has no change streams here');
    expect(world.warnings).toEqual([
      'The option `watch.changeStream` has no effect: MongoDB has no change streams here. Ends of sessions are found by polling.',
    ]);
    await world.store.memory.remove(browser.handle);
    await world.pass(SECOND);
    expect(heard.whys).toEqual(['ended']);
  });
});

test('ended() needs a store with peek(), and names it', () => {
  const world = new World();
  expect(() => world.registration.context.ends.watch(HANDLE)).toThrow(
    '`MongoSessions.ended()` needs a store that is a WatchableStore, but the one of the option `store` lacks peek().',
  );
});
