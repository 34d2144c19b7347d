import { eachElement, joinElements, textBetween, timeAt } from '../../core/data/bson-elements.js';
import type { SessionHandle } from '../../core/token/session-token.js';
import type { StoredSession } from '../../core/store/session-store.interface.js';
import type { BsonLibrary } from './bson-codec.js';
import { readRotation } from './rotation-document.js';
import { FORMAT } from './stored-document.js';

/** https://bsonspec.org/spec.html */
const TYPE = { double: 0x01, document: 0x03, binary: 0x05, date: 0x09, int32: 0x10, int64: 0x12 };

const HASH_BYTES = 32;
/** Of a binary value: length and subtype. */
const BINARY_HEADER_BYTES = 5;
/** What a Date can be, in milliseconds. */
const LATEST = 8.64e15;

/** What every session has. */
const REQUIRED = ['secretHash', 'epoch', 'data', 'createdAt', 'lastSeenAt', 'expiresAt'] as const;

type Found = Pick<StoredSession, 'handle'> & {
  -readonly [Name in (typeof REQUIRED)[number]]: StoredSession[Name] | undefined;
};

/**
 * The session in a document's bytes, its data undecoded; or the name of the field that no session of ours has like this. Element
 * by element, for every request comes by here: to have the library decode it takes twice as long.
 */
export function readDocument(
  handle: SessionHandle,
  document: Uint8Array,
  bson: BsonLibrary,
): StoredSession | { unreadable: string } {
  const found: Found = {
    handle,
    secretHash: undefined,
    epoch: undefined,
    data: undefined,
    createdAt: undefined,
    lastSeenAt: undefined,
    expiresAt: undefined,
  };
  let others: Partial<StoredSession> | undefined;
  let format: number | undefined;
  eachElement(document, (bytes, at, valueAt, end) => {
    const type = bytes[at]!;
    const name = textBetween(bytes, at + 1, valueAt - 1);
    switch (name) {
      case 'secretHash':
        if (type === TYPE.binary) found.secretHash = hashIn(bytes.subarray(valueAt + BINARY_HEADER_BYTES, end));
        break;
      case 'epoch':
        found.epoch = integerAt(bytes, type, valueAt);
        break;
      case 'data':
        if (type === TYPE.document) found.data = bytes.subarray(valueAt, end);
        break;
      case 'createdAt':
      case 'lastSeenAt':
      case 'expiresAt':
        if (type === TYPE.date) found[name] = validTime(timeAt(bytes, valueAt));
        break;
      case 'v':
        format = integerAt(bytes, type, valueAt);
        break;
      case 'userId':
      case 'meta':
      case 'rotation':
        others = { ...others, ...decodeOther(name, bytes.subarray(at, end), bson) };
    }
  });
  if (format !== FORMAT) return { unreadable: 'v' };
  const missing = REQUIRED.find((name) => found[name] === undefined);
  if (missing) return { unreadable: missing };
  return others ? { ...(found as StoredSession), ...others } : (found as StoredSession);
}

/** The rarer fields are decoded by the library. */
function decodeOther(
  name: 'userId' | 'meta' | 'rotation',
  element: Uint8Array,
  bson: BsonLibrary,
): Partial<StoredSession> {
  const value: unknown = bson.deserialize(joinElements([element]), { raw: true, promoteLongs: false })[name];
  // A document is left undecoded.
  const decoded = value instanceof Uint8Array ? bson.deserialize(value) : undefined;
  if (name === 'userId') return value === undefined ? {} : { userId: decoded ?? value };
  if (!decoded) return {};
  if (name === 'meta') return readMeta(decoded);
  const renewal = readRotation(decoded);
  return renewal ? { renewal } : {};
}

function readMeta(meta: Record<string, unknown>): Pick<StoredSession, 'permanent' | 'authenticatedAt' | 'amr'> {
  const permanent = Number(meta['permanent']);
  const { authenticatedAt, amr } = meta;
  const time = authenticatedAt instanceof Date ? validTime(authenticatedAt.getTime()) : undefined;
  return {
    ...(permanent > 0 && { permanent }),
    ...(time !== undefined && { authenticatedAt: time }),
    ...(Array.isArray(amr) && { amr: amr.map(String) }),
  };
}

function hashIn(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === HASH_BYTES ? bytes : undefined;
}

/** MongoDB's shell, and other languages' drivers, write whole numbers as any of these. */
function integerAt(bytes: Buffer, type: number, at: number): number | undefined {
  let value: number | undefined;
  if (type === TYPE.int32) value = bytes.readInt32LE(at);
  else if (type === TYPE.double) value = bytes.readDoubleLE(at);
  else if (type === TYPE.int64) value = Number(bytes.readBigInt64LE(at));
  return Number.isSafeInteger(value) ? value : undefined;
}

function validTime(time: number): number | undefined {
  return Math.abs(time) <= LATEST ? time : undefined;
}
