// No key, value or cookie of a request changes an object that is not its own session's data.
import mongoose from 'mongoose';
import { afterEach, describe, expect, test } from 'vitest';
import { BaseSession } from '../../../lib/core/session/session.js';
import { PLATFORMS } from '../../support/http.js';
import { type World, startWorld } from '../../support/world.js';

const { Binary } = mongoose.mongo;

type Body = Record<string, string>;

function route(world: World, act: (session: Record<string, Record<string, unknown>>, body: Body) => unknown): string {
  return world.route(({ session, request }) => act(session as never, (request as unknown as { body: Body }).body));
}

/** Everything that a session, or any object, inherits. */
const inherited = () => [Object.prototype, BaseSession.prototype, Function.prototype].map(Object.getOwnPropertyNames);
const before = inherited();

afterEach(() => {
  expect(inherited()).toEqual(before);
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
});

const TEXTS = [
  '{"__proto__":{"admin":true}}',
  '{"__proto__":{"__proto__":{"admin":true}}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"deep":{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}}',
  '{"list":[{"__proto__":{"admin":true}}]}',
  '{"prototype":{"admin":true}}',
  '{"a.__proto__.admin":true}',
];

describe.each(PLATFORMS)('on %s', (platform) => {
  test.each(TEXTS)('a body of %s that is merged into the session makes nobody an administrator', async (text) => {
    const world = await startWorld(platform);
    const merge = world.route(({ session }) => void Object.assign(session, JSON.parse(text)));
    const nest = world.route(({ session }) => void (session['body'] = JSON.parse(text)));
    for (const path of [merge, nest]) {
      const browser = world.client();
      await browser.get(path);
      for (const client of [browser, await world.browserWith({ other: 1 })]) {
        const reply = await world.visit(client, ({ session }) => ({
          admin: session['admin'] ?? ({} as { admin?: true }).admin ?? null,
        }));
        expect(JSON.parse(reply.body)).toEqual({ admin: null });
      }
    }
  });

  test.each([
    ['__proto__', 'admin'],
    ['__proto__', 'save'],
    ['__proto__', 'isNew'],
    ['constructor', 'admin'],
    ['cookie', 'admin'],
    ['id', 'admin'],
  ])('neither do two keys of a body, one in the other: %s and %s', async (outer, inner) => {
    const world = await startWorld(platform);
    const set = route(world, (session, body) => void (session[body['outer']!]![body['inner']!] = true));
    const [browser, other] = [await world.browserWith({ a: 1 }), await world.browserWith({ b: 2 })];
    await browser.post(set, { outer, inner });
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
    const reply = await world.visit(other, ({ session }) => [
      session['admin'] ?? null,
      session.isNew,
      typeof session.save,
    ]);
    expect(JSON.parse(reply.body)).toEqual([null, false, 'function']);
  });

  test('nor three of them, by way of the class', async () => {
    const world = await startWorld(platform);
    const set = world.route(({ session }) => {
      (session['constructor'] as { prototype: Record<string, unknown> }).prototype['admin'] = true;
    });
    await world.client().get(set);
    const reply = await world.visit(world.client(), ({ session }) => ({ admin: session['admin'] ?? null }));
    expect(JSON.parse(reply.body)).toEqual({ admin: null });
  });

  test('nor do they show a session what others have stored', async () => {
    const world = await startWorld(platform);
    const set = route(
      world,
      (session, body) => void (session[body['outer']!]![body['inner']!] = Number(body['value'])),
    );
    const browser = await world.browserWith({ file: new Binary(Buffer.alloc(31)) });
    await world.browserWith({ secret: 'hunter2'.repeat(1000) });
    const reply = await browser.post(set, { outer: 'file', inner: 'position', value: '4000' });
    expect([reply.status, (await world.dataOf(browser)) as object]).toEqual([
      500,
      { file: Buffer.alloc(31).toString('base64') },
    ]);
  });

  test('a key that every object has is data like any other', async () => {
    const world = await startWorld(platform);
    const set = route(world, (session, body) => void (session[body['key']!] = { mine: true }));
    for (const key of ['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__']) {
      const browser = world.client();
      expect((await browser.post(set, { key })).status, key).toBe(200);
      expect(await world.dataOf(browser)).toEqual({ [key]: { mine: true } });
    }
  });

  test('cookies and headers of such names are nobody’s', async () => {
    for (const options of [{}, { cookie: { name: '__proto__' } }, { transport: { header: 'constructor' } }]) {
      const world = await startWorld(platform, options);
      const cookie = '__proto__=a; constructor=b; __proto__[admin]=true; id=__proto__; toString=c';
      const headers = { cookie, constructor: '__proto__', hasownproperty: 'x' };
      expect(await world.dataOf(world.client(), { headers })).toEqual({});
    }
  });

  test('an address that looks like a property is an address', async () => {
    const world = await startWorld(platform, {}, { trustProxy: true });
    for (const [index, address] of ['__proto__', 'constructor', '__proto__', '2001:db8::1'].entries()) {
      const headers = { cookie: `id=${index}`, 'x-forwarded-for': address };
      await world.visit(world.client(), () => 'seen', { headers });
    }
    expect(world.events.map((event) => ('unknownTokens' in event ? event.unknownTokens : 0))).toEqual([1, 1, 2, 1]);
  });
});
