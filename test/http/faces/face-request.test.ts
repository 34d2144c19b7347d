// What else a request has with a face: `request.session = null`, `sessionID`, `sessionStore`, and sessions without data.
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/app.js';
import { addPorts } from '../../support/core/observed-store.js';
import { DAY, MINUTE } from '../../support/world.js';
import { type FacedRequest, called, startFaced } from './support/faced.js';

const codeOf = (error: unknown) => (error as { code?: unknown } | null | undefined)?.code ?? null;
const refusal = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return codeOf(error);
  }
};
const assign = (request: FacedRequest, value: unknown) => void ((request as { session: unknown }).session = value);
const face = (more: object) => ({ requestSession: { as: 'express-session' as const, ...more } });

describe.each(PLATFORMS)('request.session = value on %s', (platform) => {
  test.each([null, undefined, false])('%s drops what the request has changed', async (nothing) => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ a: { b: 1 } });
    const seen = await world.ask(browser, (request) => {
      (request.session['a'] as { b: number }).b = 2;
      request.session['c'] = 3;
      request.session.cookie.maxAge = DAY;
      assign(request, nothing);
      return [request.session, { ...request.own }, request.own.permanent];
    });
    expect(seen).toEqual([null, { a: { b: 1 } }, false]);
    expect(await world.dataOf(browser)).toEqual({ a: { b: 1 } });
    expect(world.world.eventTypes()).toEqual(['created']);
  });

  test.each([null, undefined, false])("%s ends the session with unset: 'destroy'", async (nothing) => {
    const world = await startFaced(platform, face({ unset: 'destroy' }));
    const browser = await world.browserWith({ a: 1 });
    const seen = await world.ask(browser, (request) => {
      request.session['a'] = 2;
      assign(request, nothing);
      return request.session;
    });
    expect(seen).toBe(null);
    expect(browser.jar.has('id')).toBe(false);
    expect(world.world.eventTypes()).toEqual(['created', 'destroyed']);
  });

  test('null begins no session for a visitor without one', async () => {
    for (const more of [{}, { unset: 'destroy' }, { storeEmpty: true }, { storeEmpty: true, unset: 'destroy' }]) {
      const world = await startFaced(platform, face(more));
      const { cookies } = await world.visit(world.client(), (request) => {
        request.session['a'] = 1;
        assign(request, null);
      });
      expect([cookies, world.world.eventTypes()]).toEqual([[], []]);
    }
  });

  test.each([{}, { a: 1 }, true, 'text', 0])('%j is refused', async (value) => {
    const world = await startFaced(platform);
    expect(await world.ask(world.client(), (request) => refusal(() => assign(request, value)))).toBe(
      'SESSION_VALUE_REFUSED',
    );
  });

  test('itself changes nothing', async () => {
    const world = await startFaced(platform);
    expect(await world.ask(world.client(), (request) => refusal(() => assign(request, request.session)))).toBe(null);
  });
});

describe.each(PLATFORMS)('storeEmpty on %s', (platform) => {
  const reads = (request: FacedRequest) => request.session['a'];

  test('true stores a session for each request without one, once', async () => {
    const world = await startFaced(platform, face({ storeEmpty: true }));
    const browser = world.client();
    expect((await world.visit(browser, () => 'seen')).cookies).toHaveLength(1);
    expect((await world.visit(browser, reads)).cookies).toEqual([]);
    expect(world.world.eventTypes()).toEqual(['created']);
  });

  test('true keeps a session that is emptied, and one that is regenerated', async () => {
    const world = await startFaced(platform, face({ storeEmpty: true }));
    const browser = await world.browserWith({ a: 1 });
    const id = await world.ask(browser, ({ session }) => (delete session['a'], session.id));
    expect(await world.ask(browser, ({ session }) => session.id)).toBe(id);
    await world.visit(browser, ({ session }) => session.regenerate());
    expect(await world.ask(browser, ({ own }) => [own.isNew, { ...own }])).toEqual([false, {}]);
    expect(world.world.eventTypes()).toEqual(['created', 'regenerated']);
  });

  test('true does not bring back what was destroyed', async () => {
    const world = await startFaced(platform, face({ storeEmpty: true }));
    const browser = await world.browserWith({ a: 1 });
    await world.visit(browser, ({ session }) => session.destroy());
    expect(browser.jar.has('id')).toBe(false);
    expect(world.world.eventTypes()).toEqual(['created', 'destroyed']);
  });

  test.each<[what: string, act: (request: FacedRequest) => unknown]>([
    ['session.id', ({ session }) => session.id],
    ['sessionID', ({ sessionID }) => sessionID],
  ])("'when-named' stores one where %s is read, and nowhere else", async (_, name) => {
    const world = await startFaced(platform, face({ storeEmpty: 'when-named' }));
    const browser = world.client();
    expect((await world.visit(browser, reads)).cookies).toEqual([]);
    const id = await world.ask(browser, name);
    expect(await world.ask(browser, name)).toBe(id);
    expect(world.world.eventTypes()).toEqual(['created']);
    await world.visit(browser, ({ session }) => void (session['a'] = 1));
    await world.ask(browser, (request) => (delete request.session['a'], name(request)));
    expect(await world.ask(browser, name)).toBe(id);
  });

  test('false stores none, whatever is read', async () => {
    const world = await startFaced(platform);
    const { cookies } = await world.visit(world.client(), ({ session, sessionID }) => [session.id, sessionID]);
    expect([cookies, world.world.eventTypes()]).toEqual([[], []]);
  });
});

