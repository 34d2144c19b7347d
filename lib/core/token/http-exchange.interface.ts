/**
 * A request and its response, as the core needs to see them. The adapters in `http/` implement it,
 * so the core never sees a request object.
 */
export interface HttpExchange {
  /** The `Cookie` header; undefined if there is none. */
  readonly cookieHeader: string | undefined;
  /** Whether the client uses https, as far as the platform's proxy settings trust the headers. */
  readonly secure: boolean;
  /** The client's address, as far as the platform's proxy settings trust the headers. */
  readonly remoteAddress: string | undefined;
  /** The header `User-Agent`; undefined if there is none, or more than one. */
  readonly userAgent: string | undefined;
  /**
   * A header of the request by its name in lower case; undefined if there is none, or more than
   * one.
   */
  header(name: string): string | undefined;
  /** The platform's own request, for functions of the app. Absent in a job. */
  readonly platformRequest?: object | undefined;
  /** The host that the client has asked for, without a port. */
  readonly hostname?: string | undefined;
  /** Whether the headers have been sent, so that no cookie can be set any more. */
  readonly headersSent: boolean;
  /**
   * Whether no response belongs to it, as for a message of a socket or a job: nothing can carry a
   * cookie.
   */
  readonly isDetached?: boolean;
  /** Called before changes are saved, because the app may have given up its session instead. */
  noteUnset?(): void;
  /** Whether the client closed the connection before it got a header. */
  readonly isClientGone: boolean;
  /**
   * Adds a `Set-Cookie` header to those of others. Never called when `headersSent` is true.
   * @param owner whose cookie it is: a later one replaces it. @default the session's token
   */
  addCookie(header: string, owner?: object): void;
  /** Sets a header of the response. */
  setHeader(name: string, value: string): void;
  /**
   * Adds `private, no-store` to `Cache-Control`, where it is missing, and removes what some caches
   * follow instead.
   */
  forbidCaching(): void;
  /** Adds the name of a request header to `Vary`. */
  varyBy(header: string): void;
  /**
   * Converts an error into one that the framework responds to with the right status and no details.
   */
  toFrameworkError(error: unknown): unknown;
}
