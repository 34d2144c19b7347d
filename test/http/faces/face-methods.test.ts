// The methods of a face: regenerate(), destroy(), save(), reload() and touch(), with promises and callbacks.
import { describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { startWorld } from '../../support/world.js';
import { sessionOf } from '../../../lib/http/request-sessions.js';
import { type FacedRequest, called, startFaced } from './support/faced.js';

const codeOf = (error: unknown) => (error as { code?: unknown } | undefined)?.code;

describe.each(PLATFORMS)("request.session on %s with the face 'express-session'", (platform) => {
  describe('regenerate()', () => {
    test.each(['a promise', 'a callback'])(
      'with %s gives another object, and the old one reaches nothing',
      async (kind) => {
        const world = await startFaced(platform);
        const browser = await world.browserWith({ cart: ['apple'], userId: 7 });
        const before = browser.clone();
        const seen = await world.ask(browser, async (request) => {
          const old = request.session;
          const { id } = old;
          if (kind === 'a promise') await old.regenerate();
          else expect(await called((done) => void old.regenerate(done))).toEqual([undefined, undefined]);
          const { session } = request;
          const [copy, oldId] = [{ ...old }, old.id];
          old['late'] = true;
          (old['cart'] as string[]).push('pear');
          old.cookie.maxAge = 5000;
          session['fresh'] = Object.keys(session).length;
          const refused = await Promise.all(
            [old.save(), old.reload(), old.destroy(), old.regenerate()].map((verb) => verb.catch(codeOf)),
          );
          return {
            isOther: session !== old,
            idIsOther: session.id !== id,
            oldId: oldId === id,
            copy,
            refused,
            late: session['late'] ?? 0,
          };
        });
        const ended = ['SESSION_ENDED', 'SESSION_ENDED', 'SESSION_ENDED', 'SESSION_ENDED'];
        expect(seen).toMatchObject({ isOther: true, idIsOther: true, oldId: true, refused: ended, late: 0 });
        expect(seen).toMatchObject({ copy: { cart: ['apple', 'pear'], userId: 7 } });
        expect(await world.dataOf(browser)).toEqual({ fresh: 1 });
        expect(await world.ask(before, ({ own }) => own.isNew)).toBe(true);
      },
    );

    test('keeps what it is told to keep', async () => {
      const world = await startFaced(platform);
      const browser = await world.browserWith({ cart: 1, other: 2 });
      await world.visit(browser, ({ session }) =>
        (session.regenerate as unknown as (keep: string[]) => unknown)(['cart']),
      );
      expect(await world.dataOf(browser)).toEqual({ cart: 1 });
    });

    test('of @Session() leaves the face as it is, and it shows the new session', async () => {
      const world = await startFaced(platform);
      const browser = await world.browserWith({ a: 1 });
      const seen = await world.ask(browser, async (request) => {
        const { session, own } = request;
        await own.login('ada');
        session['b'] = 2;
        return [session === request.session, session.id === own.id];
      });
      expect(seen).toEqual([true, true]);
      expect(await world.dataOf(browser)).toEqual({ b: 2 });
    });
  });

  describe('destroy()', () => {
    test.each(['a promise', 'a callback'])(
      'with %s ends the session, and request.session is undefined',
      async (kind) => {
        const world = await startFaced(platform);
        const browser = await world.browserWith({ a: 1 });
        const before = browser.clone();
        const seen = await world.ask(browser, async (request) => {
          const old = request.session;
          const pending = kind === 'a promise' ? old.destroy() : called((done) => void old.destroy(done));
          const meanwhile = typeof request.session;
          await pending;
          return [meanwhile, typeof request.session, old['a'], await old.save().catch(codeOf)];
        });
        expect(seen).toEqual(['undefined', 'undefined', 1, 'SESSION_ENDED']);
        expect(browser.jar.has('id')).toBe(false);
        expect(await world.ask(before, ({ own }) => own.isNew)).toBe(true);
      },
    );

    test('by @Session() makes it undefined too, until another session starts', async () => {
      const world = await startFaced(platform);
      const browser = await world.browserWith({ a: 1 });
      const seen = await world.ask(browser, async (request) => {
        await request.own.logout();
        const afterwards = typeof request.session;
        await request.own.regenerate();
        request.session['note'] = 'bye';
        return afterwards;
      });
      expect(seen).toBe('undefined');
      expect(await world.dataOf(browser)).toEqual({ note: 'bye' });
    });
  });

  describe('save(), reload() and touch()', () => {
    test('work with a promise and a callback', async () => {
      const world = await startFaced(platform);
      const browser = await world.browserWith({ a: 1 });
      const seen = await world.ask(browser, async ({ session }) => {
        session['b'] = 2;
        await session.save();
        session['b'] = 3;
        await session.reload();
        const reloaded = session['b'];
        session['b'] = 4;
        const saved = await called((done) => void session.save(done));
        const touched = await called((done) => void session.touch(done));
        return [
          reloaded,
          saved[0] ?? null,
          touched[0] ?? null,
          session.touch() === session,
          session.resetMaxAge() === session,
        ];
      });
      expect(seen).toEqual([2, null, null, true, true]);
      expect(await world.dataOf(browser)).toEqual({ a: 1, b: 4 });
    });

    test('call back with the error of a session that has ended', async () => {
      const world = await startFaced(platform);
      const browser = await world.browserWith({ a: 1 });
      const slow = await world.begin(browser.clone(), async (request) => {
        const { session } = request;
        const errors = [
          await called((done) => void session.reload(done)),
          await called((done) => void session.reload(done)),
        ];
        return { codes: errors.map(([error]) => codeOf(error)), shown: typeof request.session };
      });
      await world.visit(browser.clone(), ({ own }) => own.destroy());
      expect(JSON.parse((await slow.end()).body)).toEqual({
        codes: ['SESSION_ENDED', 'SESSION_ENDED'],
        shown: 'object',
      });
    });

    test('touch() that fails is a line in the log, and the response leaves', async () => {
      const world = await startFaced(platform);
      const browser = await world.browserWith({ a: 1 });
      world.world.store.fail('update');
      expect(await world.ask(browser, ({ session }) => session.touch()['a'])).toBe(1);
      const { lines } = world.world.app.log;
      expect(lines).toEqual([expect.stringMatching(/could not be saved: The database is away/)]);
    });

    test('touch() restarts the idle time at once', async () => {
      const world = await startFaced(platform, { idleTimeout: '10m' });
      const browser = await world.browserWith({ a: 1 });
      world.world.clock.advance(30_000);
      expect(await world.ask(browser, ({ session }) => void session.touch())).toBe(null);
      world.world.clock.advance(9.75 * 60_000);
      expect(await world.dataOf(browser)).toEqual({ a: 1 });
    });
  });
});

const UNSET_ENDS = { requestSession: { as: 'express-session', unset: 'destroy' } } as const;

describe('delete request.session on express', () => {
  const giveUp = (request: Partial<FacedRequest>) => {
    request.session!['a'] = 2;
    delete request.session;
  };

  test('drops what the request has changed', async () => {
    const world = await startFaced('express');
    const browser = await world.browserWith({ a: 1 });
    await world.visit(browser, giveUp);
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test("ends the session with unset: 'destroy', also if nobody has read it, or null was assigned then", async () => {
    const world = await startFaced('express', UNSET_ENDS);
    const forget = (request: Partial<FacedRequest>) => void delete request.session;
    for (const act of [
      giveUp,
      forget,
      (request: Partial<FacedRequest>) => [forget(request), Object.assign(request, { session: null })],
    ]) {
      const browser = await world.browserWith({ a: 1 });
      const copy = browser.clone();
      await world.visit(browser, act);
      expect([browser.jar.size, await world.dataOf(copy)]).toEqual([0, {}]);
    }
    expect(world.world.eventTypes().filter((type) => type === 'destroyed')).toHaveLength(3);
  });

  test('leaves a session alone that another library owns', async () => {
    const world = await startFaced('express', UNSET_ENDS);
    const browser = await world.browserWith({ a: 1 });
    await world.visit(browser, (request) => {
      delete (request as Partial<FacedRequest>).session;
      Object.assign(request, { session: { of: 'another library' } });
    });
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });
});

const UNKNOWN = { '%typed': ['Float99Array', Buffer.alloc(200)] };

describe.each([
  ['express', 'express-session'],
  ['fastify', 'express-session'],
  ['fastify', 'fastify-session'],
] as const)('on %s with the face %s, a session with a value that can not be decoded', (platform, as) => {
  const { db } = testDatabase();

  test.each(['destroy', 'regenerate', 'reload'] as const)(
    'takes %s(), and fails only who reads the value',
    async (method) => {
      const world = await startWorld(platform, { db, collection: 'sessions', requestSession: as });
      const browser = await world.browserWith({ a: 1, b: 'x' });
      const before = browser.clone();
      await db.collection('sessions').updateMany({}, { $set: { 'data.b': UNKNOWN } });
      const seen = await world.ask(browser, async ({ request }) => {
        const { session } = request as unknown as FacedRequest;
        await session[method]();
        return [
          session['a'],
          await Promise.resolve()
            .then(() => session['b'])
            .catch(codeOf),
        ];
      });
      expect(seen).toEqual([1, 'SESSION_UNDECODABLE']);
      expect(await world.ask(before, ({ request }) => sessionOf(request).isNew)).toBe(method !== 'reload');
      await db.collection('sessions').deleteMany({});
    },
  );
});
