const MOST_KEYS = 2000;
const LONGEST_KEY = 100;

/** Sessions use few keys again and again, so that what was found out about one is worth keeping. Bounded, as keys may come from users. */
export function mayRemember(known: { readonly size: number }, key: string): boolean {
  return known.size < MOST_KEYS && key.length <= LONGEST_KEY;
}
