/**
 * One request and its answer, as the core needs to see them. The bridges in `http/` implement it; the core never sees
 * a request object.
 */
export interface HttpExchange {
  /** The `Cookie` header as it came, undefined when there is none. */
  readonly cookieHeader: string | undefined;
  /** Whether the client speaks https, as far as the platform's own proxy settings trust what they are told. */
  readonly secure: boolean;
  /** The client's address, as far as the platform's own proxy settings trust what they are told. */
  readonly remoteAddress: string | undefined;
  /** A header of the request by its name in lower case; undefined when there is none, or more than one. */
  header(name: string): string | undefined;
  /** Whether the status line has left: from then on no cookie can be set. */
  readonly headersSent: boolean;
  /** Whether the client closed the connection before it got a header. */
  readonly isClientGone: boolean;
  /** Adds a `Set-Cookie` header beside those that others have set. Never called once `headersSent` is true. */
  addCookie(header: string): void;
  /** Sets a header of the answer. */
  setHeader(name: string, value: string): void;
  /** Adds `Cache-Control: private, no-store` to what is there, unless that says so already. */
  forbidCaching(): void;
  /** Adds the name of a request header to `Vary`. */
  varyBy(header: string): void;
  /** Turns an error into one that the framework answers with the right status and without details. */
  toFrameworkError(error: unknown): unknown;
}
