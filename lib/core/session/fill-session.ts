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
import { UndecodedValues, plainProperty } from './undecoded-values.js';

/** Bytes from which on it takes longer to decode such a value than to put it aside. */
const WORTH_PUTTING_ASIDE = 128;

/** Gives an empty session its data. What is large and nested is decoded when somebody asks for it. */
export function fillSession(session: BaseSession, codec: BsonCodec, document: Uint8Array): void {
  // Most visitors have none.
  if (isEmptyDocument(document)) return;
  let undecoded: UndecodedValues | undefined;
  /** Where the elements begin that the library decodes, together. */
  let from = HEADER_BYTES;
  eachElement(document, (bytes, at, valueAt, end) => {
    const type = bytes[at]!;
    const isAside = (type === DOCUMENT || type === ARRAY) && end - valueAt >= WORTH_PUTTING_ASIDE;
    const value = isAside ? undefined : flatValueAt(bytes, type, valueAt, end);
    if (value === OTHER) return;
    decodeBetween(from, at);
    from = end;
    const key = fromStoredKey(textBetween(bytes, at + 1, valueAt - 1));
    if (isAside) (undecoded ??= new UndecodedValues(session, codec)).add(key, bytes.subarray(at, end));
    else assign(session, key, value);
  });
  decodeBetween(from, document.length - END_BYTES);

  function decodeBetween(start: number, end: number): void {
    if (start === end) return;
    const data = decodeData(codec, joinElements([document.subarray(start, end)]));
    for (const [key, value] of Object.entries(data)) assign(session, key, value);
  }
}

function assign(session: BaseSession, key: string, value: unknown): void {
  // A name that is taken can only come from a document written by another version or hand: it is kept, not assigned.
  if (RESERVED_NAMES.has(key)) Object.defineProperty(session, key, plainProperty(value));
  else (session as unknown as Record<string, unknown>)[key] = value;
}
