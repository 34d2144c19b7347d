/**
 * An origin in one spelling, or undefined for a text that is none: `null`, a list, an address with
 * a path. Other schemes than http and https are those of apps, such as `capacitor://localhost`.
 */
export function normalizeOrigin(text: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#@\\\s,]+$/i.test(text) || !URL.canParse(text)) return undefined;
  const { origin } = new URL(text);
  return origin === 'null' ? text.toLowerCase() : origin;
}

/**
 * Whether a browser page of another site has sent this. Browsers send the cookie with a handshake
 * from any site, and apply no CORS to it.
 * @param origin the header `Origin`; absent: no browser, or a request of the page's own host
 * @param own the origin of the host that was asked
 * @param allowed normalized
 */
export function isForeignOrigin(origin: string | undefined, own: string, allowed: readonly string[]): boolean {
  if (origin === undefined) return false;
  const normalized = normalizeOrigin(origin);
  return normalized === undefined || (normalized !== normalizeOrigin(own) && !allowed.includes(normalized));
}
