import { booleanAt, objectAt, optionError, refuseUnknown, withDefaults } from '../option-checks.js';
import { normalizeOrigin } from '../token/origin.js';
import type { ResolvedOptions } from './resolved-options.interface.js';
import { SocketOptions } from './socket-options.js';

/**
 * @param tokenHeader the header of the token: only browsers have an origin, and a browser sends no
 * such header
 */
export function resolveSockets(
  given: SocketOptions | undefined,
  tokenHeader: string | undefined,
): ResolvedOptions['sockets'] {
  const sockets = withDefaults(new SocketOptions(), objectAt('sockets', given));
  refuseUnknown('sockets.', sockets, Object.keys(new SocketOptions()));
  const origins = originsAt(sockets.origins);
  if (tokenHeader !== undefined && origins.length > 0) {
    const fix =
      'With `transport.header` no browser sends the token by itself, so origins are not checked. Leave it out.';
    throw optionError('sockets.origins', sockets.origins, fix);
  }
  const close = booleanAt('sockets.close', sockets.close);
  // An instance of the class has its defaults: nobody has said them by hand.
  const mustClose = given?.close === true && !(given instanceof SocketOptions);
  return Object.freeze({ close, mustClose, origins });
}

function originsAt(given: unknown): readonly string[] {
  const fix = "Give origins with their scheme and without a path, such as 'https://app.example.com'.";
  if (!Array.isArray(given)) throw optionError('sockets.origins', given, fix);
  return given.map((origin: unknown, index) => {
    const normalized = typeof origin === 'string' ? normalizeOrigin(origin) : undefined;
    if (normalized !== undefined) return normalized;
    throw optionError(`sockets.origins[${index}]`, origin, fix);
  });
}
