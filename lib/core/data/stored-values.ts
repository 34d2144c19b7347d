import { types } from 'node:util';
import { isBsonValue } from './bson-types.js';
import { toStoredKey } from './stored-keys.js';
import { type Path, refused, tooDeep, tooMany } from './value-path.js';

/**
 * Values that BSON has a type for are stored as they are. The values below have none, and become a
 * document with a single key that no escaped key can be. `unpackValue` turns them back.
 */
export const TAG = {
  map: '%map', // [key, value, key, value, ...]
  set: '%set', // [value, value, ...]
  bigint: '%bigint', // decimal digits
  regexp: '%regexp', // [source, flags]
  buffer: '%buffer', // Node's Buffer
  bytes: '%bytes', // Uint8Array
  text: '%text', // UTF-16 of a string with half a surrogate pair
  typed: '%typed', // [name, bytes] of the other typed arrays
  undefined: '%undefined', // undefined inside an array, Map or Set
  encrypted: '%enc', // a value that encryption/ has sealed; never met by a reader that has the keys
} as const;

/**
 * Maximum nesting of a session's data. MongoDB's documents have at most 100 levels, of which the
 * session's document and a tag at the bottom take two.
 */
export const MAX_DEPTH = 97;

/** How a value is reached. */
export interface Trail {
  readonly ancestors: object[];
  depth: number;
  readonly maxDepth: number;
  /**
   * Bytes left for further objects and items of arrays. Bounds the walk, because one object may be
   * referenced many times, and an array may consist of holes.
   */
  room: number;
}

/** Minimum size of an element: its type and an empty name. */
const MIN_ELEMENT_BYTES = 2;
/** The same in an array: its type, and its index as a name. */
const MIN_ITEM_BYTES = 3;
/** Size of a document with a tag and a boolean. */
const TAGGED_BYTES = 18;
/** Counts for more than it takes, because a short request can make any number of holes. */
const HOLE_BYTES = 1024;

/**
 * The value in a form that BSON can hold: the same object if nothing has to change, otherwise a
 * copy. Throws `SESSION_VALUE_REFUSED` with the path of a value that BSON can't hold.
 */
export function packValue(value: unknown, path: Path, trail: Trail): unknown {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return value;
    case 'string':
      return value.isWellFormed() ? value : { [TAG.text]: Buffer.from(value, 'utf16le') };
    case 'bigint':
      return { [TAG.bigint]: value.toString() };
    case 'undefined':
      takeRoom(TAGGED_BYTES, path, trail);
      return { [TAG.undefined]: true };
    case 'object':
      return value === null ? null : packObject(value, path, trail);
    default:
      throw refused(path, `a ${typeof value}`, 'store plain data, and compute the rest from it');
  }
}

function packObject(value: object, path: Path, trail: Trail): unknown {
  if (trail.depth >= trail.maxDepth) throw tooDeep(path, trail.maxDepth);
  takeRoom(MIN_ELEMENT_BYTES, path, trail);
  trail.depth++;
  const packed = packUnlessCycle(value, path, trail, packByKind);
  trail.depth--;
  return packed;
}

function takeRoom(bytes: number, path: Path, trail: Trail): void {
  trail.room -= bytes;
  if (trail.room < 0) throw tooMany(path);
}

function packUnlessCycle(value: object, path: Path, trail: Trail, pack: typeof packByKind): unknown {
  if (trail.ancestors.includes(value)) throw refused(path, 'a cycle', 'store an id in place of the reference back');
  trail.ancestors.push(value);
  const packed = pack(value, path, trail);
  trail.ancestors.pop();
  return packed;
}

function packByKind(value: object, path: Path, trail: Trail): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype && Array.isArray(value)) return packArray(value, path, trail);
  const method = METHODS.find((name) => typeof (value as Plain)[name] === 'function');
  if (method === undefined && (prototype === Object.prototype || prototype === null))
    return packRecord(value as Plain, path, trail);
  // Their own toJSON() would lose the type.
  if (method === undefined || types.isDate(value) || isBsonValue(value) || Buffer.isBuffer(value))
    return packUnconverted(value, path, trail);
  refuseUnfinished(value, path);
  const data = convert(value, method, path);
  if (data === undefined) throw refused(path, `an object whose ${method}() gives nothing`, 'let it give plain data');
  // The result is taken as it is, even if it is the object itself.
  if (data === value) return packUnconverted(value, path, trail);
  if (typeof data !== 'object' || data === null) return packValue(data, path, trail);
  return packUnlessCycle(data, path, trail, packUnconverted);
}

/** How an object converts itself: for BSON, otherwise for JSON. */
const METHODS = ['toBSON', 'toJSON'] as const;

function convert(value: object, method: string, path: Path): unknown {
  try {
    return (value as Record<string, () => unknown>)[method]!();
  } catch (error) {
    throw refused(path, `an object whose ${method}() throws`, 'store plain data in its place', error);
  }
}

