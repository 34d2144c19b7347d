// The session as an object: its data are plain properties, whatever their names - except those of its members.
import vm from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { BaseSession, RESERVED_NAMES } from '../../../../lib/core/session/session.js';
import { anyData, anyString, anyValue } from '../../../support/core/arbitraries.js';
import { encode } from '../../../support/core/codec.js';
import { comparable } from '../../../support/core/same-data.js';
import { type AnySession, World } from '../../../support/core/world.js';
import { target } from '../../../../lib/testing/contract/stored-sessions.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const world = new World();
const data = { user: { id: 7 }, items: [1, 2], visits: 3 };

async function sessionWith(content: object): Promise<AnySession> {
  const browser = await world.browserWith(content);
  return (await browser.begin()).session;
}

describe('data of a session', () => {
  test('are its own properties: read, set, deleted, tested, listed, spread and entered', async () => {
    const session = await sessionWith(data);
    expect(session['visits']).toBe(3);
    session['visits'] = 4;
    session['added'] = null;
    delete session['items'];
    expect('visits' in session).toBe(true);
    expect('items' in session).toBe(false);
    expect(Object.hasOwn(session, 'added')).toBe(true);
    expect(Object.keys(session)).toEqual(['user', 'visits', 'added']);
    expect({ ...session }).toEqual({ user: { id: 7 }, visits: 4, added: null });
    expect(Object.entries(session)).toContainEqual(['visits', 4]);
    const walked: string[] = [];
    for (const key in session) walked.push(key);
    expect(walked).toEqual(['user', 'visits', 'added']);
  });

  test('are all that JSON and structuredClone see', async () => {
    const session = await sessionWith(data);
    expect(JSON.parse(JSON.stringify(session))).toEqual(data);
    expect(structuredClone(session)).toEqual(data);
    const empty = (await world.browser().begin()).session;
    expect(JSON.stringify(empty)).toBe('{}');
    expect(structuredClone(empty)).toEqual({});
  });

  test('take Object.assign, Object.defineProperty and destructuring', async () => {
    const session = await sessionWith(data);
    Object.assign(session, { a: 1 });
    Object.defineProperty(session, 'b', { value: 2, enumerable: true, configurable: true, writable: true });
    const { a, b, missing = 'default' } = session;
    expect([a, b, missing]).toEqual([1, 2, 'default']);
  });

  test('come back in the next request as they were', async () => {
    await fc.assert(
      fc.asyncProperty(anyData, async (content) => {
        const free = Object.fromEntries(Object.entries(content).filter(([key]) => !RESERVED_NAMES.has(key)));
        expect(comparable({ ...(await sessionWith(free)) })).toEqual(comparable(free));
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ...['passport', 'OIDC: https://login.example.org', 'oidc:login.example.org', 'a.b', '$x', '$set', '', ' ', '\0'],
    ...['\ud83d'],
    ...['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'toJSON', 'then', 'length', '0'],
    ...['_bsontype'],
    ...['__defineGetter__', 'data', 'epoch', '_id', 'name', 'state'],
  ])('may be called %j', async (key) => {
    const browser = world.browser();
    await browser.visit((session) => {
      session[key] = { v: 1 };
    });
    await browser.visit((session) => {
      expect(session[key]).toEqual({ v: 1 });
      expect(Object.keys(session)).toEqual([key]);
      session[key] = { v: 2 };
    });
    expect(await world.stored(browser.handle)).toEqual({ [key]: { v: 2 } });
    await browser.visit((session) => {
      session['other'] = 1;
      delete session[key];
    });
    expect(await world.stored(browser.handle)).toEqual({ other: 1 });
  });

  test('of one session never show in another', async () => {
    await sessionWith({ a: 1 });
    expect({ ...(await sessionWith({ b: 1 })) }).toEqual({ b: 1 });
  });
});

describe('a change', () => {
  const changes: [string, (session: AnySession) => void][] = [
    ['a nested property', (session) => ((session['user'] as { id: number }).id = 8)],
    ['a push', (session) => (session['items'] as number[]).push(3)],
    ['an array filled in place', (session) => (session['items'] as number[]).fill(0)],
    ['a Map entry', (session) => (session['map'] as Map<string, number>).set('b', 2)],
    ['a Set member', (session) => (session['set'] as Set<number>).delete(1)],
    ['a moved Date', (session) => (session['date'] as Date).setTime(5)],
    ['a byte', (session) => ((session['bytes'] as Uint8Array)[0] = 9)],
    ['a replaced value', (session) => (session['visits'] = '3')],
  ];
  const rich = { ...data, map: new Map([['a', 1]]), set: new Set([1]), date: new Date(0), bytes: new Uint8Array([1]) };

  test.each(changes)('deep inside is noticed and saved: %s', async (_, change) => {
    const browser = await world.browserWith(rich);
    let after: object = {};
    await browser.visit((session) => {
      change(session);
      after = structuredClone(session);
    });
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
    expect(comparable(await world.stored(browser.handle))).toEqual(comparable(after));
  });

  test('that is taken back is none', async () => {
    const browser = await world.browserWith(rich);
    await browser.visit((session) => {
      for (const [, change] of changes) change(session);
      Object.assign(session, structuredClone(rich));
    });
    expect(world.store.takeCalls()).toEqual(['find']);
  });
});

describe('a name that is taken', () => {
  const sloppy = (code: string) =>
    vm.runInThisContext(`(function (session, value) { ${code} })`) as (session: object, value: unknown) => void;
  const names = [...RESERVED_NAMES];

  test('is each of the members, and no other', () => {
    const members = Object.getOwnPropertyNames(BaseSession.prototype).filter((name) => name !== 'constructor');
    expect(names.toSorted()).toEqual(members.toSorted());
    expect(names).toEqual(expect.arrayContaining(['id', 'cookie', 'save', 'destroy', 'regenerate', '__proto__']));
  });

  test.each(names.filter((name) => name !== 'permanent'))(
    'throws at once when %s is set, in sloppy code too',
    async (name) => {
      const session = await sessionWith(data);
      const message = new RegExp(`^session\\.${name} is (read-only|a method)\\. .+\\.$`);
      expect(() => (session[name] = 1)).toThrow(message);
      expect(() => sloppy(`session.${name} = value`)(session, 1)).toThrow(message);
      expect(() => Object.assign(session, JSON.parse(`{"${name}":{"x":1}}`))).toThrow(message);
      expect(() => Reflect.set(session, name, 1)).toThrow(message);
      expect({ ...session }).toEqual(data);
    },
  );

  test('throws a SessionError that other code can tell by its code', async () => {
    const session = await sessionWith(data);
    expect(() => sloppy('session.save = value')(session, 1)).toThrow(
      expect.objectContaining({ name: 'SessionError', code: 'SESSION_KEY_RESERVED' }),
    );
  });

  test('can neither be redefined on the prototype nor deleted there', () => {
    for (const name of names) {
      expect(Reflect.defineProperty(BaseSession.prototype, name, { value: 1 })).toBe(false);
      expect(Reflect.deleteProperty(BaseSession.prototype, name)).toBe(false);
    }
  });

  test('in a document that another hand has written is kept there, not shown, and breaks nothing else', async () => {
    const browser = await world.browserWith({ a: 1 });
    const session = (await world.store.stored(browser.handle))!;
    const foreign = encode({ a: 1, isNew: 'x', ['__proto__']: { admin: true } });
    await world.store.memory.update(target(session.handle, 0), { set: foreign });
    await browser.visit((loaded) => {
      expect(Object.keys(loaded)).toEqual(['a']);
      expect(loaded.isNew).toBe(false);
      expect(Object.getPrototypeOf(loaded)).toBe(BaseSession.prototype);
      expect((loaded as { admin?: unknown }).admin).toBeUndefined();
      loaded['a'] = 2;
    });
    expect(Object.entries((await world.stored(browser.handle))!)).toEqual([
      ['a', 2],
      ['isNew', 'x'],
      ['__proto__', { admin: true }],
    ]);
  });
});

test('any string is either a taken name or a key that keeps any value', async () => {
  await fc.assert(
    fc.asyncProperty(anyString, anyValue, async (key, value) => {
      const browser = world.browser();
      const visit = await browser.begin();
      if (RESERVED_NAMES.has(key)) {
        expect(() => (visit.session[key] = value)).toThrow();
        return;
      }
      visit.session[key] = value;
      await visit.end();
      await browser.visit((session) => {
        expect(comparable(session[key])).toEqual(comparable(value));
      });
    }),
    { numRuns: 200 },
  );
});
