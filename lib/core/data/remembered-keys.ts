const MAX_REMEMBERED_KEYS = 2000;
const MAX_KEY_LENGTH = 100;

/**
 * Sessions use the same few keys again and again, so results for a key are worth caching. Keys may
 * come from users, so a cache is bounded: a full one is emptied, because those that came first
 * would otherwise keep the app's own keys out forever. False: this key is not worth it.
 */
export function makeRoom(cache: { readonly size: number; clear(): void }, key: string): boolean {
  if (key.length > MAX_KEY_LENGTH) return false;
  if (cache.size >= MAX_REMEMBERED_KEYS) cache.clear();
  return true;
}
