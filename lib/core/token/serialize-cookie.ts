import { type SetCookie, stringifySetCookie } from 'cookie';

/** A `Set-Cookie` header of somebody else's cookie. Throws a TypeError for what can't be in one. */
export function serializeCookie(cookie: SetCookie): string {
  return stringifySetCookie(cookie);
}
