// What was begun before a login or a logout can't be written after it, whichever answer comes first.
import { describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { MINUTE, type Handle, type World, handleOf, startWorld, withCookie } from './support/world.js';

const database = testDatabase();
const STORES = [
  ['memory', {}],
  ['MongoDB', { db: database.db, collection: 'sessions' }],
] as const;

const change: Handle = ({ session }) => void (session['late'] = 'from before');

describe.each(PLATFORMS)('%s', (platform) => {
  describe.each(STORES)('a request that began before the login, on %s,', (_, store) => {
    test.each<[name: string, handle: Handle, status?: number]>([
      ['changes a key', change],
      ['changes another key of the same name', ({ session }) => void (session['a'] = 2)],
      ['removes a key', ({ session }) => void delete session['a']],
      ['makes the session permanent', ({ session }) => void (session.permanent = true)],
      [
        'saves by itself',
        async ({ session }) => {
          session['late'] = 1;
          await session.save();
        },
        409,
      ],
    ])('writes nothing into the session after it when it %s', async (_name, handle, status = 200) => {
      const world = await startWorld(platform, store);
      const browser = await world.browserWith({ a: 1 });
      const early = await world.begin(browser.clone(), handle);
      await world.visit(browser, ({ session }) => session.login('ada', { keep: true }));
      const stored = await snapshot(world, browser.jar.get('id')!);

      const reply = await early.end();

      expect([reply.status, reply.cookies]).toEqual([status, []]);
      expect(await snapshot(world, browser.jar.get('id')!)).toEqual(stored);
      expect(world.eventTypes()).toEqual(['created', 'regenerated', 'loggedIn', 'interrupted']);
    });

    test('hears 409 where that is wanted', async () => {
      const world = await startWorld(platform, { ...store, onInterrupted: 'throw' });
      const browser = await world.browserWith({ a: 1 });
      const early = await world.begin(browser.clone(), change);
      await world.visit(browser, ({ session }) => session.login('ada', { keep: true }));
      const reply = await early.end();
      expect([reply.status, reply.cookies]).toEqual([409, []]);
      expect(JSON.parse(reply.body)).toEqual({ statusCode: 409, message: 'Conflict', code: 'SESSION_INTERRUPTED' });
    });

    test('does not make the session last longer by having been', async () => {
      const world = await startWorld(platform, store);
      const browser = await world.browserWith({ a: 1 });
      const early = await world.begin(browser.clone());
      await world.visit(browser, ({ session }) => session.login('ada'));
      const stored = await snapshot(world, browser.jar.get('id')!);
      world.clock.advance(20 * MINUTE);
      await early.end();
      expect(await snapshot(world, browser.jar.get('id')!)).toEqual(stored);
      // It is the same for one that asks for it.
      const asking = await world.begin(browser.clone(), ({ session }) => session.touch());
      await world.visit(browser, ({ session }) => session.login('ada'));
      world.clock.advance(10 * MINUTE);
      await asking.end();
      world.clock.advance(20 * MINUTE);
      expect(await world.isAlive(browser)).toBe(false);
    });

    test('that logs in too without keeping anything begins a session of its own: both are logged in', async () => {
      const world = await startWorld(platform, store);
      const browser = await world.browserWith({ a: 1 });
      const clients = [browser.clone(), browser.clone()];
      const logins = await Promise.all(
        clients.map((client, index) => world.begin(client, ({ session }) => session.login(`user ${index}`))),
      );
      await Promise.all(logins.map((login) => login.end()));

      const users = await Promise.all(
        clients.map(async (client) => (await world.visit(client, ({ session }) => ({ user: session.userId }))).body),
      );
      expect(users).toEqual(['{"user":"user 0"}', '{"user":"user 1"}']);
      const tokens = clients.map(({ jar }) => jar.get('id')!);
      expect(handleOf(tokens[0]!)).not.toBe(handleOf(tokens[1]!));
      expect(tokens).not.toContain(browser.jar.get('id'));
      expect(await world.isAlive(browser)).toBe(false);
    });

    test('that logs in too and keeps data hears 409, for the data are no longer its own', async () => {
      const world = await startWorld(platform, store);
      const browser = await world.browserWith({ a: 1 });
      const late = await world.begin(browser.clone(), ({ session }) => session.login('grace', { keep: true }));
      await world.visit(browser, ({ session }) => session.login('ada', { keep: true }));
      const reply = await late.end();
      expect([reply.status, reply.cookies]).toEqual([409, []]);
      const state = await world.visit(browser, ({ session }) => ({ user: session.userId }));
      expect(JSON.parse(state.body)).toEqual({ user: 'ada' });
    });
  });

  describe.each(STORES)('logout is final on %s, though', (_, store) => {
    test.each<[name: string, handle: Handle, status: number]>([
      ['a writer', change, 200],
      ['a writer that saves', ({ session }) => session.save(), 200],
      ['a reader', ({ session }) => ({ ...session }), 200],
      ['one that never looks at it', () => 'seen', 200],
      ['a touch', ({ session }) => session.touch(), 409],
      ['one that makes it permanent', ({ session }) => void (session.permanent = true), 200],
      ['a regenerate that keeps data', ({ session }) => session.regenerate({ keep: true }), 409],
      ['a login that keeps data', ({ session }) => session.login('ada', { keep: ['a'] }), 409],
      ['a reload', ({ session }) => session.reload(), 409],
      ['another logout', ({ session }) => session.logout(), 200],
    ])('%s was under way', async (_name, handle, status) => {
      const world = await startWorld(platform, { ...store, renewAfter: '1m', permanent: { idleTimeout: '10m' } });
      const browser = await world.browserWith({ a: 1, permanent: true });
      // So that a touch and a renewal are due.
      world.clock.advance(2 * MINUTE);
      const token = browser.jar.get('id')!;
      const late = await world.begin(browser.clone(), handle);
      await world.visit(browser, ({ session }) => session.logout());
      expect(browser.jar.size).toBe(0);

      const reply = await late.end();

      expect(reply.status).toBe(status);
      for (const cookie of reply.cookies) expect(cookie).toMatch(/^id=; Max-Age=0;/);
      expect(await snapshot(world, token)).toBeUndefined();
      expect(await world.isAlive(withCookie(world.client(), token))).toBe(false);
    });

    test('a login was under way: it begins another session, under another name', async () => {
      const world = await startWorld(platform, store);
      const browser = await world.browserWith({ a: 1 });
      const old = browser.jar.get('id')!;
      const other = browser.clone();
      const login = await world.begin(other, ({ session }) => session.login('ada'));
      await world.visit(browser, ({ session }) => session.logout());
      await login.end();
      expect(handleOf(other.jar.get('id')!)).not.toBe(handleOf(old));
      expect(await snapshot(world, old)).toBeUndefined();
      expect(await world.isAlive(other)).toBe(true);
    });

    test('a login came first: it ends that one too, for its user has asked for the end', async () => {
      const world = await startWorld(platform, store);
      const browser = await world.browserWith({ a: 1 });
      const logout = await world.begin(browser.clone(), ({ session }) => session.logout());
      await world.visit(browser, ({ session }) => session.login('ada'));
      await logout.end();
      expect(await world.isAlive(browser)).toBe(false);
    });
  });
});

/** The document or the entry in memory behind a token. */
async function snapshot(world: World, token: string): Promise<unknown> {
  const handle = handleOf(token);
  const inMemory = await world.store.peek(handle);
  if (inMemory) return inMemory;
  const documents = await database.db.collection('sessions').find().toArray();
  return documents.find(({ _id }) => _id.toHexString() === handle);
}
