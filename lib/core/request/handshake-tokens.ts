import { isForeignOrigin } from '../token/origin.js';
import type { PresentedToken } from '../token/token-format.js';
import { DetachedExchange, type Handshake } from './detached-exchange.js';
import { excludedError } from './excluded-error.js';
import type { Registration } from './registration.js';

/**
 * The tokens of a handshake; none if a page of another site has opened the connection.
 * Throws `SESSION_EXCLUDED` and `SESSION_COOKIE_TOO_LONG`.
 */
export function readHandshakeTokens(registration: Registration, handshake: Handshake): readonly PresentedToken[] {
  const { context, options, transport } = registration;
  const { remoteAddress, excludedBy } = handshake;
  if (excludedBy !== undefined) throw excludedError(excludedBy);
  const { tokens, malformed } = transport.read(new DetachedExchange((error) => error, handshake));
  if (malformed !== undefined) context.reject('malformed', remoteAddress, malformed);
  // No browser sends a header of ours by itself.
  if (tokens.length === 0 || options.tokenHeader !== undefined) return tokens;
  if (!isForeign(handshake, options.sockets.origins)) return tokens;
  context.reject('origin', remoteAddress, tokens[0]!);
  return [];
}

function isForeign({ headers: { origin }, secure, host }: Handshake, allowed: readonly string[]): boolean {
  const own = `${secure ? 'https' : 'http'}://${host ?? ''}`;
  return isForeignOrigin(origin === undefined ? undefined : String(origin), own, allowed);
}
