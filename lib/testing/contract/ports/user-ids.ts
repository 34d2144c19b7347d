import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;

// Every test has users of its own: numbers from here on, and what is made of them.
let number = 1000;

export function newNumber(): number {
  return ++number;
}

export function newUserId(): string {
  return `user ${newNumber()}`;
}

const hexOf = (n: number) => n.toString(16).padStart(32, '0');
const bytesOf = (n: number) => Buffer.from(hexOf(n), 'hex');

/** Two spellings of one user, made of a number. */
export const SAME_USER: Readonly<Record<string, (n: number) => [unknown, unknown]>> = {
  'a text': (n) => [`ada ${n}`, `ada ${n}`],
  'a number and a Long': (n) => [n, BSON.Long.fromNumber(n)],
  'a Long and a number': (n) => [BSON.Long.fromNumber(n), n],
  'a number and a Decimal128': (n) => [n, BSON.Decimal128.fromString(`${n}.0`)],
  'a fraction and a Decimal128': (n) => [n + 0.5, BSON.Decimal128.fromString(`${n}.50`)],
  'a Decimal128 with an exponent': (n) => [BSON.Decimal128.fromString(`${n}E+3`), n * 1000],
  'a Long beyond exact numbers': (n) => [
    BSON.Long.fromString(`90071992547${n}993`),
    BSON.Long.fromString(`90071992547${n}993`),
  ],
  'an ObjectId': (n) => [new BSON.ObjectId(hexOf(n).slice(8)), new BSON.ObjectId(hexOf(n).slice(8))],
  'a UUID and a Binary': (n) => [new BSON.UUID(hexOf(n)), new BSON.Binary(bytesOf(n), BSON.Binary.SUBTYPE_UUID)],
  'a Binary with room behind it': (n) => {
    const roomy = new BSON.Binary(undefined, 0);
    roomy.write(bytesOf(n), 0);
    return [roomy, new BSON.Binary(bytesOf(n), 0)];
  },
  'a Date': (n) => [new Date(n), new Date(n)],
  'a document': (n) => [
    { tenant: { n }, name: 'ada' },
    { tenant: { n: BSON.Long.fromNumber(n) }, name: 'ada' },
  ],
};

/** Two users who must never be taken for one another. */
export const OTHER_USER: Readonly<Record<string, (n: number) => [unknown, unknown]>> = {
  'a number and its text': (n) => [n, String(n)],
  'a text in capitals': (n) => [`ada ${n}`, `ADA ${n}`],
  'a text with an accent': (n) => [`ada ${n}`, `ád\u00e1 ${n}`],
  'a text and a part of it': (n) => [`ada ${n}`, `ada ${n} `],
  'an accent of one or of two characters': (n) => [`\u00e9 ${n}`, `e\u0301 ${n}`],
  'a fraction and a Decimal128 that is not quite it': (n) => [n + 0.1, BSON.Decimal128.fromString(`${n}.1`)],
  'a number and the next Long beyond exact numbers': () => [2 ** 53, BSON.Long.fromString('9007199254740993')],
  'an ObjectId and its digits': (n) => [new BSON.ObjectId(hexOf(n).slice(8)), hexOf(n).slice(8)],
  'a UUID and a Binary of another kind': (n) => [new BSON.UUID(hexOf(n)), new BSON.Binary(bytesOf(n), 0)],
  'a Date and its milliseconds': (n) => [new Date(n), n],
  'a document with its fields in another order': (n) => [
    { a: n, b: 1 },
    { b: 1, a: n },
  ],
  'a document and a part of it': (n) => [{ a: n, b: 1 }, { a: n }],
  'a number and a document around it': (n) => [n, { n }],
};

/** What a query would take for an operator, a pattern or for everybody, made of a user's id. */
export const OPERATORS: Readonly<Record<string, (userId: string) => unknown>> = {
  $gt: () => ({ $gt: '' }),
  $ne: () => ({ $ne: null }),
  $in: (userId) => ({ $in: [userId] }),
  $exists: () => ({ $exists: true }),
  $regex: () => ({ $regex: '.*' }),
  'a regular expression': () => new BSON.BSONRegExp('.*'),
  null: () => null,
  undefined: () => undefined,
  false: () => false,
};

/** What is no handle of anybody's. */
export const NO_HANDLES: Readonly<Record<string, unknown>> = {
  'an empty text': '',
  'a word': 'session',
  'a handle that nobody has': '0'.repeat(24),
  'one digit too many': '0'.repeat(25),
  'a megabyte': 'f'.repeat(1_000_000),
  'an operator': { $gt: '' },
  'a number': 42,
  null: null,
};
