import { SessionError } from '../errors.js';

/**
 * What `regenerate` and `login` keep of the data: nothing, everything, or the keys named. Names may come from a request. A list
 * in place of the options is what @fastify/session takes, and libraries built on that.
 */
export function keepOf(options: unknown): boolean | readonly string[] {
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  const { keep = false } = (isObject ? options : { keep: options }) as { keep?: unknown };
  if (typeof keep === 'boolean' && isObject) return keep;
  // A copy, in which holes are values as well.
  const keys: unknown[] = Array.isArray(keep) ? [...(keep as unknown[])] : [undefined];
  if (keys.every((key) => typeof key === 'string')) return keys;
  throw new SessionError(
    'SESSION_VALUE_REFUSED',
    "`keep` is neither true, false nor a list of keys. Give the names of the keys to keep, such as ['cart'].",
  );
}

const EVERYTHING = ['cache', 'cookies', 'storage'];
const SITE_DATA = [...EVERYTHING, '*'];

/** The value of the header `Clear-Site-Data`, undefined for none. */
export function clearSiteDataHeader(given: unknown): string | undefined {
  if (given === false) return undefined;
  const types: unknown = given === true ? EVERYTHING : given;
  if (!Array.isArray(types) || !types.every((type) => SITE_DATA.includes(type as string))) {
    const known = SITE_DATA.map((type) => `'${type}'`).join(', ');
    throw new SessionError(
      'SESSION_VALUE_REFUSED',
      `logout() has ended the session, but \`clearSiteData\` is neither true, false nor a list of what a browser can clear. Give some of ${known}.`,
    );
  }
  return types.length > 0 ? types.map((type) => `"${type}"`).join(', ') : undefined;
}
