// With the fastify-session face: what becomes of the object by `regenerate()`, `reload()` and `destroy()`, and what parallel requests keep.
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, MongoSessions } from '../../../lib/index.js';
import { startApp } from '../../support/app.js';
import { errorOf } from '../../support/error-of.js';
import { type Handle, MINUTE, startWorld } from '../../support/world.js';
import { called, type Face, faceOf, oursOf, start, startWith } from './support/fastify-face.js';

describe('regenerate() of the fastify-session face', () => {
  test('gives another object, without data, under another token', async () => {
    const { world, browser } = await startWith({ cart: 'tea' });
    const copy = browser.clone();
    const renew: Handle = async (visit) => {
      const before = faceOf(visit);
      const { sessionId } = before;
      const error = await called((done) => before.regenerate(done));
      const after = faceOf(visit);
      after['b'] = 2;
      return [error === null, after === before, after.sessionId === sessionId, after.data()];
    };
    expect(await world.ask(browser, renew)).toEqual([true, false, false, { b: 2 }]);
    expect(await world.ask(browser, (visit) => faceOf(visit).data())).toEqual({ b: 2 });
    expect(await world.ask(copy, (visit) => faceOf(visit).data())).toEqual({});
  });

  test('keeps the keys that are named, and ignores what is not there', async () => {
    const { world, browser } = await startWith({ cart: 'tea', userId: 7, secret: 'x' });
    const keys = ['cart', 'userId', 'cookie', 'session', 'get', '__proto__', 'constructor', 7, null];
    const renew: Handle = async (visit) => {
      await faceOf(visit).regenerate(keys);
      return faceOf(visit).data();
    };
    expect(await world.ask(browser, renew)).toEqual({ cart: 'tea', userId: 7 });
    expect(await world.ask(browser, (visit) => faceOf(visit).data())).toEqual({ cart: 'tea', userId: 7 });
  });

  test('starts over if none of the keys is there: permanent is over, and the clocks restart', async () => {
    const { world, browser } = await startWith({ cart: 'tea' });
    await world.visit(browser, (visit) => void (oursOf(visit).permanent = true));
    world.clock.advance(MINUTE);
    await world.visit(browser, async (visit) => {
      await faceOf(visit).regenerate(['passport', 'session']);
      faceOf(visit).set('passport', 'ada');
    });
    const state = await world.ask(browser, (visit) => [oursOf(visit).permanent, oursOf(visit).createdAt.getTime()]);
    expect(state).toEqual([false, world.clock.now()]);
  });

  test('calls back after keeping keys, also of a session that is not stored', async () => {
    const world = await start();
    const renew: Handle = async (visit) => {
      faceOf(visit)['cart'] = 'tea';
      const error = await called((done) => faceOf(visit).regenerate(['cart'], done));
      return [error === null, faceOf(visit).data()];
    };
    expect(await world.ask(world.client(), renew)).toEqual([true, { cart: 'tea' }]);
  });

  test('gives up the user of login() and their device, whatever it keeps', async () => {
    const { world, browser } = await startWith({ cart: 'tea' }, { store: new MemorySessionStore(), devices: true });
    const devices = world.app.nest.get(MongoSessions).of('ada');
    await world.visit(browser, (visit) => oursOf(visit).login('ada', { keep: true }));
    expect(await devices.list()).toHaveLength(1);
    await world.visit(browser, (visit) => faceOf(visit).regenerate(['cart']));
    expect(await devices.list()).toEqual([]);
    const read: Handle = (visit) => [oursOf(visit).userId ?? null, oursOf(visit).amr ?? null, faceOf(visit).data()];
    expect(await world.ask(browser, read)).toEqual([null, null, { cart: 'tea' }]);
  });

  test('leaves the user to login() of the same request', async () => {
    const { world, browser } = await startWith({ cart: 'tea' });
    await world.visit(browser, async (visit) => {
      await faceOf(visit).regenerate(['cart']);
      await oursOf(visit).login('ada', { keep: true });
      await oursOf(visit).regenerate(['cart']);
    });
    expect(await world.ask(browser, (visit) => oursOf(visit).userId)).toBe('ada');
  });

  test.each<[string, (face: Face) => Promise<void>]>([
    ['regenerate()', (face) => face.regenerate()],
    ['reload()', (face) => face.reload()],
    ['destroy()', (face) => face.destroy()],
  ])('leaves an object that reaches nothing, as does %s', async (_name, act) => {
    const { world, browser } = await startWith({ cart: 'tea' });
    const use: Handle = async (visit) => {
      const before = faceOf(visit);
      await act(before);
      before['late'] = 1;
      before.cookie.maxAge = 1000;
      const methods = [before.save(), before.touch(), before.reload(), before.destroy(), before.regenerate()];
      const codes = await Promise.all(methods.map(async (method) => (await errorOf(() => method)).code));
      return [[...new Set(codes)], before.isModified(), before.isSaved(), before.get('cart')];
    };
    expect(await world.ask(browser, use)).toEqual([['SESSION_ENDED'], false, false, 'tea']);
    const after = await world.ask(browser, (visit) => [faceOf(visit).data(), oursOf(visit).permanent]);
    expect(after).toEqual([_name === 'reload()' ? { cart: 'tea' } : {}, false]);
  });
});

