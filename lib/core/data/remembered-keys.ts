const MAX_REMEMBERED_KEYS = 2000;
const MAX_KEY_LENGTH = 100;

/**
 * Sessions use the same few keys again and again, so results for a key are worth caching. Keys may
 * come from users, so the cache is bounded.
 */
export function mayRemember(known: { readonly size: number }, key: string): boolean {
  return known.size < MAX_REMEMBERED_KEYS && key.length <= MAX_KEY_LENGTH;
}
