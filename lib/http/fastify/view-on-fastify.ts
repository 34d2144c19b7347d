import type { IncomingMessage } from 'node:http';
import type { HttpAdapter, RequestView } from '../http-adapter.interface.js';

/**
 * The getters of the class of which Fastify makes its requests. It keeps that under a symbol of its
 * own.
 */
export function viewOnFastify(request: IncomingMessage, adapter: HttpAdapter): RequestView | undefined {
  const fastify = adapter.getInstance() as Record<symbol, { readonly prototype: object } | undefined>;
  const symbol = Object.getOwnPropertySymbols(fastify).find(({ description }) => description === 'fastify.Request');
  const prototype = symbol && fastify[symbol]?.prototype;
  return prototype && (Object.create(prototype, { raw: { value: request } }) as RequestView);
}
