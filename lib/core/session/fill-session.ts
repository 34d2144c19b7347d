import {
  ARRAY,
  DOCUMENT,
  END_BYTES,
  HEADER_BYTES,
  eachElement,
  isEmptyDocument,
  joinElements,
  textBetween,
} from '../data/bson-elements.js';
import { type BaseSession, RESERVED_NAMES } from './session.js';
import { OTHER, flatValueAt } from '../data/flat-values.js';
import type { BsonCodec } from '../data/session-codec.interface.js';
import { decodeData } from '../data/session-decoding.js';
import { fromStoredKey } from '../data/stored-keys.js';
import { LazyValues } from '../data/lazy-values.js';

/** Smaller values are decoded at once, with all others. */
const MIN_LAZY_BYTES = 128;

/** V8 takes long to make a property of an accessor, and longer the more of both an object has. */
const MAX_LAZY_VALUES = 16;

const NONE: readonly string[] = [];

/**
 * Gives an empty session its data. What is large and nested is decoded when somebody asks for it.
 * Returns the keys that were left out, because a member has that name.
 */
export function fillSession(session: BaseSession, codec: BsonCodec, document: Uint8Array): readonly string[] {
  // Most visitors have none.
  if (isEmptyDocument(document)) return NONE;
  let hidden = NONE;
  let undecoded: LazyValues | undefined;
  /** Where the elements begin that the library decodes, together. */
  let from = HEADER_BYTES;
  eachElement(document, (bytes, at, valueAt, end) => {
    const type = bytes[at]!;
    const isLazy =
      (type === DOCUMENT || type === ARRAY) && end - valueAt >= MIN_LAZY_BYTES && undecoded?.size !== MAX_LAZY_VALUES;
    const value = isLazy ? undefined : flatValueAt(bytes, type, valueAt, end);
    if (value === OTHER) return;
    const key = fromStoredKey(textBetween(bytes, at + 1, valueAt - 1));
    if (isLazy && RESERVED_NAMES.has(key)) return;
    assignBetween(from, at);
    from = end;
    if (isLazy) (undecoded ??= new LazyValues(session, codec)).add(key, bytes.subarray(at, end));
    else assign(key, value);
  });
  assignBetween(from, document.length - END_BYTES);
  return hidden;

  function assignBetween(start: number, end: number): void {
    if (start === end) return;
    const data = decodeData(codec, joinElements([document.subarray(start, end)]));
    for (const key of Object.keys(data)) assign(key, data[key]);
  }

  function assign(key: string, value: unknown): void {
    // Another version, another program or an attacker may have written it.
    if (RESERVED_NAMES.has(key)) hidden = [...hidden, key];
    else (session as unknown as Record<string, unknown>)[key] = value;
  }
}
