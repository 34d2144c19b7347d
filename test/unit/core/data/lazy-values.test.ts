// What is large and nested stays as it was read until somebody asks for it: nobody can tell, but by the time it takes.
import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { encodeChanges } from '../../../../lib/core/data/session-encoding.js';
import { LIMITS, codec, decode, encode } from '../../../support/core/codec.js';
import { filledWith, isUndecoded } from '../../../support/core/filled-session.js';
import { type AnySession, visitWith } from '../../../support/core/world.js';

afterEach(() => void vi.restoreAllMocks());

const cart = { items: Array.from({ length: 100 }, (_, n) => ({ sku: `item-${n}`, tags: ['a', 'b'] })) };
const data = { n: 1, cart, text: 'x', history: cart.items, last: true };

/** Tells which keys' values are decoded, and what is encoded, from now on. */
function watch() {
  const deserialize = vi.spyOn(codec, 'deserialize');
  const serialize = vi.spyOn(codec, 'serialize');
  return {
    decodedKeys: () => deserialize.mock.results.flatMap(({ value }) => Object.keys(value as object)),
    encoded: () => serialize.mock.calls.map(([record]) => ({ ...record })),
  };
}

describe('a large nested value', () => {
  test('is neither decoded nor encoded for who reads and sets others', async () => {
    const { world, browser } = await visitWith(data);
    const before = (await world.store.stored(browser.handle))!.data;
    const visit = await browser.begin();
    const { decodedKeys, encoded } = watch();
    visit.session['n'] = (visit.session['n'] as number) + 1;
    await visit.end();
    expect(decodedKeys()).toEqual([]);
    expect(encoded()).toEqual([{ n: 2 }]);
    expect(await world.stored(browser.handle)).toEqual({ ...data, n: 2 });
    expect(before.length).toBe((await world.store.stored(browser.handle))!.data.length);
  });

  test('is decoded once, alone, and is the same object from then on', async () => {
    const { browser } = await visitWith(data);
    const { session } = await browser.begin();
    const { decodedKeys } = watch();
    const first = session['cart'];
    expect(decodedKeys()).toEqual(['cart']);
    expect(first).toEqual(cart);
    expect(session['cart']).toBe(first);
    expect(Object.getOwnPropertyDescriptor(session, 'cart')).toEqual({
      value: first,
      ...{ writable: true, enumerable: true, configurable: true },
    });
  });

  test('is put off from 128 bytes on, and no more than 16 of a session', () => {
    const values = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, { text: 'x'.repeat(120) }]));
    const session = filledWith(codec.serialize({ s: 'x'.repeat(5000), small: { text: 'x'.repeat(100) }, ...values }));
    const lazy = Object.keys(session).filter((key) => isUndecoded(session, key));
    expect(lazy).toEqual(Array.from({ length: 16 }, (_, index) => `k${index}`));
  });

  test('is the same kind of property in all sessions, whatever keys others have had before', () => {
    const value = { text: 'x'.repeat(120) };
    for (let n = 0; n < 3000; n++) filledWith(codec.serialize({ [`other${n}`]: value }));
    const [one, other] = [filledWith(codec.serialize({ mine: value })), filledWith(codec.serialize({ mine: value }))];
    const [first, second] = [one, other].map((session) => Object.getOwnPropertyDescriptor(session, 'mine'));
    expect(first).toStrictEqual(second);
    // Too long to be remembered.
    const long = 'k'.repeat(101);
    expect(Object.keys(filledWith(codec.serialize({ [long]: value })))).toEqual([long]);
  });

  test('has its place among the keys', async () => {
    const { browser } = await visitWith({ ...data, 7: cart });
    const { session } = await browser.begin();
    expect(Object.keys(session)).toEqual(['7', 'n', 'cart', 'text', 'history', 'last']);
    expect({ ...session }).toEqual({ ...data, 7: cart });
  });

  test('is there for JSON, structuredClone, Object.assign and loops', async () => {
    const { browser } = await visitWith(data);
    const ways: ((session: AnySession) => unknown)[] = [
      (session) => JSON.parse(JSON.stringify(session)),
      (session) => structuredClone(session),
      (session) => Object.assign({}, session),
      (session) => Object.fromEntries(Object.entries(session)),
    ];
    for (const way of ways) expect(way((await browser.begin()).session)).toEqual(data);
  });

  test('is printed with the session', async () => {
    const { browser } = await visitWith(data);
    const { session } = await browser.begin();
    const printed = inspect(session, { depth: null });
    expect(printed).toContain("sku: 'item-19'");
    expect(printed).not.toMatch(/Getter|Symbol/);
  });

  test('is there through what is put around the session', async () => {
    const { browser } = await visitWith(data);
    const proxy = new Proxy((await browser.begin()).session, {});
    expect(proxy['cart']).toEqual(cart);
    const derived = Object.create((await browser.begin()).session) as AnySession;
    expect(derived['cart']).toEqual(cart);
  });

  test('is there in a session that was frozen, and what changes inside it is saved', async () => {
    const { world, browser } = await visitWith(data);
    await browser.visit((session) => {
      Object.freeze(session);
      (session['cart'] as typeof cart).items.pop();
      expect((session['cart'] as typeof cart).items).toHaveLength(99);
      expect(() => (session['history'] = [])).toThrow(TypeError);
    });
    expect(await world.stored(browser.handle)).toEqual({ ...data, cart: { items: cart.items.slice(0, 99) } });
  });

  const changes: [what: string, change: (session: AnySession) => unknown, after: object][] = [
    [
      'changed inside',
      (session) => (session['cart'] as typeof cart).items.splice(1),
      { ...data, cart: { items: cart.items.slice(0, 1) } },
    ],
    ['replaced', (session) => (session['cart'] = 1), { ...data, cart: 1 }],
    ['removed', (session) => delete session['cart'], { n: 1, text: 'x', history: cart.items, last: true }],
    [
      'set to undefined',
      (session) => (session['cart'] = undefined),
      { n: 1, text: 'x', history: cart.items, last: true },
    ],
    [
      'removed and set again',
      (session) => {
        delete session['cart'];
        session['cart'] = 1;
      },
      { ...data, cart: 1 },
    ],
    [
      'defined anew',
      (session) =>
        Object.defineProperty(session, 'cart', { value: 1, writable: true, enumerable: true, configurable: true }),
      { ...data, cart: 1 },
    ],
    ['copied', (session) => (session['copy'] = session['cart']), { ...data, copy: cart }],
  ];

  test.each(changes)('that is %s is saved so', async (_what, change, after) => {
    const { world, browser } = await visitWith(data);
    await browser.visit(change);
    expect(await world.stored(browser.handle)).toEqual(after);
  });

  test('survives a save, a change by a verb, and a reload', async () => {
    const { world, browser } = await visitWith(data);
    const visit = await browser.begin();
    visit.session['text'] = 'y';
    await visit.session.save();
    await visit.session.increment('n');
    visit.session['last'] = false;
    await visit.session.save();
    expect(isUndecoded(visit.session, 'cart')).toBe(true);
    expect(await world.stored(browser.handle)).toEqual({ ...data, text: 'y', n: 2, last: false });
    await browser.visit((session) => void (session['cart'] = { other: cart.items }));
    await visit.session.reload();
    expect(visit.session['cart']).toEqual({ other: cart.items });
    await visit.end();
    expect(await world.stored(browser.handle)).toEqual({
      ...data,
      text: 'y',
      n: 2,
      last: false,
      cart: { other: cart.items },
    });
  });

  test('is kept by a new token', async () => {
    const { world, browser } = await visitWith(data);
    await browser.visit(async (session) => {
      await session.regenerate({ keep: ['cart'] });
      session['added'] = 1;
      expect(isUndecoded(session, 'cart')).toBe(true);
    });
    expect(await world.stored(browser.handle)).toEqual({ cart, added: 1 });
  });

  test('that nobody can decode fails who asks for it, and nobody else', async () => {
    const { world, browser } = await visitWith({ n: 1, cart });
    const { handle } = browser;
    const bytes = Buffer.from((await world.store.stored(handle))!.data);
    // A type that BSON does not have.
    bytes[bytes.indexOf('\x02sku')] = 0x55;
    const session = filledWith(bytes);
    expect(() => session['cart']).toThrow();
    expect(inspect(session)).toContain('n: 1');
    session['n'] = 2;
    const { document, diff } = encodeChanges(codec, bytes, session, LIMITS);
    expect(decode(diff!.set!)).toEqual({ n: 2 });
    expect(document.length).toBe(bytes.length);
  });
});

test('a text that is no UTF-8 is refused by the library, as ever', () => {
  const bytes = Buffer.from(encode({ short: 'abc', n: 1 }));
  bytes[bytes.indexOf('abc')] = 0xff;
  const cause = expect.objectContaining({ message: expect.stringMatching(/UTF-8/i) });
  expect(() => filledWith(bytes)).toThrow(expect.objectContaining({ code: 'SESSION_UNDECODABLE', cause }));
  expect(filledWith(encode({ short: '\ufffd', n: 1 }))).toEqual(filledWith(encode({ n: 1, short: '\ufffd' })));
});

test('values that take no time are decoded at once', () => {
  const session = filledWith(encode({ small: { a: [1, 2] }, cart }));
  expect(Object.getOwnPropertyDescriptor(session, 'small')!.value).toEqual({ a: [1, 2] });
  expect(isUndecoded(session, 'cart')).toBe(true);
});