describe.each(PLATFORMS)('request.sessionID on %s', (platform) => {
  test('is the public name, and read-only', async () => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ a: 1 });
    const seen = await world.ask(browser, (request) => [
      request.sessionID === request.own.id,
      request.sessionID === request.session.id,
      refusal(() => (request.sessionID = 'mine')),
      refusal(() => (request.sessionStore = {})),
    ]);
    expect(seen).toEqual([true, true, 'SESSION_VALUE_REFUSED', 'SESSION_VALUE_REFUSED']);
    expect(await world.ask(browser, ({ sessionID }) => sessionID)).not.toContain(browser.jar.get('id'));
  });
});

describe.each(PLATFORMS)('request.sessionStore on %s', (platform) => {
  test('get() gives the data of a session with its cookie, and null if there is none', async () => {
    const world = await startFaced(platform, { idleTimeout: '10m' });
    const browser = await world.browserWith({ a: 1, userId: 7 });
    const id = (await world.ask(browser, ({ sessionID }) => sessionID)) as string;
    world.world.clock.advance(8 * MINUTE);
    const get = (name: unknown) =>
      world.ask(world.client(), ({ sessionStore }) => called((done) => sessionStore['get']!(name, done)));
    const [, found] = (await get(id)) as [unknown, Record<string, unknown>];
    expect(found).toMatchObject({ a: 1, userId: 7, cookie: { originalMaxAge: null, path: '/' } });
    const [handle] = id.split('.');
    for (const none of [
      `${handle}.1`,
      handle,
      `${'0'.repeat(24)}.0`,
      '',
      null,
      7,
      { $ne: 1 },
      '../x',
      browser.jar.get('id'),
    ])
      expect(await get(none)).toEqual([null, null]);
    // It was no use of it.
    world.world.clock.advance(3 * MINUTE);
    expect(await get(id)).toEqual([null, null]);
  });

  test('destroy() ends a session, also without a callback', async () => {
    const world = await startFaced(platform);
    const [one, other] = [await world.browserWith({ a: 1 }), await world.browserWith({ a: 2 })];
    const ids = await Promise.all([one, other].map((browser) => world.ask(browser, ({ sessionID }) => sessionID)));
    const outcome = await world.ask(world.client(), async ({ sessionStore }) => {
      sessionStore['destroy']!(ids[0]);
      return called((done) => sessionStore['destroy']!(ids[1], done));
    });
    expect(outcome).toEqual([null, null]);
    expect(await world.dataOf(other)).toEqual({});
    await expect.poll(() => world.dataOf(one)).toEqual({});
    expect(world.world.eventTypes().filter((type) => type === 'destroyed')).toHaveLength(2);
  });

  test('length() counts the sessions that have not ended', async () => {
    const world = await startFaced(platform, { idleTimeout: '10m' });
    const length = () =>
      world.ask(world.client(), ({ sessionStore }) => called((done) => sessionStore['length']!(done)));
    await world.browserWith({ a: 1 });
    world.world.clock.advance(9 * MINUTE);
    await world.browserWith({ a: 2 });
    const { clock, store } = world.world;
    const [refused] = (await world.ask(world.client(), async ({ sessionStore }) =>
      (await called((done) => sessionStore['length']!(done))).map(codeOf),
    )) as unknown[];
    expect(refused).toBe('SESSION_FACE_REFUSED');
    addPorts(store);
    expect(await length()).toEqual([null, 2]);
    clock.advance(2 * MINUTE);
    expect(await length()).toEqual([null, 1]);
  });

  test('everything else calls back with SESSION_FACE_REFUSED, or throws it', async () => {
    const world = await startFaced(platform);
    const refused = ['all', 'clear', 'set', 'touch', 'load', 'regenerate'];
    const throwing = [...refused, 'createSession', 'generate', 'on', 'once', 'off', 'addListener', 'emit', 'listeners'];
    const seen = await world.ask(world.client(), async ({ sessionStore }) => {
      const back = await Promise.all(refused.map((name) => called((done) => sessionStore[name]!('id', {}, done))));
      return [...back.map(([error]) => codeOf(error)), ...throwing.map((name) => refusal(() => sessionStore[name]!()))];
    });
    expect(seen).toEqual([...refused, ...throwing].map(() => 'SESSION_FACE_REFUSED'));
  });

  test('takes no listener, and calls none', async () => {
    const world = await startFaced(platform);
    const seen = await world.ask(world.client(), async ({ sessionStore }) => {
      const calls: unknown[] = [];
      const outcome = refusal(() => sessionStore['on']!('disconnect', (error: unknown) => calls.push(error)));
      await new Promise(setImmediate);
      return [outcome, calls];
    });
    expect(seen).toEqual(['SESSION_FACE_REFUSED', []]);
  });

  test('get() calls back with the error while the store is away', async () => {
    const world = await startFaced(platform);
    const id = await world.ask(await world.browserWith({ a: 1 }), ({ sessionID }) => sessionID);
    const seen = await world.ask(world.client(), async ({ sessionStore }) => {
      world.world.store.fail('find');
      const [error] = await called((done) => sessionStore['get']!(id, done));
      world.world.store.fail();
      const { cause } = error as { cause?: unknown };
      return codeOf(cause);
    });
    expect(seen).toBe('SESSION_STORE_UNAVAILABLE');
  });
});

describe.each(PLATFORMS)('a path of exclude on %s', (platform) => {
  test('has neither session nor sessionID, and null can be assigned', async () => {
    const world = await startFaced(platform, { exclude: ['/act/*'] });
    const seen = await world.ask(world.client(), (request) => {
      const shown = [typeof request.session, typeof request.sessionID];
      return [...shown, refusal(() => assign(request, null)) ?? null];
    });
    expect(seen).toEqual(['undefined', 'undefined', null]);
  });
});
