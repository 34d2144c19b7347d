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
import type { BsonCodec } from '../data/session-codec.interface.js';
import { decodeData } from '../data/session-decoding.js';
import { fromStoredKey } from '../data/stored-keys.js';
import { LazyValues } from '../data/lazy-values.js';

/** Smaller values are decoded at once, with all others. */
const MIN_LAZY_BYTES = 4096;

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
  if (document.length < MIN_LAZY_BYTES) assignAll(document);
  else assignLarge();
  return hidden;

  function assignLarge(): void {
    let undecoded: LazyValues | undefined;
    /** Where the elements begin that are decoded together. */
    let from = HEADER_BYTES;
    eachElement(document, (bytes, at, valueAt, end) => {
      const type = bytes[at];
      const isNested = type === DOCUMENT || type === ARRAY;
      if (!isNested || end - valueAt < MIN_LAZY_BYTES || undecoded?.size === MAX_LAZY_VALUES) return;
      const key = fromStoredKey(textBetween(bytes, at + 1, valueAt - 1));
      if (RESERVED_NAMES.has(key)) return;
      assignBetween(from, at);
      from = end;
      undecoded ??= new LazyValues(session, codec);
      undecoded.add(key, bytes.subarray(at, end));
    });
    assignBetween(from, document.length - END_BYTES);
  }

  function assignBetween(start: number, end: number): void {
    if (start < end) assignAll(joinElements([document.subarray(start, end)]));
  }

  function assignAll(part: Uint8Array): void {
    const data = decodeData(codec, part);
    for (const key of Object.keys(data)) {
      // Another version, another program or an attacker may have written it.
      if (RESERVED_NAMES.has(key)) hidden = [...hidden, key];
      else (session as unknown as Record<string, unknown>)[key] = data[key];
    }
  }
}
