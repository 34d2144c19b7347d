import type { IncomingMessage } from 'node:http';
import { DetachedExchange } from '../core/request/detached-exchange.js';
import type { Registration } from '../core/request/registration.js';
import type { HttpExchange } from '../core/token/http-exchange.interface.js';
import { NodeExchange, isSecure } from './node-exchange.js';
import { findOf } from './request-sessions.js';

/**
 * Whether a well-formed token came with a request of Express, Fastify or Node. Reads nothing from
 * the store.
 */
export function hasToken(registration: Registration, request: object): boolean {
  const mounted = findOf(request, registration);
  try {
    return (
      registration.transport.read(mounted instanceof NodeExchange ? mounted : exchangeOf(request)).tokens.length > 0
    );
  } catch {
    // A header that is too long is not looked at.
    return false;
  }
}

/** On an excluded path, or before the module has seen the request. */
function exchangeOf(request: object): HttpExchange {
  const raw = (request as { raw?: IncomingMessage }).raw ?? (request as IncomingMessage);
  const handshake = {
    headers: raw.headers,
    secure: isSecure(request, raw),
    remoteAddress: undefined,
    host: undefined,
  };
  return new DetachedExchange((error) => error, handshake);
}
