// Instances of classes are stored as plain data, and what the handler holds stays what it is.
import vm from 'node:vm';
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { encodeChanges } from '../../../../lib/core/data/session-encoding.js';
import { BSON, LIMITS, codec, decode, encode, roundTrip } from '../../../support/core/codec.js';
import { visitWith } from '../../../support/core/world.js';

class Item {
  amount = 1;
  note: string | undefined = undefined;
  constructor(readonly sku: string) {}
  get price() {
    return this.amount * 2;
  }
}

class Cart {
  items = [new Item('a'), new Item('b')];
  seen = new Set([new Item('c')]);
  at = new Date(5);
}

/** As Decimal.js and dayjs are: the fields are how it works, `toJSON` is what it is. */
class Decimal {
  private readonly digits = [1, 5];
  toJSON() {
    return this.digits.join('.');
  }
}

class Day extends Date {}

class Entity {
  _id = new BSON.ObjectId('0123456789abcdef01234567');
  #password = 'hunter2';
  toBSON() {
    return { _id: this._id, at: new Date(7), inner: new Decimal() };
  }
  toJSON() {
    return this.#password;
  }
}

/** With prototypes as find-my-way, fast-querystring, cookie and node:querystring have them. */
function Bare() {}
Bare.prototype = Object.create(null) as object;
const bare = (data: object): object => Object.assign(new (Bare as unknown as new () => object)(), data);

const item = (sku: string) => ({ sku, amount: 1 });
/** As good as plain objects can claim it. */
const objectId = { _bsontype: 'ObjectId', [Symbol.for('@@mdb.bson.version')]: 7 };
/** For a class of the same name. */
const BuiltIn = Map;
const typed = new Float64Array([1.5, -0, NaN, Infinity]);

const KINDS: [what: string, value: unknown, stored: unknown][] = [
  ['an instance', new Item('a'), { sku: 'a', amount: 1 }],
  [
    'instances in instances',
    new Cart(),
    { items: [item('a'), item('b')], seen: new Set([item('c')]), at: new Date(5) },
  ],
  ['an instance with toJSON()', new Decimal(), '1.5'],
  ['an instance with toBSON() and toJSON()', new Entity(), { _id: new Entity()._id, at: new Date(7), inner: '1.5' }],
  ['an object literal with toJSON()', { a: 1, toJSON: () => ({ b: 2 }) }, { b: 2 }],
  [
    'a toJSON() that gives the object itself',
    new (class {
      a = 1;
      toJSON() {
        return this;
      }
    })(),
    { a: 1 },
  ],
  ['a toJSON() that gives null', { toJSON: () => null }, null],
  ['a toJSON() that gives an instance', { toJSON: () => new Item('a') }, item('a')],
  ['a URL', new URL('http://localhost/a?b=c'), 'http://localhost/a?b=c'],
  ['an Error with toJSON()', Object.assign(new Error('x'), { toJSON: () => ({ message: 'x' }) }), { message: 'x' }],
  ['an instance of another realm', vm.runInNewContext('new (class Item { sku = "a" })()'), { sku: 'a' }],
  [
    'an instance that calls itself an ObjectId',
    Object.assign(new Item('a'), objectId),
    { sku: 'a', amount: 1, _bsontype: 'ObjectId' },
  ],
  ['an array of a class', new (class Items extends Array<number> {})(1, 2), [1, 2]],
  ['a Date of a class', new Day(5), new Date(5)],
  ['a Map of a class', new (class Bag extends Map<string, number> {})([['a', 1]]), new Map([['a', 1]])],
  [
    'a Map of a class with toJSON()',
    new (class Bag extends BuiltIn {
      toJSON() {
        return 'bag';
      }
    })(),
    'bag',
  ],
  ['a Set of a class', new (class Tags extends Set {})([1]), new Set([1])],
  ['a RegExp of a class', new (class Glob extends RegExp {})('a', 'g'), /a/g],
  ['boxed primitives', [Object('x'), Object(1), Object(true), Object(1n)], ['x', 1, true, 1n]],
  ['a Float64Array', typed, typed],
  ['a window on a typed array', new Int32Array([1, 2, 3, 4]).subarray(1, 3), new Int32Array([2, 3])],
  ['a BigUint64Array', new BigUint64Array([2n ** 63n]), new BigUint64Array([2n ** 63n])],
  ['an object over a bare one', bare({ a: '1', b: ['2'] }), { a: '1', b: ['2'] }],
  ['an empty object over a bare one', bare({}), {}],
  ['a chain of bare objects', Object.create(Object.create({ inherited: 1 })), {}],
  [
    'an object over one that claims a type',
    Object.assign(Object.create({ _bsontype: 'ObjectId' }) as object, { a: 1 }),
    { a: 1 },
  ],
  ['an object that denies its class', Object.create({ constructor: undefined }), {}],
  ['a Date over a bare object', Object.setPrototypeOf(new Date(5), Object.create(null) as object), new Date(5)],
];

