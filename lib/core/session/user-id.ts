import { types } from 'node:util';
import { SessionError } from '../errors.js';

/** Whose a session is: your user's id, as your database has it. */
export type SessionUserId = string | number | object;

const BSON_VERSION = Symbol.for('@@mdb.bson.version');
/** A UUID is a Binary. */
const ID_TYPES = ['ObjectId', 'Binary', 'Long', 'Decimal128'];

/** Characters, or bytes: an id stands in every document of its user, and in an index. */
const MAX_ID_LENGTH = 1024;

/**
 * A text, a number, or an id of BSON's: what a query can be made of. Nothing that a request's body
 * could have brought in its place, such as an object with an operator.
 */
export function checkUserId(userId: unknown, operation = 'login()'): SessionUserId {
  if (typeof userId === 'string' && userId !== '' && userId.length <= MAX_ID_LENGTH && userId.isWellFormed())
    return userId;
  if (typeof userId === 'number' && Number.isFinite(userId)) return userId;
  if (typeof userId === 'object' && userId !== null && BSON_VERSION in userId && !types.isProxy(userId)) {
    const type: unknown = (userId as { _bsontype?: unknown })._bsontype;
    const { position = 0 } = userId as { position?: number };
    if (!Object.hasOwn(userId, BSON_VERSION) && ID_TYPES.includes(String(type)) && position <= MAX_ID_LENGTH)
      return userId;
  }
  throw new SessionError(
    'SESSION_VALUE_REFUSED',
    `${operation} got ${userId === null ? 'null' : `a value of type ${typeof userId}`} that is no id of a user. Give a text of 1 to ${MAX_ID_LENGTH} characters, a number, or an ObjectId or UUID.`,
  );
}

/**
 * A copy of an id of BSON's: who sets something on what `session.userId` gives makes nobody another
 * user.
 */
export function copyUserId(userId: unknown): SessionUserId | undefined {
  if (typeof userId !== 'object' || userId === null) return userId as SessionUserId | undefined;
  // No login gives one, but another program may have.
  if (userId instanceof Date) return new Date(userId);
  const fields = Object.entries(userId).map(([name, field]: [string, unknown]) => [
    name,
    field instanceof Uint8Array ? Buffer.from(field) : field,
  ]);
  return Object.assign(Object.create(Object.getPrototypeOf(userId) as object) as object, Object.fromEntries(fields));
}

/** A list of names such as those of RFC 8176. */
export function isAmr(amr: unknown): amr is readonly string[] {
  return (
    Array.isArray(amr) &&
    amr.length <= 20 &&
    amr.every((name) => typeof name === 'string' && /^[\w.:-]{1,50}$/.test(name))
  );
}

export function checkAmr(amr: unknown): readonly string[] | undefined {
  if (amr === undefined) return undefined;
  if (isAmr(amr)) return [...amr];
  throw new SessionError(
    'SESSION_VALUE_REFUSED',
    "login() got an `amr` that is no list of names. Give names of RFC 8176, such as ['pwd', 'otp'].",
  );
}
