import { describe, expect, test } from 'vitest';
import { type AnySession, startWorld } from '../security/support/world.js';
import { PLATFORMS } from '../../support/http.js';

const ENDS: [string, (session: AnySession) => Promise<void>][] = [
  ['logout()', (session) => session.logout()],
  ['destroy()', (session) => session.destroy()],
];

describe.each(PLATFORMS)('B22: after the end of a session on %s', (platform) => {
  describe.each(ENDS)('by %s', (_, end) => {
    test('login() in the same request begins another session, of that user, with the data set since', async () => {
      const world = await startWorld(platform);
      const client = await world.browserOf('ada');
      const old = client.clone();
      const reply = await world.visit(client, async ({ session }) => {
        const { handle } = session;
        session['cart'] = ['of ada'];
        await end(session);
        await session.login('bob');
        session['seen'] = true;
        return { user: session.userId, isOther: session.handle !== handle, keys: Object.keys(session) };
      });
      expect(JSON.parse(reply.body)).toEqual({ user: 'bob', isOther: true, keys: ['seen'] });
      expect(await world.dataOf(client)).toEqual({ seen: true });
      const user = await world.visit(client, ({ session }) => ({ user: session.userId }));
      expect(JSON.parse(user.body)).toEqual({ user: 'bob' });
      expect(await world.isAlive(old)).toBe(false);
      expect(world.store.memory.size).toBe(1);
    });

    test.each([
      [{ keep: true }, ['a', 'b', 'c']],
      [{ keep: ['b'] }, ['b', 'c']],
      [{}, ['c']],
    ])('login() with %j keeps of what was set since, and never of what was before', async (options, keys) => {
      const world = await startWorld(platform);
      const client = await world.browserWith({ old: 1, b: 'old' });
      await world.visit(client, async ({ session }) => {
        await end(session);
        Object.assign(session, { a: 1, b: 2 });
        await session.login('bob', options);
        session['c'] = 3;
      });
      expect(Object.keys((await world.dataOf(client)) as object)).toEqual(keys);
    });

    test('regenerate() begins another one, which holds what is set then', async () => {
      const world = await startWorld(platform);
      const client = await world.browserOf('ada');
      await world.visit(client, async ({ session }) => {
        await end(session);
        await session.regenerate();
        await session.push('flash', ['goodbye']);
      });
      const reply = await world.visit(client, ({ session }) => ({ user: session.userId ?? null, ...session }));
      expect(JSON.parse(reply.body)).toEqual({ user: null, flash: ['goodbye'] });
    });

    test('data that is set and belongs to no session is a 409, and the log names the key and the fix', async () => {
      const world = await startWorld(platform);
      const client = await world.browserWith({ a: 1 });
      const reply = await world.visit(client, async ({ session }) => {
        await end(session);
        session['seen'] = true;
      });
      expect(reply.status).toBe(409);
      expect(world.store.memory.size).toBe(0);
    });

    test('save() of such data rejects', async () => {
      const world = await startWorld(platform);
      const client = await world.browserWith({ a: 1 });
      const reply = await world.visit(client, async ({ session }) => {
        await end(session);
        session['seen'] = true;
        const error = await session.save().catch((thrown: Error) => thrown);
        delete session['seen'];
        return { message: ((error as Error).cause as Error).message };
      });
      expect(JSON.parse(reply.body)).toEqual({
        message:
          'session["seen"] was set after the session had ended. Set it in another session, after await session.regenerate() or login().',
      });
    });

    test('nothing more is a plain end: the cookie goes, and nothing is stored', async () => {
      const world = await startWorld(platform);
      const client = await world.browserWith({ a: 1 });
      const reply = await world.visit(client, ({ session }) => end(session));
      expect(reply.cookies).toEqual([expect.stringContaining('Max-Age=0')]);
      expect(world.store.memory.size).toBe(0);
    });
  });
});

describe.each(PLATFORMS)('B18: regenerate() on %s', (platform) => {
  test('keeps the keys of a list in place of the options, with a callback too', async () => {
    const world = await startWorld(platform);
    for (const regenerate of [
      (session: AnySession) => session.regenerate(['cart']),
      (session: AnySession) => new Promise<void>((resolve) => session.regenerate(['cart'], () => resolve())),
    ]) {
      const client = await world.browserWith({ cart: 1, other: 2 });
      await world.visit(client, ({ session }) => regenerate(session));
      expect(await world.dataOf(client)).toEqual({ cart: 1 });
    }
  });

  test.each(['cart', true, 5, [5]])('refuses %j in place of the options', async (wrong) => {
    const world = await startWorld(platform);
    const client = await world.browserWith({ cart: 1 });
    expect((await world.visit(client, ({ session }) => session.regenerate(wrong as never))).status).toBe(500);
    expect(await world.dataOf(client)).toEqual({ cart: 1 });
  });
});