describe('B3, B4: instances in a session', () => {
  test.each(KINDS)('%s is stored as plain data', (_, value, stored) => {
    expect(roundTrip({ key: value })).toStrictEqual({ key: stored });
    expect(roundTrip({ 'a.b': [{ deep: value }] })).toStrictEqual({ 'a.b': [{ deep: stored }] });
    expect(roundTrip({ map: new Map([['x', value]]) })).toStrictEqual({ map: new Map([['x', stored]]) });
  });

  test.each(KINDS)('%s that has not changed is no difference', (_, value, stored) => {
    for (const before of [encode({ n: 1, key: value }), encode({ n: 1, key: stored })])
      expect(encodeChanges(codec, before, { n: 1, key: value }, LIMITS).diff).toBeUndefined();
  });

  test('stay what they are for the handler, and are looked at again whenever the session is saved', async () => {
    const { world, browser } = await visitWith({ n: 1 });
    await browser.visit(async (session) => {
      const cart = new Cart();
      session['cart'] = cart;
      await session.save();
      expect(session['cart']).toBe(cart);
      expect(cart.items[0]).toBeInstanceOf(Item);
      expect(cart.items[0]!.price).toBe(2);
      await session.save();
      cart.items[0]!.amount = 5;
    });
    expect(world.store.takeCalls()).toEqual(['find', 'update', 'update']);
    const cart = { items: [{ sku: 'a', amount: 5 }, item('b')], seen: new Set([item('c')]), at: new Date(5) };
    expect(await world.stored(browser.handle)).toEqual({ n: 1, cart });
    await browser.visit((session) => {
      expect(session['cart']).toStrictEqual(cart);
      session['cart'] = Object.assign(new Cart(), {
        items: [Object.assign(new Item('a'), { amount: 5 }), new Item('b')],
      });
    });
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('are what atomic operations take and compare', async () => {
    const { world, browser } = await visitWith({ n: 1 });
    await browser.visit(async (session) => {
      expect(await session.push('items', [new Item('a')])).toEqual([item('a')]);
      expect(await session.compareAndSet('items', [new Item('a')], [new Item('b')])).toBe(true);
      expect(await session.update('items', (items: unknown[] = []) => [...items, new Item('c')])).toHaveLength(2);
    });
    expect(await world.stored(browser.handle)).toEqual({ n: 1, items: [item('b'), item('c')] });
  });

  test('may be documents of Mongoose, and what these consist of', () => {
    const { Schema } = mongoose;
    const address = new Schema({ city: String }, { _id: false });
    const schema = new Schema({
      name: String,
      roles: [String],
      home: address,
      all: [address],
      of: { type: Map, of: Number },
    });
    const User = new mongoose.Mongoose().model('User', schema);
    const plain = { name: 'ada', roles: ['admin'], home: { city: 'x' }, all: [{ city: 'y' }], of: new Map([['a', 1]]) };
    const user = new User(plain);
    const { home, all, roles, of } = user;
    const back = roundTrip({ user, home, all, roles, of, item: all[0], id: user._id }) as Record<string, unknown>;
    const id = user._id;
    expect(back).toStrictEqual({
      user: { ...plain, _id: id },
      home: plain.home,
      all: plain.all,
      roles: plain.roles,
      of: plain.of,
      item: plain.all[0],
      id,
    });
  });

  test('hand over no copies of what is plain already', () => {
    const data = { cart: { items: [{ sku: 'a' }] } };
    const spied = Object.freeze(data);
    expect(decode(encode(spied))).toEqual(data);
  });
});
