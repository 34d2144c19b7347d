// sessions.edit(handle, change): outside of any request, with what happens to the session in the meantime.
import { describe, expect, test } from 'vitest';
import { MongoSessions, type SessionEditor } from '../../../lib/index.js';
import { errorOf, PLATFORMS } from '../../support/http.js';
import { type AnySession, DAY, handleOf, startWith, tokenOf } from '../../support/world.js';

type Data = Record<string, unknown>;

describe.each(PLATFORMS)('sessions.edit() on %s', (platform) => {
  const start = async (given: object | string = { items: [1], count: 0 }) => {
    const { world, browser } = await startWith(platform, {}, given);
    const sessions = world.app.nest.get(MongoSessions);
    const handle = handleOf(tokenOf(browser));
    const edit = (change: SessionEditor<Data>, options = {}) => sessions.edit<Data>(handle, change, options);
    return { world, browser, sessions, handle, edit };
  };

  test('saves what the function changes, and nothing else', async () => {
    const { world, browser, edit } = await start();
    world.store.takeCalls();
    expect(await edit((session) => void (session['items'] = []))).toBe(true);
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
    expect(await edit(() => {})).toBe(true);
    expect(world.store.takeCalls()).toEqual(['find']);
    expect(await world.dataOf(browser)).toEqual({ items: [], count: 0 });
  });

  test('waits for an async function, and for the methods that it calls', async () => {
    const { world, browser, edit } = await start();
    await edit(async (session) => {
      await session.increment('count', 2);
      void session.push('items', [2]);
      session['note'] = 'x';
    });
    expect(await world.dataOf(browser)).toEqual({ items: [1, 2], count: 2, note: 'x' });
  });

  test('keeps both changes of two edits, and of an edit and a request', async () => {
    const { world, browser, edit } = await start();
    await edit(async (session) => {
      session['one'] = 1;
      await edit((other) => void (other['two'] = 2));
      await world.visit(browser.clone(), ({ session: theirs }) => void (theirs['three'] = 3));
    });
    expect(await world.dataOf(browser)).toEqual({ items: [1], count: 0, one: 1, two: 2, three: 3 });
  });

  test('calls the function again if a login has come between, without an event', async () => {
    const { world, browser, edit } = await start();
    world.events.length = 0;
    let calls = 0;
    const edited = await edit(async (session) => {
      calls += 1;
      session['note'] = `${session.userId as string} ${calls}`;
      if (calls === 1) await world.visit(browser, ({ session: theirs }) => theirs.login('ada', { keep: true }));
    });
    expect([edited, calls]).toEqual([true, 2]);
    expect(await world.dataOf(browser)).toMatchObject({ note: 'ada 2' });
    expect(world.eventTypes()).not.toContain('interrupted');
  });

  test('calls the function again if a method in it came too late', async () => {
    const { world, browser, edit } = await start();
    let calls = 0;
    const edited = await edit(async (session) => {
      calls += 1;
      if (calls === 1) await world.visit(browser, ({ session: theirs }) => theirs.regenerate({ keep: true }));
      await session.increment('count');
    });
    expect([edited, calls]).toEqual([true, 2]);
    expect(await world.dataOf(browser)).toMatchObject({ count: 1 });
  });

  test('rejects with SESSION_CONTENDED after its retries, and has saved nothing', async () => {
    const { world, browser, edit } = await start();
    let calls = 0;
    const again = async (session: AnySession) => {
      calls += 1;
      session['note'] = 'never';
      await world.visit(browser, ({ session: theirs }) => theirs.regenerate({ keep: true }));
    };
    expect(await errorOf(() => edit(again))).toMatchObject({ code: 'SESSION_CONTENDED' });
    expect(calls).toBe(4);
    expect(await errorOf(() => edit(again, { retries: 0 }))).toMatchObject({ code: 'SESSION_CONTENDED' });
    expect(calls).toBe(5);
    expect(await world.dataOf(browser)).toEqual({ items: [1], count: 0 });
  });

  test.each(['logout', 'expiry'])('resolves with false if there was a %s in the meantime', async (end) => {
    const { world, browser, edit, handle } = await start();
    const edited = await edit(async (session) => {
      session['note'] = 'never';
      if (end === 'logout') await world.visit(browser, ({ session: theirs }) => theirs.logout());
      else world.clock.advance(DAY);
    });
    expect(edited).toBe(false);
    expect(
      await world.store.stored(handle).then((stored) => stored && Buffer.from(stored.data).includes('never')),
    ).toBe(end === 'logout' ? undefined : false);
    expect(await edit(() => expect.unreachable())).toBe(false);
  });

  test('ends the session by destroy(), and resolves with true', async () => {
    const { world, browser, edit } = await start();
    expect(await edit((session) => session.destroy())).toBe(true);
    expect(await world.isAlive(browser)).toBe(false);
    const other = await start('ada');
    expect(await other.edit((session) => session.logout())).toBe(true);
    expect(await other.world.isAlive(other.browser)).toBe(false);
  });

  test('refuses what would need a cookie with SESSION_NO_CLIENT', async () => {
    const { world, browser, edit } = await start('ada');
    const calls: ((session: AnySession) => unknown)[] = [
      (session) => session.login('eve'),
      (session) => session.regenerate(),
      (session) => (session.permanent = true),
      (session) => session.logout({ clearSiteData: true }),
    ];
    for (const call of calls) {
      const error = await errorOf(() => edit(async (session) => void (await call(session))));
      expect(error.code).toBe('SESSION_NO_CLIENT');
    }
    expect(await world.userOf(browser)).toBe('ada');
  });

  test('saves nothing if the function throws, and rejects with its error', async () => {
    const { world, browser, edit } = await start();
    const mine = new Error('mine');
    for (const isAsync of [true, false]) {
      const error = await errorOf(() =>
        edit((session) => {
          session['note'] = 'never';
          if (isAsync) return Promise.reject(mine);
          throw mine;
        }),
      );
      expect(error).toBe(mine);
    }
    expect(await world.dataOf(browser)).toEqual({ items: [1], count: 0 });
  });

  test('rejects with the error of the function, also if the session has ended in the meantime', async () => {
    const { world, browser, edit } = await start();
    const mine = new Error('mine');
    const error = await errorOf(() =>
      edit(async (session) => {
        await world.visit(browser, ({ session: theirs }) => theirs.logout());
        expect(await errorOf(() => session.increment('count'))).toMatchObject({ code: 'SESSION_INTERRUPTED' });
        throw mine;
      }),
    );
    expect(error).toBe(mine);
  });

  test('keeps what an atomic operation did before the function threw', async () => {
    const { world, browser, edit } = await start();
    const edited = edit(async (session) => {
      await session.increment('count');
      session['note'] = 'never';
      throw new Error('mine');
    });
    await expect(edited).rejects.toThrow('mine');
    expect(await world.dataOf(browser)).toEqual({ items: [1], count: 1 });
  });

  test('refuses wrong arguments with SESSION_OPTION_INVALID', async () => {
    const { edit, sessions, handle } = await start();
    for (const retries of [-1, 0.5, '3', Infinity, NaN])
      expect((await errorOf(() => edit(() => {}, { retries }))).code).toBe('SESSION_OPTION_INVALID');
    for (const change of [undefined, null, {}, 'x'])
      expect((await errorOf(() => sessions.edit(handle, change as never))).code).toBe('SESSION_OPTION_INVALID');
  });

  test('rejects with 503 while the store is away', async () => {
    const { edit, sessions, handle, world } = await start();
    for (const operation of ['find', 'update'] as const) {
      world.store.fail(operation);
      const error = await errorOf(() => edit((session) => void (session['note'] = 'never')));
      expect(error).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    }
    world.store.fail('find');
    expect(await errorOf(() => sessions.read(handle))).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    world.store.fail();
  });
});
