// sessions.read(handle): outside of any request, and no use of the session.
import { describe, expect, test } from 'vitest';
import { MongoSessions, type SessionObject } from '../../../lib/index.js';
import { errorOf, PLATFORMS } from '../../support/http.js';
import { type AnySession, handleOf, MINUTE, startWith, tokenOf } from '../../support/world.js';

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