function packUnconverted(value: object, path: Path, trail: Trail): unknown {
  if (Array.isArray(value)) return packArray(value, path, trail);
  if (types.isDate(value)) return packDate(value, path);
  if (isBsonValue(value)) return packBsonValue(value, path);
  if (types.isMap(value)) return tagged(TAG.map, [...value].flat(), path, trail);
  if (types.isSet(value)) return tagged(TAG.set, [...value], path, trail);
  if (types.isRegExp(value)) return tagged(TAG.regexp, [value.source, value.flags], path, trail);
  if (Buffer.isBuffer(value)) return { [TAG.buffer]: value };
  if (types.isUint8Array(value)) return { [TAG.bytes]: value };
  if (types.isTypedArray(value)) return packTypedArray(value);
  if (types.isBoxedPrimitive(value)) return packValue(value.valueOf(), path, trail);
  // A copy, because the library would also read inherited properties.
  const record: Plain = { ...value };
  if (!isBare(value) || isIterator(value)) refuseEmpty(value, record, path);
  return packRecord(record, path, trail);
}

/** Whether an object has no class: all of its prototypes are bare objects. */
function isBare(value: object): boolean {
  let prototype = Object.getPrototypeOf(value) as object | null;
  while (prototype !== null && prototype !== Object.prototype) {
    const owner: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    const parent = Object.getPrototypeOf(prototype) as object | null;
    // `Object.prototype` of another realm, such as a `vm` context of a test runner.
    if (typeof owner === 'function') return parent === null && owner.name === 'Object';
    prototype = parent;
  }
  return true;
}

/**
 * An instance of a class is stored as its own enumerable properties. Some classes keep nothing, or
 * nothing that matters, in those.
 */
function refuseEmpty(value: object, record: Plain, path: Path): void {
  refuseUnfinished(value, path);
  if (types.isNativeError(value) || value instanceof Error)
    throw refused(path, 'an Error', 'store its message, or what else you need of it');
  if (Object.keys(record).length > 0) return;
  if (isIterator(value)) throw refused(path, 'an iterator', 'store a list of what it gives, such as [...iterator]');
  const name = (value.constructor as { name?: string } | undefined)?.name || 'unnamed';
  const what = `an instance of the class ${name}, of which nothing would be left`;
  throw refused(path, what, 'store plain data, or give the class a toJSON()');
}

/** Such as `map.keys()`. No class of its own tells it from a bare object. */
function isIterator(value: object): boolean {
  return typeof (value as Plain)['next'] === 'function';
}

/** Refuses objects whose data arrive later. */
function refuseUnfinished(value: object, path: Path): void {
  const has = (name: string) => typeof (value as Plain)[name] === 'function';
  if (has('then')) throw refused(path, 'a promise', 'await it, and store its result');
  if (['pipe', 'getReader', 'getWriter'].some(has)) throw refused(path, 'a stream', 'read it, and store what it held');
}

type Plain = Record<string, unknown>;

/** An object's own enumerable keys. Keys with the value undefined are left out, as in JSON. */
export function packRecord(record: Plain, path: Path, trail: Trail): Plain {
  let copy: Plain | undefined;
  const keys = Object.keys(record);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const value = record[key];
    const storedKey = toStoredKey(key);
    const packed = value === undefined ? undefined : packValue(value, [path, key], trail);
    if (copy) copy[storedKey] = packed;
    else if (packed !== value || storedKey !== key) {
      copy = {};
      for (let before = 0; before < index; before++) copy[keys[before]!] = record[keys[before]!];
      copy[storedKey] = packed;
    }
  }
  return copy ?? record;
}

/** A document around an array: one level more than the object that it represents. */
function tagged(tag: string, content: unknown[], path: Path, trail: Trail): Plain {
  return { [tag]: packObject(content, path, trail) };
}

function packArray(array: readonly unknown[], path: Path, trail: Trail): unknown[] {
  // Before it is walked: assigning to `length`, or to one high index, makes billions of holes.
  takeRoom(MIN_ITEM_BYTES * array.length, path, trail);
  return Array.from(array, (value, index) => {
    if (value === undefined && !(index in array)) takeRoom(HOLE_BYTES, path, trail);
    return packValue(value, [path, index], trail);
  });
}

function packDate(date: Date, path: Path): Date {
  const time = Date.prototype.getTime.call(date);
  if (Number.isNaN(time)) throw refused(path, 'an invalid Date', 'store null, or a valid Date');
  return Object.getPrototypeOf(date) === Date.prototype ? date : new Date(time);
}

function packTypedArray(array: NodeJS.TypedArray): Plain {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return { [TAG.typed]: [array[Symbol.toStringTag], bytes] };
}

/**
 * Wrappers of plain numbers come back as numbers. They are stored as numbers, or they would always
 * look changed.
 */
function packBsonValue(value: object & { _bsontype: string }, path: Path): unknown {
  // A field that was assigned to: the library fills up with bytes of what it has encoded before.
  if (value._bsontype === 'Binary' && !isWhole(value as Partial<BinaryFields>))
    throw refused(path, 'a Binary that is longer than its bytes', 'create another one');
  return ['Double', 'Int32', 'BSONSymbol'].includes(value._bsontype) ? value.valueOf() : value;
}

interface BinaryFields {
  readonly buffer: Uint8Array;
  readonly position: number;
}

function isWhole({ buffer, position = -1 }: Partial<BinaryFields>): boolean {
  return types.isUint8Array(buffer) && Number.isInteger(position) && position >= 0 && position <= buffer.length;
}
