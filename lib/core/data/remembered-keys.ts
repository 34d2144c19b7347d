const MAX_REMEMBERED_KEYS = 2000;
const MAX_KEY_LENGTH = 100;

/**
 * Sessions use the same few keys again and again, so results for a key are worth caching. Keys may
 * come from users, so the cache is bounded. A full one begins anew: those that came first would
 * otherwise keep the app's own keys out for ever.
 */
export function mayRemember(known: { readonly size: number; clear(): void }, key: string): boolean {
  if (key.length > MAX_KEY_LENGTH) return false;
  if (known.size >= MAX_REMEMBERED_KEYS) known.clear();
  return true;
}
