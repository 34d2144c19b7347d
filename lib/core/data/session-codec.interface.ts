/**
 * The BSON library of the driver in use. A port, because only the adapter knows its major version.
 */
export interface BsonCodec {
  /** Encodes a document. Leaves out keys with the value undefined, and doesn't check names. */
  serialize(document: Record<string, unknown>): Uint8Array;
  /**
   * Decodes a document. Numbers become JavaScript's, 64-bit integers `Long`, binary `Binary`,
   * regular expressions `BSONRegExp`.
   */
  deserialize(bytes: Uint8Array): Record<string, unknown>;
}
