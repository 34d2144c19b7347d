// What `request.session` is with `requestSession: 'fastify-session'`.
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../support/error-of.js';
import { type Handle, MINUTE } from '../../support/world.js';
import { called, faceOf, facedOf, oursOf, start, startWith } from './support/fastify-face.js';

describe('the fastify-session face', () => {
  test('shows the data as properties, and by get(), set() and data()', async () => {
    const { world, browser } = await startWith({ cart: ['tea'], views: 1 });
    const act: Handle = (visit) => {
      const face = faceOf(visit);
      face.set('views', 2);
      face['name'] = 'ada';
      face.set('cart', undefined);
      return [face.get('name'), face.get('cart'), 'cart' in face, face.data(), Object.keys(face)];
    };
    const data = { views: 2, name: 'ada' };
    expect(await world.ask(browser, act)).toEqual(['ada', null, false, data, ['cookie', 'views', 'name']]);
    expect(await world.ask(browser, (visit) => ({ ...oursOf(visit) }))).toEqual(data);
  });

  test('gives a copy by data(), which changes nothing', async () => {
    const { world, browser } = await startWith({ a: 1 });
    await world.visit(browser, (visit) => void Object.assign(faceOf(visit).data(), { a: 2 }));
    expect(await world.ask(browser, (visit) => faceOf(visit).data())).toEqual({ a: 1 });
  });

  test('leaves the names of our members to the data', async () => {
    const { world, browser } = await startWith({ userId: 7, push: 'x', handle: true });
    expect(await world.ask(browser, (visit) => faceOf(visit).data())).toEqual({ userId: 7, push: 'x', handle: true });
    const ours = await world.ask(browser, (visit) => [oursOf(visit).userId ?? null, { ...oursOf(visit) }]);
    expect(ours).toEqual([null, { 'legacy:userId': 7, 'legacy:push': 'x', 'legacy:handle': true }]);
  });

  test('hides data under the name of its members, which get() and @Session() reach', async () => {
    const world = await start();
    const browser = world.client();
    await world.visit(browser, (visit) => {
      oursOf(visit)['data'] = 'ours';
      faceOf(visit).set('touch', 'theirs');
    });
    const read: Handle = (visit) => {
      const face = faceOf(visit);
      return [typeof face.data, typeof face.touch, face.get('data'), face.get('touch'), face.data()];
    };
    expect(await world.ask(browser, read)).toEqual([
      'function',
      'function',
      'ours',
      'theirs',
      { 'legacy:touch': 'theirs' },
    ]);
    const assign: Handle = (visit) => errorOf(() => Object.assign(faceOf(visit), { save: 1 }));
    expect(await world.ask(browser, assign)).toMatchObject({ code: 'SESSION_KEY_RESERVED' });
  });

  test('has the public name as sessionId, and shows nobody the token', async () => {
    const { world, browser } = await startWith({ a: 1 });
    const read: Handle = (visit) => {
      const { sessionId, encryptedSessionId } = faceOf(visit);
      return [sessionId === oursOf(visit).id, encryptedSessionId ?? null];
    };
    expect(await world.ask(browser, read)).toEqual([true, null]);
  });

  test('is there for middleware on the raw request, too', async () => {
    const { world, browser } = await startWith({ a: 1 });
    expect(await world.ask(browser, (visit) => facedOf(visit).raw.session === faceOf(visit))).toBe(true);
  });

  test('reads sessions by request.sessionStore', async () => {
    const { world, browser } = await startWith({ a: 1, userId: 7 });
    const read: Handle = (visit) =>
      called((done) => facedOf(visit).sessionStore.get(faceOf(visit).sessionId, (error, data) => done(error ?? data)));
    expect(await world.ask(browser, read)).toMatchObject({ a: 1, userId: 7, cookie: { path: '/' } });
  });

  test('is null after destroy(), for its callback too', async () => {
    const { world, browser } = await startWith({ a: 1 });
    const copy = browser.clone();
    const end: Handle = async (visit) => {
      const error = await called((done) => faceOf(visit).destroy(done));
      return [error === null, faceOf(visit)];
    };
    expect(await world.ask(browser, end)).toEqual([true, null]);
    expect(browser.jar.size).toBe(0);
    expect(await world.ask(copy, (visit) => faceOf(visit).data())).toEqual({});
  });

  test('touch() restarts the idle time', async () => {
    const { world, browser } = await startWith({ a: 1 });
    world.clock.advance(2 * MINUTE);
    await world.visit(browser, (visit) => faceOf(visit).touch());
    world.clock.advance(29 * MINUTE);
    expect(await world.ask(browser, (visit) => faceOf(visit).data())).toEqual({ a: 1 });
  });

  test('says what is modified and what is saved', async () => {
    const world = await start();
    const browser = world.client();
    const states: Handle = async (visit) => {
      const face = faceOf(visit);
      const seen = [[face.isModified(), face.isSaved()]];
      const note = () => seen.push([face.isModified(), face.isSaved()]);
      face['a'] = { deep: 1 };
      note();
      await face.save();
      note();
      (face['a'] as { deep: number }).deep = 2;
      note();
      return seen;
    };
    expect(await world.ask(browser, states)).toEqual([
      [false, false],
      [true, false],
      [false, true],
      [true, false],
    ]);
    expect(await world.ask(browser, (visit) => [faceOf(visit).isModified(), faceOf(visit).isSaved()])).toEqual([
      false,
      true,
    ]);
  });

  test('makes a session permanent by cookie.maxAge', async () => {
    const world = await start();
    const browser = world.client();
    const { cookies } = await world.visit(browser, (visit) => {
      faceOf(visit)['a'] = 1;
      faceOf(visit).cookie.maxAge = 60_000;
    });
    expect(cookies).toEqual([expect.stringMatching(/Max-Age=60; Path=\/; Expires=/)]);
    expect(await world.ask(browser, (visit) => oursOf(visit).permanent)).toBe(60_000);
  });

  test('takes any name for data, also those that lead to what all objects share', async () => {
    const names = ['__proto__', 'constructor', 'a.b', '$x', '', 'toString'];
    const world = await start();
    const browser = world.client();
    await world.visit(browser, (visit) => names.forEach((name) => faceOf(visit).set(name, { polluted: name })));
    const read: Handle = (visit) => {
      const face = faceOf(visit);
      const isClean = ({} as { polluted?: unknown }).polluted === undefined;
      return [isClean, names.map((name) => face.get(name)), Object.keys(face.data()), face.get('valueOf') ?? null];
    };
    const values = names.map((name) => ({ polluted: name }));
    const [isClean, got, listed] = (await world.ask(browser, read)) as [boolean, unknown, string[]];
    expect([isClean, got]).toEqual([true, values]);
    expect(new Set(listed)).toEqual(new Set(names));
  });

  test.each(['__proto__', 'constructor', 'get'])('shares nothing of an excluded path by the name %s', async (name) => {
    const world = await start({ exclude: ['/act/*'] });
    const set: Handle = async (visit) =>
      (await errorOf(() => ((faceOf(visit)[name] as { get?: unknown }).get = 'polluted'))).name;
    expect(await world.ask(world.client(), set)).toBe('TypeError');
    expect(await world.ask(world.client(), (visit) => typeof faceOf(visit).get)).toBe('function');
  });

  test.each<[storeEmpty: boolean | 'when-named', cookies: number[]]>([
    [false, [0, 0]],
    ['when-named', [0, 1]],
    [true, [1, 1]],
  ])('stores sessions without data as storeEmpty: %s says, also by the name sessionId', async (storeEmpty, cookies) => {
    const world = await start({ requestSession: { as: 'fastify-session', storeEmpty } });
    const counts = [
      await world.visit(world.client(), (visit) => faceOf(visit).get('a')),
      await world.visit(world.client(), (visit) => faceOf(visit).sessionId),
    ];
    expect(counts.map((reply) => reply.cookies.length)).toEqual(cookies);
  });

  test('refuses options(), and names what to do', async () => {
    const world = await start();
    const refused: Handle = (visit) => errorOf(() => faceOf(visit).options({ httpOnly: false }));
    expect(await world.ask(world.client(), refused)).toMatchObject({ code: 'SESSION_FACE_REFUSED' });
  });
});
