// Equality as a session promises it: kinds, contents and order - not the identity of BSON's internal buffers.
import { isDeepStrictEqual } from 'node:util';
import { types } from 'node:util';
import { BSON } from './codec.js';

/** The same value in terms that compare by content; what differs in kind differs here. */
export function comparable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return [typeof value, value];
  if ('_bsontype' in value && BSON_VERSION in value) {
    return ['BSON', value._bsontype, value.constructor.name, BSON.EJSON.stringify({ value }, { relaxed: false })];
  }
  if (Array.isArray(value)) return ['Array', Array.from(value, comparable)];
  if (types.isDate(value)) return ['Date', value.getTime()];
  if (types.isRegExp(value)) return ['RegExp', value.source, value.flags];
  if (Buffer.isBuffer(value)) return ['Buffer', value.toString('hex')];
  if (types.isUint8Array(value)) return ['Uint8Array', Buffer.from(value).toString('hex')];
  if (types.isMap(value)) return ['Map', [...value].map(([key, entry]) => [comparable(key), comparable(entry)])];
  if (types.isSet(value)) return ['Set', [...value].map(comparable)];
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return ['Record', entries.map(([key, entry]) => [key, comparable(entry)])];
}

const BSON_VERSION = Symbol.for('@@mdb.bson.version');

export function sameData(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(comparable(left), comparable(right));
}
