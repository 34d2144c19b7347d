// What `request.session` is with `requestSession: 'express-session'`, on both platforms.
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/app.js';
import { type Face, startFaced } from './support/faced.js';

type Data = Record<string, unknown>;

const codeOf = (error: unknown) => (error as { code?: unknown } | undefined)?.code;
const refusal = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
  return 'done';
};

describe.each(PLATFORMS)("request.session on %s with the face 'express-session'", (platform) => {
  test('has data under every name, also of members of ours', async () => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ userId: 7, cart: ['a'], login: 'ada', ['constructor']: 1 });
    const expected = { userId: 7, cart: ['a'], login: 'ada', constructor: 1 };
    expect(await world.ask(browser, ({ session }) => ({ ...session }))).toMatchObject(expected);
    expect(await world.ask(browser, ({ session }) => session['userId'])).toBe(7);
    const ours = { 'legacy:userId': 7, cart: ['a'], 'legacy:login': 'ada', constructor: 1 };
    expect(await world.dataOf(browser)).toEqual(ours);
  });

  test('lists the cookie and the data, and no members', async () => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ b: 1, a: { c: 2 } });
    const list = (session: Face) => {
      const names: string[] = [];
      for (const name in session) names.push(name);
      return [names, Object.keys(session), Object.getOwnPropertyNames(session), Object.keys({ ...session })];
    };
    const names = ['cookie', 'b', 'a'];
    expect(await world.ask(browser, ({ session }) => list(session))).toEqual([names, names, names, names]);
    expect(await world.ask(browser, ({ session }) => JSON.parse(JSON.stringify(session)))).toMatchObject({
      b: 1,
      a: { c: 2 },
    });
    expect(await world.ask(browser, ({ session }) => inspect(session))).toMatch(/cookie: .*b: 1,\s+a: { c: 2 }/s);
  });

  test('answers in, delete, hasOwnProperty and defineProperty like an object', async () => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ a: 1, b: 2, userId: 3 });
    const seen = await world.ask(browser, ({ session }) => {
      delete session['b'];
      delete session['userId'];
      Object.defineProperty(session, 'd', { value: 4 });
      return ['a', 'b', 'userId', 'd', 'save', 'cookie', 'toString'].map((name) => [
        name in session,
        Object.hasOwn(session, name),
      ]);
    });
    const [there, gone, inherited] = [
      [true, true],
      [false, false],
      [true, false],
    ];
    expect(seen).toEqual([there, gone, gone, there, inherited, there, inherited]);
    expect(await world.dataOf(browser)).toEqual({ a: 1, d: 4 });
  });

  test('leads to nothing that others share', async () => {
    const world = await startFaced(platform);
    const reached = await world.ask(world.client(), ({ session }) => {
      const names = ['constructor', '__proto__', 'prototype', '__defineGetter__'];
      session['__proto__'] = { polluted: true };
      const save = (session as Data)['save'] as Data;
      return [...names, 'save'].map((name) => typeof session[name]).concat(names.map((name) => typeof save[name]));
    });
    const nothing = ['undefined', 'undefined'];
    expect(reached).toEqual(['undefined', 'object', ...nothing, 'function', ...nothing, 'undefined', 'function']);
    expect(({} as Data)['polluted']).toBeUndefined();
  });

  test.each([
    ['constructor', 'of'],
    ['constructor', 'name'],
    ['__proto__', 'maxAge'],
    ['__proto__', 'toJSON'],
    ['serialize', 'name'],
    ['serialize', '__proto__'],
  ])('breaks no cookie of others by session.cookie.%s.%s of a request', async (outer, inner) => {
    const world = await startFaced(platform);
    const look = ({ session }: { session: Face }) => {
      session['a'] = 1;
      const { cookie } = session as unknown as { cookie: Record<string, unknown> & { toJSON(): object } };
      return [cookie.toJSON(), cookie['maxAge'], String(cookie['serialize'])];
    };
    const before = await world.ask(world.client(), look);
    const reply = await world.visit(world.client(), ({ session }) => {
      const cookie = session['cookie'] as Record<string, Record<string, unknown>>;
      cookie[outer]![inner] = 'polluted';
    });
    expect([reply.status, await world.ask(world.client(), look)]).toEqual([500, before]);
  });

  test.each([
    '',
    'a.b',
    '$x',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'legacy:userId',
    'legacy:id',
    'push',
    'toJSON',
    '0',
  ])('keeps data under the name %j, as it came', async (name) => {
    const world = await startFaced(platform);
    const browser = world.client();
    await world.visit(browser, ({ session }) => void (session[name] = { a: [1] }));
    const read = (session: Face) => [session[name], Object.hasOwn(session, name), Object.entries(session).length];
    expect(await world.ask(browser, ({ session }) => read(session))).toEqual([{ a: [1] }, true, 2]);
    await world.visit(browser, ({ session }) => delete session[name]);
    expect(await world.ask(browser, ({ own }) => [own.isNew, Object.keys(own)])).toEqual([true, []]);
  });

  test('refuses names of its own members, with the fix', async () => {
    const world = await startFaced(platform);
    const refused = await world.ask(world.client(), ({ session }) =>
      ['save', 'id', 'regenerate'].map((name) => refusal(() => (session[name] = 1))),
    );
    expect(refused).toEqual(['SESSION_KEY_RESERVED', 'SESSION_KEY_RESERVED', 'SESSION_KEY_RESERVED']);
    expect(
      await world.ask(world.client(), ({ session }) => refusal(() => delete (session as { cookie?: unknown }).cookie)),
    ).toMatch(/TypeError/);
    expect(await world.ask(world.client(), ({ session }) => refusal(() => Object.freeze(session)))).toMatch(
      /TypeError/,
    );
  });

  test('shows what @Session() changes, and the other way round', async () => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ list: [1] });
    const seen = await world.ask(browser, ({ session, own }) => {
      (session['list'] as number[]).push(2);
      own['a'] = 1;
      session['b'] = 2;
      return [own['list'], session['a'], own['b'], session === (session as unknown)];
    });
    expect(seen).toEqual([[1, 2], 1, 2, true]);
    expect(await world.dataOf(browser)).toEqual({ list: [1, 2], a: 1, b: 2 });
  });

  test('is the same object until regenerate()', async () => {
    const world = await startFaced(platform);
    const same = await world.ask(world.client(), (request) => {
      const { session } = request;
      return [session === request.session, session.save === request.session.save];
    });
    expect(same).toEqual([true, true]);
  });

  test('keeps the keys of a parallel request', async () => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ a: 1 });
    const slow = await world.begin(browser.clone(), ({ session }) => void (session['slow'] = 1));
    await world.visit(browser.clone(), ({ session }) => void (session['fast'] = 1));
    await slow.end();
    expect(await world.dataOf(browser)).toEqual({ a: 1, slow: 1, fast: 1 });
  });

  test('never revives a session that ended in the meantime', async () => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ a: 1 });
    const slow = await world.begin(browser.clone(), ({ session }) => void (session['slow'] = 1));
    await world.visit(browser.clone(), ({ session }) => session.destroy());
    expect((await slow.end()).cookies).toEqual([]);
    expect(await world.dataOf(browser)).toEqual({});
    expect(await world.ask(browser, ({ own }) => own.isNew)).toBe(true);
  });
});
