import type { KeyObject } from 'node:crypto';
import type { DriverCollection } from './driver-types.js';

/** What another library knows of a session. */
export interface OldSession {
  readonly data: object;
  /**
   * How long the cookie outlives the browser, in milliseconds. Null: not at all. Absent: as a new
   * session's, see the option `permanent.always`.
   */
  readonly maxAge?: number | null | undefined;
  /**
   * When the session ends. Absent: it does not end by itself. Anything but a valid date: it can't
   * be decoded.
   */
  readonly expiresAt?: Date | undefined;
  readonly createdAt?: Date | undefined;
}

/** The request that brings an old cookie. */
export interface OldRequest {
  /** Whether the client uses https, as far as the platform trusts its proxy. */
  readonly secure: boolean;
  readonly remoteAddress: string | undefined;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
}

/** A cookie as the other library has set it. */
export interface OldCookie {
  readonly name: string;
  /** @default '/' */
  readonly path?: string;
  /** @default only the host that responds */
  readonly domain?: string;
}

/** Where a source has its documents, and how they are read. */
export interface DocumentSource {
  readonly collection: string | DriverCollection;
  readonly idField: string;
  /** The id in a cookie's value. Undefined: the value proves none. */
  readonly idOf: (value: string) => unknown;
  /** Undefined, and an error: it can't be decoded. */
  readonly decode: (document: Record<string, unknown>) => OldSession | undefined | Promise<OldSession | undefined>;
}

/** How a source reads sessions that are in the cookie itself. */
export interface SealedSource {
  /** Undefined, and an error: the values prove none. */
  readonly decode: (
    values: readonly string[],
    request: OldRequest,
  ) => OldSession | undefined | Promise<OldSession | undefined>;
}

/**
 * A source of the option `movingIn`, made by `fromConnectMongo()`, `fromDocuments()` or
 * `fromCookie()` of `nestjs-mongo-sessions/moving-in`.
 */
export interface SessionImporter {
  /** What has made it. */
  readonly from: 'fromConnectMongo' | 'fromDocuments' | 'fromCookie';
  /** The session's own cookie first. */
  readonly cookies: readonly OldCookie[];
  /** Two sources may not have a cookie's name and this in common. */
  readonly format: string;
  /** Newest first: the first one derives the new tokens. */
  readonly secrets: readonly KeyObject[];
  /** As given. */
  readonly until: string | Date;
  /** Whose session it is, by the old data. */
  readonly userId?: ((data: Record<string, unknown>) => unknown) | undefined;
  /** What is kept of the old data. Undefined: the session is not wanted. */
  readonly data?: ((data: Record<string, unknown>) => object | undefined | Promise<object | undefined>) | undefined;
  readonly stored: DocumentSource | SealedSource;
}
