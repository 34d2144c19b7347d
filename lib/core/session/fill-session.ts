import {
  ARRAY,
  DOCUMENT,
  END_BYTES,
  HEADER_BYTES,
  eachElement,
  isEmptyDocument,
  joinElements,
  textBetween,
} from './bson-elements.js';
import { OTHER, flatValueAt } from './flat-values.js';
import { type BaseSession, RESERVED_NAMES } from './session.js';
import type { BsonCodec } from './session-codec.interface.js';
import { decodeData } from './session-decoding.js';
import { fromStoredKey } from './stored-keys.js';
import { UndecodedValues } from './undecoded-values.js';

/** Bytes from which on it takes longer to decode such a value than to put it aside. */
const WORTH_PUTTING_ASIDE = 128;

/**
 * Gives an empty session its data. What is large and nested is decoded when somebody asks for it. Returns the keys that were left
 * out, because a member has that name.
 */
export function fillSession(session: BaseSession, codec: BsonCodec, document: Uint8Array): readonly string[] {
  const hidden: string[] = [];
  // Most visitors have none.
  if (isEmptyDocument(document)) return hidden;
  let undecoded: UndecodedValues | undefined;
  /** Where the elements begin that the library decodes, together. */
  let from = HEADER_BYTES;
  eachElement(document, (bytes, at, valueAt, end) => {
    const type = bytes[at]!;
    const isAside =
      !RESERVED_NAMES.has(fromStoredKey(textBetween(bytes, at + 1, valueAt - 1))) &&
      (type === DOCUMENT || type === ARRAY) &&
      end - valueAt >= WORTH_PUTTING_ASIDE;
    const value = isAside ? undefined : flatValueAt(bytes, type, valueAt, end);
    if (value === OTHER) return;
    decodeBetween(from, at);
    from = end;
    const key = fromStoredKey(textBetween(bytes, at + 1, valueAt - 1));
    if (isAside) (undecoded ??= new UndecodedValues(session, codec)).add(key, bytes.subarray(at, end));
    else assign(key, value);
  });
  decodeBetween(from, document.length - END_BYTES);
  return hidden;

  function decodeBetween(start: number, end: number): void {
    if (start === end) return;
    const data = decodeData(codec, joinElements([document.subarray(start, end)]));
    for (const [key, value] of Object.entries(data)) assign(key, value);
  }

  function assign(key: string, value: unknown): void {
    // Whoever wrote it: another version, another program, or an attacker.
    if (RESERVED_NAMES.has(key)) hidden.push(key);
    else (session as unknown as Record<string, unknown>)[key] = value;
  }
}
