import type { IncomingMessage } from 'node:http';
import type { Handshake } from '../core/request/detached-exchange.js';
import { excludeMatcher } from './exclude-paths.js';
import { viewOnExpress } from './express/view-on-express.js';
import { viewOnFastify } from './fastify/view-on-fastify.js';
import type { Registration } from '../core/request/registration.js';
import type { HttpAdapter, RequestView } from './http-adapter.interface.js';

const adapters = new WeakMap<Registration, () => HttpAdapter | undefined>();

/**
 * @param adapterOf is called with each handshake, because a testing module gets its adapter late
 */
export function noteAdapter(registration: Registration, adapterOf: () => HttpAdapter | undefined): void {
  adapters.set(registration, adapterOf);
}

/**
 * A handshake as the platform's own proxy settings see it. Neither Express nor Fastify ever gets
 * the request of one, so their getters are asked about a raw request.
 */
export function viewHandshake(request: IncomingMessage, registration: Registration): Handshake {
  const received = asReceived(request);
  const { protocol, ip, host } = viewOn(received, adapters.get(registration)?.()) ?? {};
  const isEncrypted = (request.socket as { encrypted?: unknown }).encrypted === true;
  return {
    headers: request.headers,
    secure: typeof protocol === 'string' ? protocol === 'https' : isEncrypted,
    remoteAddress: typeof ip === 'string' ? ip : request.socket.remoteAddress,
    host: typeof host === 'string' ? host : received.headers.host,
    excludedBy: excludeMatcher(registration.options.exclude)?.(request),
  };
}

/**
 * Without headers that were added later. Mercurius adds what a client says in `connection_init`,
 * and a page of another site could say there which host was asked.
 */
function asReceived(request: IncomingMessage): IncomingMessage {
  const received = new Set(request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => received.has(name)));
  return Object.create(request, { headers: { value: headers } }) as IncomingMessage;
}

function viewOn(request: IncomingMessage, adapter: HttpAdapter | undefined): RequestView | undefined {
  if (!adapter) return undefined;
  if (adapter.getType() === 'fastify') return viewOnFastify(request, adapter);
  return adapter.getType() === 'express' ? viewOnExpress(request, adapter) : undefined;
}
