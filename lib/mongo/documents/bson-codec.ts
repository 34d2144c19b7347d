import type { mongo } from 'mongoose';
import type { BsonCodec } from '../../core/data/session-codec.interface.js';

/**
 * The driver's own BSON library: types of another major version of it can't be mixed with this
 * one's.
 */
export type BsonLibrary = typeof mongo.BSON;

/** Session data to bytes and back, as `BsonCodec` wants it. */
export class MongoBsonCodec implements BsonCodec {
  readonly #bson: BsonLibrary;

  constructor(bson: BsonLibrary) {
    this.#bson = bson;
  }

  serialize(document: Record<string, unknown>): Uint8Array {
    return this.#bson.serialize(document, { ignoreUndefined: true, checkKeys: false });
  }

  deserialize(bytes: Uint8Array): Record<string, unknown> {
    return this.#bson.deserialize(bytes, PLAIN_VALUES);
  }
}

/** Values as an app has them, without loss: a Long stays one. */
export const PLAIN_VALUES = {
  promoteValues: true,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
};

/**
 * The values as the bytes have them, to be written again by the driver: an Int32 stays one, a
 * Double stays one.
 */
export function decodeExactly(bson: BsonLibrary, bytes: Uint8Array): Record<string, unknown> {
  return bson.deserialize(bytes, {
    promoteValues: false,
    promoteLongs: false,
    promoteBuffers: false,
    bsonRegExp: true,
  });
}

/** Answers are read with these, whatever the app has set for its own documents. */
export const PLAIN_ANSWERS = {
  raw: false,
  promoteValues: true,
  promoteLongs: true,
  useBigInt64: false,
  ignoreUndefined: false,
};
