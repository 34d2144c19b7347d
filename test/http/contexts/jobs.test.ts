// sessions.read(handle) and sessions.edit(handle, change): outside of any request, and no use of the session.
import { describe, expect, test } from 'vitest';
import { MongoSessions, type SessionObject } from '../../../lib/index.js';
import { errorOf, PLATFORMS } from '../../support/http.js';
import {
  type AnySession,
  DAY,
  handleOf,
  MINUTE,
  startWith,
  startWorld,
  tokenOf,
  type Visit,
} from '../../support/world.js';

type Data = Record<string, unknown>;

describe.each(PLATFORMS)('sessions.read() on %s', (platform) => {
  const start = async (given: object | string = { items: [{ id: 1 }], at: new Date(0) }) => {
    const { world, browser } = await startWith(platform, {}, given);
    const sessions = world.app.nest.get(MongoSessions);
    const handle = handleOf(tokenOf(browser));
    const read = async () => (await sessions.read<Data>(handle))! as AnySession;
    return { world, browser, sessions, handle, read };
  };

  test('gives data and members of the session', async () => {
    const { read, handle } = await start('ada');
    expect(await read()).toMatchObject({ userId: 'ada', handle, isNew: false });
  });

  test('throws a TypeError for assignments, also deep inside', async () => {
    const { read, world, browser } = await start();
    const session = await read();
    expect(() => (session['items'] = [])).toThrow(TypeError);
    expect(() => (session['more'] = 1)).toThrow(TypeError);
    expect(() => ((session['items'] as Data[])[0]!['id'] = 2)).toThrow(TypeError);
    expect(() => (session['items'] as unknown[]).push(1)).toThrow(TypeError);
    expect(() => Object.assign(session, { constructor: 1 })).toThrow(TypeError);
    expect(() => Object.assign(session, { more: 1 })).toThrow(TypeError);
    expect(() => Object.setPrototypeOf(Object.getPrototypeOf(session), null)).toThrow(TypeError);
    (session['at'] as Date).setTime(1);
    expect(await world.dataOf(browser)).toEqual({ items: [{ id: 1 }], at: '1970-01-01T00:00:00.000Z' });
  });

  test('rejects each method that writes with SESSION_READ_ONLY', async () => {
    const { read, world, browser } = await start();
    const session = await read();
    const calls: Record<string, () => unknown> = {
      save: () => session.save(),
      touch: () => session.touch(),
      destroy: () => session.destroy(),
      regenerate: () => session.regenerate(),
      login: () => session.login('eve'),
      logout: () => session.logout(),
      increment: () => session.increment('count'),
      push: () => session.push('items', [1]),
      take: () => session.take('items'),
      compareAndSet: () => session.compareAndSet('count', undefined, 1),
      update: () => session.update('count', () => 1),
      permanent: () => (session.permanent = true),
      maxAge: () => (session.cookie.maxAge = 1),
    };
    for (const [name, call] of Object.entries(calls)) {
      expect(await errorOf(call), name).toMatchObject({ code: 'SESSION_READ_ONLY', httpStatus: 500 });
    }
    expect(await world.dataOf(browser)).toMatchObject({ items: [{ id: 1 }] });
  });

  test('reloads what has changed, also new and removed keys, and stays read-only', async () => {
    const { read, world, browser } = await start();
    const session = await read();
    await world.visit(browser, ({ session: theirs }) => {
      delete theirs['items'];
      theirs['note'] = 'new';
    });
    await session.reload();
    expect({ ...session }).toEqual({ note: 'new', at: new Date(0) });
    expect(() => (session['note'] = 'mine')).toThrow(TypeError);
    await world.visit(browser, ({ session: theirs }) => theirs.login('ada', { keep: true }));
    await session.reload();
    expect(session.userId).toBe('ada');
    await world.visit(browser, ({ session: theirs }) => theirs.logout());
    expect((await errorOf(() => session.reload())).code).toBe('SESSION_ENDED');
    expect({ ...session }).toEqual({});
  });

  test('is printed, copied and written as JSON like any session', async () => {
    const session = await (await start({ note: 'here' })).read();
    expect(JSON.stringify(session)).toBe('{"note":"here"}');
    expect({ ...session }).toEqual({ note: 'here' });
    expect(structuredClone({ ...session })).toEqual({ note: 'here' });
    expect(Object.keys(session)).toEqual(['note']);
  });

  test('freezes large values, which are decoded late', async () => {
    const list = Array.from({ length: 2000 }, (_, id) => ({ id }));
    const session = await (await start({ list })).read();
    expect(() => (session['list'] = [])).toThrow(TypeError);
    expect(() => (session['list'] as unknown[]).push(1)).toThrow(TypeError);
    expect((session['list'] as unknown[]).length).toBe(2000);
  });

  test('is undefined for a session that has ended or expired', async () => {
    const { sessions, world, browser, handle } = await start();
    await world.visit(browser, ({ session }) => session.destroy());
    expect(await sessions.read(handle)).toBeUndefined();
    const other = await start();
    other.world.clock.advance(30 * MINUTE);
    expect(await other.sessions.read(other.handle)).toBeUndefined();
  });

  test('is undefined for what is no handle, without a query', async () => {
    const { sessions, world } = await start();
    world.store.takeCalls();
    for (const handle of ['', 'x'.repeat(1024 * 1024), { $ne: null }, undefined, null, 7]) {
      expect(await sessions.read(handle as string)).toBeUndefined();
      expect(await sessions.edit(handle as string, () => {})).toBe(false);
    }
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('is no use of the session', async () => {
    const { read, world, sessions, handle } = await start();
    world.clock.advance(20 * MINUTE);
    await read();
    await sessions.edit(handle, (session: SessionObject<Data>) => void (session['note'] = 'by a job'));
    world.clock.advance(10 * MINUTE);
    expect(await sessions.read(handle)).toBeUndefined();
  });
});

describe.each(PLATFORMS)('sessions.edit() on %s', (platform) => {
  const start = async (given: object | string = { items: [1], count: 0 }) => {
    const { world, browser } = await startWith(platform, {}, given);
    const sessions = world.app.nest.get(MongoSessions);
    const handle = handleOf(tokenOf(browser));
    const edit = (change: (session: AnySession) => void | Promise<void>, options = {}) =>
      sessions.edit<Data>(handle, change as never, options);
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

describe.each(PLATFORMS)('sessions.hasToken() on %s', (platform) => {
  test('tells whether a well-formed, signed token came, without a read', async () => {
    const options = { secrets: ['x'.repeat(32)], maxCookieHeader: 1024 };
    const world = await startWorld(platform, options);
    const excluding = await startWorld(platform, { ...options, exclude: ['/act/*'] });
    const ask = async (cookie?: string) => {
      const headers: Record<string, string> = cookie === undefined ? {} : { cookie };
      const answers = [world, excluding].map(async (each) => {
        const sessions = each.app.nest.get(MongoSessions);
        const both = ({ request }: Visit) => {
          const { raw = request } = request as { raw?: object };
          return [sessions.hasToken(request), sessions.hasToken(raw)];
        };
        return each.ask(each.client(), both, { headers });
      });
      const [first, ...others] = (await Promise.all(answers)).flat();
      expect(others).toEqual([first, first, first]);
      return first;
    };
    const browser = await world.browserWith();
    world.store.takeCalls();
    expect(await ask()).toBe(false);
    expect(await ask('id=nonsense')).toBe(false);
    expect(await ask(`id=${tokenOf(browser).split('.')[0]}`)).toBe(false);
    expect(world.store.takeCalls()).toEqual([]);
    expect(await ask(`id=${tokenOf(browser)}`)).toBe(true);
    expect(await ask(`id=${tokenOf(browser)}; filler=${'x'.repeat(2000)}`)).toBe(false);
    expect(world.app.nest.get(MongoSessions).hasToken({})).toBe(false);
  });
});
