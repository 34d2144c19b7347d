// Everything that a session can hold, made up by fast-check.
import * as fc from 'fast-check';
import { BSON } from './codec.js';

/** What could mean something to MongoDB, to BSON, to JavaScript or to our own escapes. */
const HAZARDS = [
  ...['', '.', '$', '%', '\0', '%25', '%2E', '%24', '%00', '%uD83D', '%5F', '\ud83d', '\ude00', '😀', '$set', 'a.b'],
  ...['_bsontype', '__proto__', '%5Fbsontype', 'constructor', 'prototype', 'toBSON', 'toString', 'length', '0', '-0'],
  ...['%map', '%set', '%bigint', '%regexp', '%buffer', '%bytes', '%text', '%undefined', '$ref', '$id', '$numberLong'],
  ...['OIDC: https://login.example.org', 'passport', '\u2028', '\ufeff', ' '],
];

const utf16 = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));

/** Any string at all: every UTF-16 sequence, lone surrogates and NUL included. */
export const anyString: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HAZARDS),
  fc.array(fc.constantFrom(...HAZARDS), { maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
  utf16,
);

const FLAGS = ['', 'g', 'i', 'm', 's', 'u', 'v', 'y', 'd', 'gi', 'dgimsuy', 'dgimsvy'];

const regExp = fc
  .tuple(fc.constantFrom('a', '^$', '\\0', '[a-z]+', '\ud83d', '(?<name>x)', '%', '/'), fc.constantFrom(...FLAGS))
  .map(([source, flags]) => new RegExp(source, flags));

const bytes = fc.uint8Array({ maxLength: 20 });

/** 64-bit integers of BSON, as their library holds them. */
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** A value of each kind by name: what BSON has itself, and what JavaScript has besides. */
export const leaves = {
  string: anyString,
  double: fc.double(),
  'negative zero': fc.constant(-0),
  integer: fc.integer(),
  'safe integer': fc.maxSafeInteger(),
  boolean: fc.boolean(),
  null: fc.constant(null),
  BigInt: fc.oneof(fc.bigInt(), fc.bigInt({ min: 2n ** 400n, max: 2n ** 401n }), int64),
  Date: fc.date({ noInvalidDate: true }),
  RegExp: regExp,
  Buffer: bytes.map((content) => Buffer.from(content)),
  Uint8Array: bytes.map((content) => new Uint8Array(content)),
  ObjectId: fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => new BSON.ObjectId(id)),
  Decimal128: fc
    .tuple(fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }), fc.integer({ min: -6000, max: 6000 }))
    .map(([digits, exponent]) => BSON.Decimal128.fromString(`${digits}E${exponent}`)),
  Long: int64.map((value) => BSON.Long.fromBigInt(value)),
  Binary: fc
    .tuple(bytes, fc.constantFrom(0, 1, 5, 0x80))
    .map(([content, subType]) => new BSON.Binary(content, subType)),
  UUID: fc.uuid().map((id) => new BSON.UUID(id)),
  Timestamp: fc
    .tuple(fc.nat({ max: 0x7fffffff }), fc.nat({ max: 0x7fffffff }))
    .map(([t, i]) => new BSON.Timestamp({ t, i })),
  BSONRegExp: fc.constantFrom('', 'i', 'im').map((flags) => new BSON.BSONRegExp('^a.*', flags)),
  Code: fc.constantFrom(undefined, { a: 1 }).map((scope) => new BSON.Code('return 1', scope)),
  MinKey: fc.constant(null).map(() => new BSON.MinKey()),
  MaxKey: fc.constant(null).map(() => new BSON.MaxKey()),
} satisfies Record<string, fc.Arbitrary<unknown>>;

const leaf: fc.Arbitrary<unknown> = fc.oneof(...Object.values<fc.Arbitrary<unknown>>(leaves));

/** A record with own keys of any name, also of one that an object literal takes for something else. */
export function recordOf(value: fc.Arbitrary<unknown>, maxLength = 5): fc.Arbitrary<Record<string, unknown>> {
  return fc.array(fc.tuple(anyString, value), { maxLength }).map((entries) => Object.fromEntries(entries));
}

export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'session' },
    leaf,
    fc.array(fc.oneof(fc.constant(undefined), tie('value')), { maxLength: 4 }),
    recordOf(tie('value'), 4),
    fc
      .array(fc.tuple(tie('value'), fc.oneof(fc.constant(undefined), tie('value'))), { maxLength: 3 })
      .map((m) => new Map(m)),
    fc.array(tie('value'), { maxLength: 3 }).map((members) => new Set(members)),
  ),
})).value;

/** The data of a session. */
export const anyData = recordOf(anyValue);
