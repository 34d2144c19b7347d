const BSON_VERSION = Symbol.for('@@mdb.bson.version');

/**
 * A value of one of BSON's classes, of any copy of the library. A plain object with a `_bsontype`
 * is none.
 */
export function isBsonValue(value: object): value is object & { _bsontype: string } {
  return BSON_VERSION in value && '_bsontype' in value && !Object.hasOwn(value, BSON_VERSION);
}
