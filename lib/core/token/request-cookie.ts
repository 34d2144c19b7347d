import type { ResolvedCookieOptions } from './cookie-options.interface.js';
import type { HttpExchange } from './http-exchange.interface.js';

/** Of requests for which attributes were computed. */
const computed = new WeakMap<HttpExchange, ResolvedCookieOptions>();

/**
 * The cookie's options for one request. Functions among them are called once, so that the cookie is
 * read and sent under one name. Without a request, as in a job, they are as if left out.
 */
export function cookieFor(options: ResolvedCookieOptions, exchange: HttpExchange): ResolvedCookieOptions {
  if (!options.forRequest || !exchange.platformRequest) return options;
  let cookie = computed.get(exchange);
  if (!cookie) {
    cookie = options.forRequest(exchange.platformRequest, exchange.hostname);
    computed.set(exchange, cookie);
  }
  return cookie;
}