describe('reload() of the fastify-session face', () => {
  test('shows what is stored in another object, without what was not saved', async () => {
    const { world, browser } = await startWith({ a: 1 });
    const reload: Handle = async (visit) => {
      const before = faceOf(visit);
      before['a'] = 2;
      const error = await called((done) => before.reload(done));
      return [error === null, faceOf(visit) === before, faceOf(visit).data()];
    };
    expect(await world.ask(browser, reload)).toEqual([true, false, { a: 1 }]);
  });

  test('empties a session that is not stored', async () => {
    const world = await start();
    const reload: Handle = async (visit) => {
      faceOf(visit)['a'] = 1;
      await faceOf(visit).reload();
      return faceOf(visit).data();
    };
    const browser = world.client();
    expect(await world.ask(browser, reload)).toEqual({});
    expect([browser.jar.size, world.store.memory.size]).toEqual([0, 0]);
  });

  test('rejects when another request has ended the session', async () => {
    const { world, browser } = await startWith({ a: 1 });
    const held = await world.begin(browser, async (visit) => (await errorOf(() => faceOf(visit).reload())).code);
    await world.visit(browser.clone(), (visit) => faceOf(visit).destroy());
    expect((await held.end()).body).toBe('SESSION_ENDED');
  });
});

describe('with the fastify-session face', () => {
  test('@Session() and request.session see each others changes, deep inside too', async () => {
    const { world, browser } = await startWith({ cart: { items: ['tea'] } });
    const act: Handle = (visit) => {
      (faceOf(visit)['cart'] as { items: string[] }).items.push('milk');
      oursOf(visit)['a'] = 1;
      faceOf(visit)['b'] = 2;
      return [oursOf(visit)['cart'], faceOf(visit)['a'], oursOf(visit)['b']];
    };
    expect(await world.ask(browser, act)).toEqual([{ items: ['tea', 'milk'] }, 1, 2]);
    expect(await world.dataOf(browser)).toMatchObject({ cart: { items: ['tea', 'milk'] }, a: 1, b: 2 });
  });

  test('is null after an end by @Session(), and there again after its regenerate()', async () => {
    const { world, browser } = await startWith({ a: 1 });
    const act: Handle = async (visit) => {
      await oursOf(visit).logout();
      const ended = faceOf(visit);
      await oursOf(visit).regenerate();
      return [ended, faceOf(visit).data()];
    };
    expect(await world.ask(browser, act)).toEqual([null, {}]);
  });

  test('parallel requests keep the keys of each other', async () => {
    const { world, browser } = await startWith({ a: 1 });
    const twin = browser.clone();
    const held = [
      await world.begin(browser, (visit) => faceOf(visit).set('b', 2)),
      await world.begin(twin, (visit) => faceOf(visit).set('c', 3)),
    ];
    await Promise.all(held.map((visit) => visit.end()));
    expect(await world.ask(browser, (visit) => faceOf(visit).data())).toEqual({ a: 1, b: 2, c: 3 });
  });

  test.each<[string, (face: Face) => unknown]>([
    ['a key that is set', (face) => face.set('b', 2)],
    ['save()', (face) => errorOf(() => (face.set('b', 2), face.save()))],
    ['regenerate(keys)', (face) => errorOf(() => face.regenerate(['a']))],
  ])('a logout is not revived by %s', async (_what, act) => {
    const { world, browser } = await startWith({ a: 1 });
    const twin = browser.clone();
    const held = await world.begin(twin, (visit) => void act(faceOf(visit)));
    await world.visit(browser, (visit) => faceOf(visit).destroy());
    await held.end();
    expect(world.store.memory.size).toBe(0);
    for (const client of [browser, twin]) {
      expect(await world.ask(client, (visit) => faceOf(visit).data())).toEqual({});
    }
  });

  test('a store that fails rejects, calls back, and fails the response', async () => {
    const { world, browser } = await startWith({ a: 1 });
    world.store.fail('update');
    const save: Handle = async (visit) => {
      faceOf(visit)['a'] = 2;
      const error = (await called((done) => faceOf(visit).save(done))) as { status: number };
      return error.status;
    };
    expect((await world.visit(browser, save)).status).toBe(503);
  });
});

describe('responses to inject() of Fastify', () => {
  test('have a single cookie as a text, as those of @fastify/cookie', async () => {
    const world = await start();
    const fastify = world.app.nest.getHttpAdapter().getInstance() as FastifyInstance;
    const { headers } = await fastify.inject({ path: world.route((visit) => faceOf(visit).set('a', 1)) });
    expect(headers['set-cookie']).toEqual(expect.stringMatching(/^id=/));
  });
});

describe('mounting the fastify-session face', () => {
  test('is refused on Express, with the fix', async () => {
    const error = await errorOf(() => startWorld('express', { requestSession: 'fastify-session' }));
    expect([error.code, error.message]).toEqual([
      'SESSION_OPTION_INVALID',
      expect.stringContaining("Use 'express-session' on Express"),
    ]);
  });

  test.each([undefined, 'web'])('decorates requests before plugins of main.ts, name %s', async (name) => {
    let decorators: unknown;
    await startApp({
      platform: 'fastify',
      sessions: { store: new MemorySessionStore(), requestSession: 'fastify-session', ...(name && { name }) },
      configure(nest) {
        const fastify = nest.getHttpAdapter().getInstance() as FastifyInstance;
        decorators = ['session', 'sessionStore', 'sessionID'].map((each) => fastify.hasRequestDecorator(each));
      },
    });
    expect(decorators).toEqual([true, true, false]);
  });

  test('refuses fastify.decryptSession(), with the fix', async () => {
    const { app } = await start();
    const fastify = app.nest.getHttpAdapter().getInstance() as { decryptSession(): void };
    expect(await errorOf(() => fastify.decryptSession())).toMatchObject({ code: 'SESSION_FACE_REFUSED' });
  });
});
