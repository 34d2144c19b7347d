import { SessionError } from '../errors.js';
import { setOwn } from './plain-property.js';
import { fromStoredKey } from './stored-keys.js';
import { TAG } from './stored-values.js';

type Plain = Record<string, unknown>;

/** Reverses `packValue` at every level: stored keys and tagged values. Changes arrays in place. */
export function unpackValue(value: unknown): unknown {
  if (Array.isArray(value)) return unpackArray(value);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const keys = Object.keys(value);
  const read = keys.length === 1 ? READERS.get(keys[0]!) : undefined;
  return read ? read((value as Plain)[keys[0]!]) : unpackRecord(value as Plain);
}

export function unpackRecord(record: Plain): Plain {
  const unpacked: Plain = {};
  for (const key of Object.keys(record)) setOwn(unpacked, fromStoredKey(key), unpackValue(record[key]));
  return unpacked;
}

function unpackArray(array: unknown[]): unknown[] {
  for (let index = 0; index < array.length; index++) array[index] = unpackValue(array[index]);
  return array;
}

const READERS: ReadonlyMap<string, (content: unknown) => unknown> = new Map<string, (content: unknown) => unknown>([
  [TAG.map, (content) => new Map(pairs(unpackArray(content as unknown[])))],
  [TAG.set, (content) => new Set(unpackArray(content as unknown[]))],
  [TAG.bigint, (content) => BigInt(content as string)],
  [TAG.regexp, (content) => readRegExp(unpackArray(content as unknown[]) as [string, string])],
  [TAG.buffer, (content) => bytesOf(content)],
  [TAG.bytes, (content) => new Uint8Array(bytesOf(content))],
  [TAG.typed, (content) => readTypedArray(content as [string, unknown])],
  [TAG.text, (content) => bytesOf(content).toString('utf16le')],
  [TAG.undefined, () => undefined],
  [TAG.encrypted, () => refuseEncrypted()],
]);

function* pairs(flat: unknown[]): Generator<[unknown, unknown]> {
  for (let index = 0; index < flat.length; index += 2) yield [flat[index], flat[index + 1]];
}

function readRegExp([source, flags]: [string, string]): RegExp {
  return new RegExp(source, flags);
}

const TypedArray: unknown = Object.getPrototypeOf(Uint8Array);

function readTypedArray([name, binary]: [string, unknown]): unknown {
  // In a buffer of its own, so that the bytes are aligned for the element type.
  const { buffer } = new Uint8Array(bytesOf(binary));
  const type = (globalThis as Record<string, unknown>)[name] as Float64ArrayConstructor | undefined;
  if (type && Object.getPrototypeOf(type) === TypedArray) return new type(buffer);
  // As undefined it would be removed with the next change.
  const fix = 'Run all processes on the version that has stored it, or on a later one.';
  throw new SessionError(
    'SESSION_UNDECODABLE',
    `A value of the session is an array that Node ${process.versions.node} does not know. ${fix}`,
  );
}

/** A copy, because the driver's bytes are part of a whole network message. */
function bytesOf(binary: unknown): Buffer {
  const { buffer, position } = binary as { buffer: Uint8Array; position: number };
  return Buffer.from(buffer.subarray(0, position));
}

/** As a plain value it would be written back escaped, and could never be decrypted again. */
function refuseEncrypted(): never {
  throw new SessionError(
    'SESSION_UNDECODABLE',
    'A value of the session is encrypted, but the option `encryption` is not set: set it, with the keys of before.',
  );
}
