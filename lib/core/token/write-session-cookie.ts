import { stringifySetCookie } from 'cookie';
import type { ResolvedCookieOptions } from './cookie-options.interface.js';

/** Browsers keep no cookie longer (RFC 6265bis, section 5.5). */
export const MAX_COOKIE_AGE_MS = 400 * 86_400_000;

/** The cookie's name for a request: browsers drop a prefixed name without Secure. */
export function cookieName(options: ResolvedCookieOptions, secure: boolean): string {
  return isSecure(options, secure) ? options.secureName : options.plainName;
}

/**
 * The `Set-Cookie` header that sends a token.
 * @param maxAgeMs how long the cookie outlives the browser, in milliseconds; undefined: not at all
 * @param expiresAt when it ends then, in milliseconds since 1970, for an `Expires` beside `Max-Age`
 */
export function setCookieHeader(
  options: ResolvedCookieOptions,
  secure: boolean,
  value: string,
  maxAgeMs: number | undefined,
  expiresAt?: number,
): string {
  if (maxAgeMs === undefined) return stringifySetCookie({ ...attributes(options, secure), value });
  const maxAge = Math.max(0, Math.ceil(Math.min(maxAgeMs, MAX_COOKIE_AGE_MS) / 1000));
  const excess = Math.max(0, maxAgeMs - MAX_COOKIE_AGE_MS);
  const expires = expiresAt === undefined ? undefined : new Date(expiresAt - excess);
  return stringifySetCookie({ ...attributes(options, secure), value, maxAge, ...(expires && { expires }) });
}

/**
 * The `Set-Cookie` header that removes the cookie. It has the same attributes, or the browser would
 * take it for another cookie.
 */
export function clearCookieHeader(options: ResolvedCookieOptions, secure: boolean): string {
  return stringifySetCookie({ ...attributes(options, secure), value: '', maxAge: 0, expires: new Date(0) });
}

function isSecure(options: ResolvedCookieOptions, secure: boolean): boolean {
  return options.secure === 'auto' ? secure : options.secure;
}

function attributes(options: ResolvedCookieOptions, secure: boolean) {
  const { partitioned, ...settings } = cookieSettings(options, secure);
  return { name: cookieName(options, secure), ...settings, ...(partitioned && { partitioned }) };
}

/** The attributes of the cookie in the response to a request. */
export function cookieSettings(options: ResolvedCookieOptions, secure: boolean) {
  const { path, domain, partitioned, priority } = options;
  const isSecureOnly = isSecure(options, secure);
  // Without Secure, browsers drop SameSite=None.
  const sameSite =
    options.sameSite === 'auto' ? (isSecureOnly ? ('none' as const) : ('lax' as const)) : options.sameSite;
  return {
    path,
    sameSite,
    httpOnly: true as const,
    secure: isSecureOnly,
    partitioned,
    ...(domain !== undefined && { domain }),
    ...(priority !== undefined && { priority }),
  };
}
