import type { IncomingMessage } from 'node:http';
import { DetachedExchange } from '../core/request/detached-exchange.js';
import type { Registration } from '../core/request/registration.js';
import type { HttpExchange } from '../core/token/http-exchange.interface.js';
import { NodeExchange } from './node-exchange.js';
import { findOf } from './request-sessions.js';
import { viewHandshake } from './view-handshake.js';

/**
 * Whether a well-formed token came with a request of Express, Fastify or Node. Reads nothing from
 * the store.
 */
export function hasToken(registration: Registration, request: object): boolean {
  const mounted = findOf(request, registration);
  try {
    const exchange = mounted instanceof NodeExchange ? mounted : exchangeOf(request, registration);
    return registration.transport.read(exchange).tokens.length > 0;
  } catch {
    // A header that is too long is not looked at.
    return false;
  }
}

/** On an excluded path, before the module has seen the request, or of a socket. */
function exchangeOf(request: object, registration: Registration): HttpExchange {
  const { raw = request } = request as { raw?: object };
  return new DetachedExchange((error) => error, viewHandshake(raw as IncomingMessage, registration));
}
