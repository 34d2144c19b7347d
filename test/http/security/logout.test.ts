// logout(): the end at the backend, and a browser that is told to forget.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type Handle, startWorld } from './support/world.js';

const database = testDatabase();
const logout: Handle = ({ session }) => session.logout();

describe.each(PLATFORMS)('logout on %s', (platform) => {
  test('removes the document, and its token opens nothing any more', async () => {
    const world = await startWorld(platform, { db: database.db, collection: 'sessions' });
    const browser = await world.browserOf('ada');
    const stolen = browser.clone();
    await world.visit(browser, logout);
    expect(await database.db.collection('sessions').countDocuments()).toBe(0);
    expect(browser.jar.size).toBe(0);
    expect(await world.isAlive(stolen)).toBe(false);
    expect(world.eventTypes()).toEqual(['created', 'destroyed', 'rejected: unknown']);
  });

  test.each([
    ['logout', logout],
    ['destroy', ({ session }) => session.destroy()],
    ['emptying it', ({ session }) => void delete session['a']],
  ] satisfies [string, Handle][])('by %s clears the cookie in the same answer', async (_, end) => {
    const world = await startWorld(platform);
    const browser = await world.browserWith({ a: 1 });
    const reply = await world.visit(browser, end);
    expect(reply.cookies).toEqual([
      'id=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
    ]);
    expect(reply.headers['cache-control']).toBe('private, no-store');
    expect(world.store.memory.size).toBe(0);
  });

  test.each([
    [undefined, undefined],
    [{ clearSiteData: false }, undefined],
    [{ clearSiteData: true }, '"cache", "cookies", "storage"'],
    [{ clearSiteData: ['cookies'] as const }, '"cookies"'],
    [{ clearSiteData: ['*'] as const }, '"*"'],
  ])('with %j sends Clear-Site-Data: %s', async (options, header) => {
    const world = await startWorld(platform);
    const browser = await world.browserOf('ada');
    const reply = await world.visit(browser, ({ session }) => session.logout(options));
    expect(reply.headers['clear-site-data']).toBe(header);
  });

  test.each([
    ['a cookie that opens nothing', 'id=x', [expect.stringMatching(/^id=; Max-Age=0;/)]],
    ['cookies of others', 'other=1; idx=2', []],
    ['no cookie', '', []],
  ])('B17: without a session, a browser with %s', async (_what, cookie, cookies) => {
    const world = await startWorld(platform);
    const reply = await world.visit(world.client(), logout, cookie ? { headers: { cookie } } : {});
    expect([reply.status, reply.cookies]).toEqual([200, cookies]);
    expect(world.store.takeCalls()).toEqual([]);
  });

  test.each<[string, Handle]>([
    ['destroy()', ({ session }) => session.destroy()],
    ['destroy() after changes', ({ session }) => (Object.assign(session, { a: 1 }), session.destroy())],
    [
      'destroy() after save()',
      async ({ session }) => {
        Object.assign(session, { a: 1 });
        await session.save();
        await session.destroy();
      },
    ],
    [
      'emptying it after save()',
      async ({ session }) => {
        Object.assign(session, { a: 1 });
        await session.save();
        delete (session as { a?: number }).a;
      },
    ],
    [
      'login() and logout()',
      async ({ session }) => {
        await session.login('ada');
        await session.logout();
      },
    ],
  ])('B17: a new session that ends by %s sends nothing to a browser without a token', async (_what, end) => {
    for (const options of [{}, { transport: { header: 'x-token' } }] satisfies SessionOptions[]) {
      const world = await startWorld(platform, options);
      const reply = await world.visit(world.client(), end);
      expect([reply.status, reply.cookies, reply.headers['x-token']]).toEqual([200, [], undefined]);
      expect(world.store.memory.size).toBe(0);
    }
  });

  test('that the store refuses is no logout: 503, no cookie, no Clear-Site-Data, and the session lives', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserOf('ada');
    world.store.fail('remove');
    const reply = await world.visit(browser, ({ session }) => session.logout({ clearSiteData: true }));
    expect([reply.status, reply.cookies, reply.headers['clear-site-data']]).toEqual([503, [], undefined]);
    world.store.fail();
    expect(await world.isAlive(browser)).toBe(true);
  });

  test('and a login in one request leave the new session and its cookie only', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserOf('ada');
    const reply = await world.visit(browser, async ({ session }) => {
      await session.logout();
      await session.login('grace');
    });
    expect(reply.cookies).toEqual([expect.stringMatching(/^id=[\w-]{59};/)]);
    expect(world.store.memory.size).toBe(1);
    const state = await world.visit(browser, ({ session }) => ({ user: session.userId }));
    expect(JSON.parse(state.body)).toEqual({ user: 'grace' });
  });

  test('leaves the sessions of others alone, those of the same user too', async () => {
    const world = await startWorld(platform);
    const [one, other, stranger] = [
      await world.browserOf('ada'),
      await world.browserOf('ada'),
      await world.browserOf('eve'),
    ];
    await world.visit(one, logout);
    expect([await world.isAlive(one), await world.isAlive(other), await world.isAlive(stranger)]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
