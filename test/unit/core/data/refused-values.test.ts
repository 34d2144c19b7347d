// What BSON can't hold is refused at once, by name of the key that leads there and of no value.
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import vm from 'node:vm';
import { ObjectId as ForeignObjectId } from 'mongodb6';
import { describe, expect, test } from 'vitest';
import { SessionError } from '../../../../lib/core/errors.js';
import { BSON, codec, encode } from '../../../support/core/codec.js';
import { nested } from '../../../support/core/nested.js';

/** Knows more than it shows. */
class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  get size() {
    return this.#text.length;
  }
}

// oxlint-disable-next-line typescript/no-extraneous-class
class Empty {}

class Query {
  filter = 'hunter2';
  // oxlint-disable-next-line unicorn/no-thenable
  then() {}
}

class Failing {
  text = 'x';
  toJSON() {
    throw new Error('hunter2');
  }
}

/** Whose children are made as they are asked for. */
class Endless {
  toJSON() {
    return { child: new Endless() };
  }
}

class Branching {
  toJSON() {
    return { left: new Branching(), right: new Branching() };
  }
}

class Person {
  child?: Person;
  constructor(public parent?: Person) {}
}

const family = new Person();
family.child = new Person(family);

const selfish: Record<string, unknown> = {};
selfish['self'] = selfish;
const backAndForth = { toJSON: (): unknown => ({ back: backAndForth }) };

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
    ['a class', 'session.key is a function', Secret],
    ['a symbol', 'session.key is a symbol', Symbol('hunter2')],
    ['an Error', 'session.key is an Error', Object.assign(new TypeError('hunter2'), { code: 'hunter2' })],
    ['an Error of another realm', 'session.key is an Error', vm.runInNewContext('new TypeError("hunter2")')],
    ['a Promise', 'session.key is a promise', Promise.resolve('hunter2')],
    ['what can be awaited', 'session.key is a promise', new Query()],
    ['a readable stream', 'session.key is a stream', Readable.from(['hunter2'])],
    ['a writable stream', 'session.key is a stream', new Writable()],
    ['a stream of the web', 'session.key is a stream', new ReadableStream()],
    ['a request', 'session.key is a stream', new IncomingMessage(new Socket())],
    ['an iterator', 'session.key is an iterator', new Map([['hunter2', 1]]).keys()],
    ['a generator', 'session.key is an iterator', (function* () {})()],
    ['a generator that waits', 'session.key is an iterator', (async function* () {})()],
    ['a boxed symbol', 'session.key is a symbol', Object(Symbol('hunter2'))],
    ...(
      [
        ['WeakMap', new WeakMap()],
        ['WeakSet', new WeakSet()],
        ['WeakRef', new WeakRef({ secret: 'hunter2' })],
        ['ArrayBuffer', new ArrayBuffer(1)],
        ['DataView', new DataView(new ArrayBuffer(1))],
        ['URLSearchParams', new URLSearchParams('a=hunter2')],
        ['Headers', new Headers({ a: 'hunter2' })],
        ['Empty', new Empty()],
        ['Secret', new Secret('hunter2')],
        ['unnamed', new (class extends Empty {})()],
        ['Bare', Object.create(class Bare extends (null as unknown as new () => object) {}.prototype)],
        ['Cart', vm.runInNewContext('new (class Cart {})')],
      ] as const
    ).map(
      ([name, value]) =>
        [`a ${name}`, `session.key is an instance of the class ${name}, of which nothing would be left`, value] as [
          string,
          string,
          unknown,
        ],
    ),
    [
      'a function of an instance',
      'session.key.run is a function',
      new (class Job {
        run = () => 'hunter2';
      })(),
    ],
    [
      'a symbol of an instance',
      'session.key.kind is a symbol',
      new (class Job {
        kind = Symbol('hunter2');
      })(),
    ],
    ['a function that toJSON() gives', 'session.key is a function', { toJSON: () => () => 'hunter2' }],
    ['a toJSON() that gives nothing', 'session.key is an object whose toJSON() gives nothing', { toJSON() {} }],
    ['a toJSON() that throws', 'session.key is an object whose toJSON() throws', new Failing()],
    ['a toJSON() that gives an Error', 'session.key is an Error', { toJSON: () => new Error('hunter2') }],
    ['an invalid Date', 'session.key is an invalid Date', new Date(NaN)],
    ['a cycle', 'session.key.self.again is a cycle', cycle],
    ['a cycle through a Map', 'session.key[0][1] is a cycle', loop],
    ['a cycle of instances', 'session.key.child.parent is a cycle', family],
    ['a cycle that toJSON() makes', 'session.key.self is a cycle', { toJSON: () => selfish }],
    ['a cycle back to what had a toJSON()', 'session.key.back is a cycle', backAndForth],
    ['an invalid Date of another realm', 'session.key is an invalid Date', vm.runInNewContext('new Date(NaN)')],
  ])('is %s', (_, what, value) => {
    const error = refusal({ before: 1, key: value });
    expect(error.code).toBe('SESSION_VALUE_REFUSED');
    expect(error.message).toMatch(/, which can't be stored: .+\.$/);
    expect(error.message).toContain(what);
    expect(error.message).not.toContain('hunter2');
  });

  test('is what makes new objects for ever, one in the other or side by side', () => {
    for (const key of [new Endless(), new Branching()]) expect(refusal({ key }).code).toBe('SESSION_TOO_DEEP');
    let twins: unknown = {};
    for (let level = 0; level < 60; level++) twins = [twins, twins];
    expect(refusal({ twins }).code).toBe('SESSION_TOO_LARGE');
  });

  test('tells what its toJSON() threw as the cause, and not in the message', () => {
    expect(refusal({ key: new Failing() }).cause).toEqual(new Error('hunter2'));
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

  test.each([
    ['position', 4000],
    ['position', '31'],
    ['position', -20],
    ['position', 1.5],
    ['buffer', [1]],
    ['buffer', 'x'],
  ])('is a Binary whose %s was set to %j: the library would fill it up with data of others', (name, value) => {
    codec.serialize({ other: 'hunter2'.repeat(1000) });
    const binary = Object.assign(new BSON.Binary(Buffer.alloc(31, 1)), { [name]: value });
    const error = refusal({ list: [binary] });
    expect(error.code).toBe('SESSION_VALUE_REFUSED');
    expect(error.message).toMatch(/^session\.list\[0\] is a Binary that is longer than its bytes/);
  });
});
