import { types } from 'node:util';
import { SessionError } from '../errors.js';
import { quoteKey } from '../quote-key.js';
import { toStoredKey } from './stored-keys.js';

/**
 * What BSON holds by itself goes in as it is. The JavaScript values below have no BSON type of their own, and become a
 * document with a single key that no escaped key can be: see `unpackValue`, which turns them back.
 */
export const TAG = {
  map: '%map', // [key, value, key, value, ...]
  set: '%set', // [value, value, ...]
  bigint: '%bigint', // decimal digits
  regexp: '%regexp', // [source, flags]
  buffer: '%buffer', // Node's Buffer
  bytes: '%bytes', // Uint8Array
  text: '%text', // UTF-16 of a string with half a surrogate pair
  undefined: '%undefined', // undefined inside an array, Map or Set
  encrypted: '%enc', // a value that encryption/ has sealed; never met by a reader that has the keys
} as const;

/**
 * Deepest nesting of a session's data: MongoDB's documents have at most 100 levels, and the session's own document and a tag at the
 * bottom take one each.
 */
export const MAX_DEPTH = 97;

/** The way down to a value. */
export interface Trail {
  readonly ancestors: object[];
  readonly maxDepth: number;
}

const BSON_VERSION = Symbol.for('@@mdb.bson.version');

/**
 * The value as BSON can hold it: the very same object where nothing has to be changed, a copy where something has.
 * Throws `SESSION_VALUE_REFUSED` with the path of what BSON can't hold.
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
      return { [TAG.undefined]: true };
    case 'object':
      return value === null ? null : packObject(value, path, trail);
    default:
      throw refused(path, `a ${typeof value}`, 'store plain data, and compute the rest from it');
  }
}

function packObject(value: object, path: Path, trail: Trail): unknown {
  const { ancestors, maxDepth } = trail;
  if (ancestors.includes(value)) throw refused(path, 'a cycle', 'store an id in place of the reference back');
  if (ancestors.length >= maxDepth) throw tooDeep(path, maxDepth);
  ancestors.push(value);
  const packed = packByKind(value, path, trail);
  ancestors.pop();
  return packed;
}

function packByKind(value: object, path: Path, trail: Trail): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return packRecord(value as Plain, path, trail);
  if (Array.isArray(value) && isPlain(prototype, 'Array')) return packArray(value, path, trail);
  if (types.isDate(value) && isPlain(prototype, 'Date')) return packDate(value, path);
  if (isBsonValue(value)) return packBsonValue(value);
  if (types.isMap(value) && isPlain(prototype, 'Map')) return tagged(TAG.map, [...value].flat(), path, trail);
  if (types.isSet(value) && isPlain(prototype, 'Set')) return tagged(TAG.set, [...value], path, trail);
  if (types.isRegExp(value) && isPlain(prototype, 'RegExp'))
    return tagged(TAG.regexp, [value.source, value.flags], path, trail);
  if (Buffer.isBuffer(value)) return { [TAG.buffer]: value };
  if (types.isUint8Array(value)) return { [TAG.bytes]: value };
  if (isPlain(prototype, 'Object')) return packRecord(value as Plain, path, trail);
  const name = (prototype as { constructor?: { name?: string } }).constructor?.name ?? 'unnamed';
  throw refused(
    path,
    `an instance of the class ${name}`,
    'store its plain data (for a Mongoose document: `.toObject()` or its `_id`)',
  );
}

type Plain = Record<string, unknown>;

/** An object's own enumerable keys; those with the value undefined are left out, as in JSON. */
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

/** A document around an array: one level more than the object that it stands for. */
function tagged(tag: string, content: unknown[], path: Path, trail: Trail): Plain {
  return { [tag]: packObject(content, path, trail) };
}

function packArray(array: readonly unknown[], path: Path, trail: Trail): unknown[] {
  return Array.from(array, (value, index) => packValue(value, [path, index], trail));
}

function packDate(date: Date, path: Path): Date {
  if (Number.isNaN(date.getTime())) throw refused(path, 'an invalid Date', 'store null, or a valid Date');
  return date;
}

/** BSON's own classes, of whichever copy of the library; a plain object that only says `_bsontype` is none of them. */
export function isBsonValue(value: object): value is object & { _bsontype: string } {
  return BSON_VERSION in value && '_bsontype' in value && !Object.hasOwn(value, BSON_VERSION);
}

/** The wrappers of plain numbers come back as numbers, so they go in as numbers: else they would look changed ever after. */
function packBsonValue(value: object & { _bsontype: string }): unknown {
  return ['Double', 'Int32', 'BSONSymbol'].includes(value._bsontype) ? value.valueOf() : value;
}

const BUILT_INS = { Object, Array, Date, Map, Set, RegExp };

/** Of that kind, and of no class of its own. From another realm (`vm` contexts, which test runners use) it has another prototype of that name. */
function isPlain(prototype: unknown, name: keyof typeof BUILT_INS): boolean {
  if (prototype === BUILT_INS[name].prototype) return true;
  const owner = prototype as { constructor?: { name?: string } };
  const parent: unknown = Object.getPrototypeOf(prototype);
  const isRoot = name === 'Object' ? parent === null : parent !== null && Object.getPrototypeOf(parent) === null;
  return isRoot && Object.hasOwn(owner, 'constructor') && owner.constructor?.name === name;
}

const MAX_STEPS = 10;

/** Where a value stands, as a linked list: it is spelled out only for an error. */
export type Path = readonly [parent: Path, key: string | number] | null;

export function refused(path: Path, what: string, fix: string, cause?: unknown): SessionError {
  const message = `session${spell(path)} is ${what}, which can't be stored: ${fix}.`;
  return new SessionError('SESSION_VALUE_REFUSED', message, cause === undefined ? {} : { cause });
}

function tooDeep(path: Path, maxDepth: number): SessionError {
  return new SessionError(
    'SESSION_TOO_DEEP',
    `session${spell(path)} is nested over ${maxDepth} levels deep, which can't be stored: store flatter data, or raise \`maxDepth\` (97 at most).`,
  );
}

function spell(path: Path): string {
  const steps: string[] = [];
  for (let at = path; at; at = at[0]) steps.unshift(spellStep(at[1]));
  // Of a long way, its beginning and its end.
  if (steps.length > MAX_STEPS) steps.splice(MAX_STEPS / 2, steps.length - MAX_STEPS, '…');
  return steps.join('');
}

function spellStep(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[A-Za-z_$][\w$]{0,98}$/.test(key) ? `.${key}` : `[${quoteKey(key)}]`;
}
