import type { IncomingMessage, ServerResponse } from 'node:http';

/** Express's kind of middleware, which Nest's Fastify adapter takes too. */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** As much of a Nest HTTP adapter as the bridges need; the platform packages are never imported, not even their types. */
export interface HttpAdapter {
  getType(): string;
  getInstance(): unknown;
  use(...handlers: unknown[]): unknown;
}
