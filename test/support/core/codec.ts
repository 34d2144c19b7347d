// The real BSON library behind the core's port, as the adapter wires it.
import mongoose from 'mongoose';
import { readElements } from '../../../lib/core/data/bson-elements.js';
import { decodeData } from '../../../lib/core/data/session-decoding.js';
import { type DataDiff, diffElements } from '../../../lib/core/data/session-diff.js';
import { type DataLimits, encodeData } from '../../../lib/core/data/session-encoding.js';
import { MAX_DEPTH } from '../../../lib/core/data/stored-values.js';
import { MongoBsonCodec } from '../../../lib/mongo/documents/bson-codec.js';

export const { BSON } = mongoose.mongo;
export const codec = new MongoBsonCodec(BSON);

export const LIMITS: DataLimits = { maxSize: 1024 * 1024, maxKeys: Infinity, maxDepth: MAX_DEPTH };

export function encode(data: object, maxSize = LIMITS.maxSize): Uint8Array {
  return encodeData(codec, data, { ...LIMITS, maxSize });
}

export function decode(bytes: Uint8Array): Record<string, unknown> {
  return decodeData(codec, bytes);
}

export function diffData(before: Uint8Array, after: Uint8Array): DataDiff | undefined {
  return diffElements(readElements(before), readElements(after));
}

export function roundTrip<T extends object>(data: T): T {
  return decode(encode(data)) as T;
}
