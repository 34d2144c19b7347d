/**
 * A text for each user id. It is the same for ids that are equal as BSON values: `1` and `Long(1)`
 * are one user, `'1'` is another, and `{ $gt: '' }` is just a document.
 */
export function userKeyOf(userId: unknown): string {
  if (typeof userId === 'string') return JSON.stringify(userId);
  if (typeof userId === 'number') return numberKey(userId);
  if (typeof userId !== 'object' || userId === null) return String(userId);
  if (userId instanceof Date) return `date ${userId.getTime()}`;
  if (userId instanceof Uint8Array) return binaryKey(0, userId);
  if (Array.isArray(userId)) return `[${userId.map(userKeyOf).join()}]`;
  return '_bsontype' in userId ? bsonKey(userId as BsonValue) : documentKey(userId);
}

interface BsonValue {
  readonly _bsontype: string;
  toString(): string;
}

interface BinaryValue {
  readonly buffer: Uint8Array;
  readonly position: number;
  readonly sub_type: number;
}

function bsonKey(value: BsonValue): string {
  switch (value._bsontype) {
    case 'Int32':
    case 'Double':
      return numberKey(Number(value));
    case 'Long':
    case 'Decimal128':
      return decimalKey(value.toString());
    case 'Binary': {
      const { buffer, position, sub_type } = value as BsonValue & BinaryValue;
      return binaryKey(sub_type, buffer.subarray(0, position));
    }
    case 'ObjectId':
      return `ObjectId ${value.toString()}`;
    default:
      return `${value._bsontype} ${documentKey(value)}`;
  }
}

function documentKey(document: object): string {
  const fields = Object.entries(document).map(([name, value]) => `${JSON.stringify(name)}:${userKeyOf(value)}`);
  return `{${fields.join()}}`;
}

function binaryKey(subtype: number, bytes: Uint8Array): string {
  return `binary ${subtype} ${Buffer.from(bytes).toString('hex')}`;
}

/** Exact: a double has as many decimal places as binary ones. */
function numberKey(value: number): string {
  if (!Number.isFinite(value)) return decimalKey(String(value));
  let places = 0;
  let whole = value;
  for (; !Number.isInteger(whole); places++) whole *= 2;
  return decimalKey(`${BigInt(whole) * 5n ** BigInt(places)}E-${places}`);
}

/** Without zeros at the end: 1.0, 1 and 10E-1 are the same number. */
function decimalKey(text: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(text);
  if (!parts) return text;
  const [, sign = '', whole = '', places = '', exponent = '0'] = parts;
  const digits = (whole + places).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const shift = Number(exponent) - places.length + digits.length - significant.length;
  return significant === '' ? '0' : `${sign}${significant}E${shift}`;
}
