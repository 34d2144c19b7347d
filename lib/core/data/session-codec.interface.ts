/**
 * BSON, as the database's own library speaks it. A port, because the library's major version has to be the one of the
 * driver in use, which the adapter knows.
 */
export interface BsonCodec {
  /** One document to bytes. Keys with the value undefined are left out; key names are not checked. */
  serialize(document: Record<string, unknown>): Uint8Array;
  /**
   * Bytes to a document: numbers are JavaScript's, 64-bit integers are `Long`, binary is `Binary`, regular expressions are
   * `BSONRegExp`.
   */
  deserialize(bytes: Uint8Array): Record<string, unknown>;
}
