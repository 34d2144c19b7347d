// What BSON can't hold is refused at once, by name of the key that leads there and of no value.
import vm from 'node:vm';
import mongoose from 'mongoose';
import { ObjectId as ForeignObjectId } from 'mongodb6';
import { describe, expect, test } from 'vitest';
import { SessionError } from '../../lib/core/errors.js';
import { BSON, encode } from './support/codec.js';
import { nested } from './support/nested.js';

class Cart {
  items = ['hunter2'];
}

/** For a class of the same name. */
const BuiltIn = Map;

class Typed {
  _bsontype = 'ObjectId';
}

function refusal(data: object): SessionError {
  try {
    encode(data);
  } catch (error) {
    expect(error).toBeInstanceOf(SessionError);
    return error as SessionError;
  }
  throw new Error('it was not refused');
}

const cycle: Record<string, unknown> = { secret: 'hunter2' };
cycle['self'] = { again: cycle };
const loop: unknown[] = [];
loop.push(new Map([['loop', loop]]));

describe('refused', () => {
  test.each<[string, string, unknown]>([
    ['a function', 'session.key is a function', () => 'hunter2'],
    ['a class', 'session.key is a function', Cart],
    ['a symbol', 'session.key is a symbol', Symbol('hunter2')],
    ['an instance of a class', 'session.key is an instance of the class Cart', new Cart()],
    ['an instance with a type of BSON', 'session.key is an instance of the class Typed', new Typed()],
    [
      'an instance that calls itself an ObjectId',
      'session.key is an instance of the class Typed',
      Object.assign(new Typed(), { [Symbol.for('@@mdb.bson.version')]: 7 }),
    ],
    ['an Error', 'session.key is an instance of the class TypeError', new TypeError('hunter2')],
    ['a Promise', 'session.key is an instance of the class Promise', Promise.resolve()],
    ['a URL', 'session.key is an instance of the class URL', new URL('http://hunter2')],
    ['a boxed string', 'session.key is an instance of the class String', Object('hunter2')],
    ['a WeakMap', 'session.key is an instance of the class WeakMap', new WeakMap()],
    ['an ArrayBuffer', 'session.key is an instance of the class ArrayBuffer', new ArrayBuffer(1)],
    ['a Float64Array', 'session.key is an instance of the class Float64Array', new Float64Array(1)],
    ['an array of a class', 'session.key is an instance of the class Items', new (class Items extends Array {})()],
    ['a Date of a class', 'session.key is an instance of the class Day', new (class Day extends Date {})()],
    ['a Map of a class', 'session.key is an instance of the class Bag', new (class Bag extends Map {})()],
    ['a Set of a class', 'session.key is an instance of the class Tags', new (class Tags extends Set {})()],
    ['a RegExp of a class', 'session.key is an instance of the class Glob', new (class Glob extends RegExp {})('a')],
    [
      'what is named like a built-in',
      'session.key is an instance of the class Map',
      new (class Map extends BuiltIn {})(),
    ],
    [
      'what is named like plain data',
      'session.key is an instance of the class Object',
      new (class Object extends Cart {})(),
    ],
    [
      'an instance of a class over nothing',
      'session.key is an instance of the class Bare',
      Object.create(class Bare extends (null as unknown as new () => object) {}.prototype),
    ],
    [
      'an object that denies its class',
      'session.key is an instance of the class unnamed',
      Object.create(Object.assign(Object.create(null), { constructor: undefined })),
    ],
    [
      'a Date over a bare object',
      'session.key is an instance of the class unnamed',
      Object.setPrototypeOf(new Date(), Object.create(null)),
    ],
    [
      'an object with a prototype of no class',
      'session.key is an instance of the class Object',
      Object.create({ a: 1 }),
    ],
    [
      'an object over a bare one',
      'session.key is an instance of the class unnamed',
      Object.create(Object.create(null)),
    ],
    ['an invalid Date', 'session.key is an invalid Date', new Date(NaN)],
    ['a cycle', 'session.key.self.again is a cycle', cycle],
    ['a cycle through a Map', 'session.key[0][1] is a cycle', loop],
    [
      'an instance of another realm',
      'session.key is an instance of the class Cart',
      vm.runInNewContext('new (class Cart {})'),
    ],
    ['an invalid Date of another realm', 'session.key is an invalid Date', vm.runInNewContext('new Date(NaN)')],
  ])('is %s', (_, what, value) => {
    const error = refusal({ before: 1, key: value });
    expect(error.code).toBe('SESSION_VALUE_REFUSED');
    expect(error.message).toMatch(/, which can't be stored: .+\.$/);
    expect(error.message).toContain(what);
    expect(error.message).not.toContain('hunter2');
  });

  test('is a Mongoose document, with the word that makes it plain data', () => {
    const User = new mongoose.Mongoose().model('User', new mongoose.Schema({ name: String, roles: [String] }));
    const user = new User({ name: 'hunter2', roles: ['admin'] });
    expect(refusal({ user }).message).toMatch(/^session\.user is an instance of the class model.*\.toObject\(\)/);
    expect(() => encode({ user: user.toObject(), roles: user.roles })).not.toThrow();
  });

  test.each<[string, (wrong: unknown) => object]>([
    ['session.a.b[2].c', (wrong) => ({ a: { b: [0, 1, { c: wrong }] } })],
    ['session["a.b"].$c', (wrong) => ({ 'a.b': { $c: wrong } })],
    ['session["a b"]["0"]', (wrong) => ({ 'a b': { 0: wrong } })],
    ['session["\\u0000"]', (wrong) => ({ '\0': wrong })],
    ['session["\\ud83d"]', (wrong) => ({ '\ud83d': wrong })],
    ['session[""]', (wrong) => ({ '': wrong })],
    ['session.a.__proto__', (wrong) => ({ a: { ['__proto__']: wrong } })],
    ['session.map[1]', (wrong) => ({ map: new Map([['x', wrong]]) })],
    ['session.set[1]', (wrong) => ({ set: new Set([1, wrong]) })],
  ])('at %s is named by that path', (path, dataWith) => {
    expect(refusal(dataWith(Symbol('wrong'))).message.split(' is a symbol')[0]).toBe(path);
  });

  test('is what lies deeper than 97 levels, and nothing above', () => {
    expect(() => encode(nested(97, 'objects'))).not.toThrow();
    expect(() => encode(nested(97, 'arrays'))).not.toThrow();
    expect(refusal(nested(98, 'objects')).message).toMatch(/^session(\.a){5}…(\.a){5} is nested over 97 levels deep/);
    expect(refusal(nested(98, 'arrays')).code).toBe('SESSION_TOO_DEEP');
  });

  test('is what is so deep that naive recursion would end the process', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 200_000; level++) deep = [deep];
    expect(refusal({ deep }).code).toBe('SESSION_TOO_DEEP');
  });

  test('is a BSON value of another major version of the library, by the key where it lies', () => {
    const error = refusal({ fine: new BSON.ObjectId(), user: { id: new ForeignObjectId() } });
    expect(error.code).toBe('SESSION_VALUE_REFUSED');
    expect(error.message).toMatch(/^session\.user /);
  });

  test('is a BSON value that the library itself refuses, by the key where it lies and without its text', () => {
    const pattern = Object.assign(new BSON.BSONRegExp(''), { pattern: 'hunter2\0' });
    const error = refusal({ fine: 1, 'a.b': [pattern] });
    expect(error.code).toBe('SESSION_VALUE_REFUSED');
    expect(error.message).toMatch(/^session\["a\.b"\] /);
    expect(error.message).not.toContain('hunter2');
    // For the developer who looks for it: the message of the library itself.
    expect(error.cause).toBeInstanceOf(BSON.BSONError);
  });
});
