import { stringifySetCookie } from 'cookie';
import type { OldCookie } from '../options/session-importer.interface.js';
import type { ResolvedCookieOptions } from '../token/cookie-options.interface.js';
import { cookieName } from '../token/write-session-cookie.js';

/** A name comes more than once if cookies of several paths or hosts match. */
const MAX_CANDIDATES = 4;

/** The values of the cookies with this name, decoded, in the order of the header. */
export function valuesOf(header: string, name: string): string[] {
  if (!header.includes(`${name}=`)) return [];
  const values: string[] = [];
  for (const pair of header.split(';')) {
    const text = pair.trim();
    if (!text.startsWith(`${name}=`)) continue;
    const value = text.slice(name.length + 1);
    values.push(decode(value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value));
    if (values.length === MAX_CANDIDATES) break;
  }
  return values;
}

/** As text, where it is no percent encoding. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/**
 * The `Set-Cookie` header that removes it. Undefined if it is the session's own cookie, which gets
 * a new value.
 */
export function removalOf(
  { name, path = '/', domain }: OldCookie,
  own: ResolvedCookieOptions,
  secure: boolean,
): string | undefined {
  if (name === cookieName(own, secure) && path === own.path && domain === own.domain) return undefined;
  // Browsers refuse a cookie with such a name, and so its removal, without Secure.
  const needsSecure = /^__(host|secure)-/i.test(name);
  return stringifySetCookie({
    name,
    value: '',
    path,
    ...(domain !== undefined && { domain }),
    httpOnly: true,
    ...((secure || needsSecure) && { secure: true }),
    maxAge: 0,
    expires: new Date(0),
  });
}
