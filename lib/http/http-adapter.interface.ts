import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Middleware as in Express, which Nest's Fastify adapter accepts too. The handshake of a socket has
 * no response: give `{}`.
 */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: Partial<ServerResponse>,
  next: (error?: Error) => void,
) => void;

/**
 * The part of a Nest HTTP adapter that is used here. The platform packages are never imported, not
 * even their types.
 */
export interface HttpAdapter {
  getType(): string;
  getInstance(): unknown;
  use(...handlers: unknown[]): unknown;
}

/** What a platform's own request says of a raw one. */
export interface RequestView {
  /** `https` or `http`. */
  readonly protocol?: unknown;
  readonly ip?: unknown;
  readonly host?: unknown;
}
