import { type KeyObject, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The id in a signed value (`id.signature`), by express-session's and @fastify/session's rules.
 * Undefined: none of the secrets has signed it.
 */
export function unsign(value: string, secrets: readonly KeyObject[]): string | undefined {
  const dot = value.lastIndexOf('.');
  if (dot < 1) return undefined;
  const id = value.slice(0, dot);
  const given = Buffer.from(value.slice(dot + 1));
  // All of them, so that the time tells nothing.
  const fits = secrets.map((secret) => isSignature(given, createHmac('sha256', secret).update(id).digest('base64')));
  return fits.includes(true) ? id : undefined;
}

function isSignature(given: Buffer, padded: string): boolean {
  const expected = Buffer.from(padded.replace(/=+$/, ''));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
