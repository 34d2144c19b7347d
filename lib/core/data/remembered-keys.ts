const MAX_REMEMBERED_KEYS = 2000;
const MAX_KEY_LENGTH = 100;

/** Sessions use few keys again and again, so that what was found out about one is worth keeping. Bounded, as keys may come from users. */
export function mayRemember(known: { readonly size: number }, key: string): boolean {
  return known.size < MAX_REMEMBERED_KEYS && key.length <= MAX_KEY_LENGTH;
}
