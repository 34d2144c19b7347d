import { textBetween, timeAt } from './bson-elements.js';

/** What is left to the BSON library. */
export const OTHER = Symbol('other');

/** Decoders put it where bytes are no UTF-8, which the library refuses. */
const REPLACEMENT = '\ufffd';

/**
 * The value of an element that holds no others, as most of a session's are. The library takes
 * longer to get going than this takes for all of them. Types: https://bsonspec.org/spec.html
 */
export function flatValueAt(bytes: Buffer, type: number, at: number, end: number): unknown {
  switch (type) {
    case 0x01: // double
      return bytes.readDoubleLE(at);
    case 0x02: {
      // string
      const text = textBetween(bytes, at + 4, end - 1);
      return text.includes(REPLACEMENT) ? OTHER : text;
    }
    case 0x08: // boolean
      return bytes[at]! > 1 ? OTHER : bytes[at] === 1;
    case 0x09: // date
      return new Date(timeAt(bytes, at));
    case 0x0a: // null
      return null;
    case 0x10: // 32-bit integer
      return bytes.readInt32LE(at);
    default:
      return OTHER;
  }
}
