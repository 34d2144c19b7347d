import { type PresentedToken, TokenFormat } from './token-format.js';

/**
 * A name comes more than once if cookies of several paths or hosts match. No browser sends more
 * than this.
 */
const MAX_CANDIDATES = 8;

/**
 * Every well-formed token under this name in a `Cookie` header, in the order of the header: the
 * most specific path first (RFC 6265, section 5.4). Malformed tokens are skipped, so they never
 * reach the store.
 */
export function readSessionCookies(
  header: string | undefined,
  name: string,
  format: TokenFormat = UNSIGNED,
): PresentedToken[] {
  const tokens: PresentedToken[] = [];
  if (header === undefined) return tokens;
  let at = header.indexOf(name);
  while (at !== -1 && tokens.length < MAX_CANDIDATES) {
    const end = header.indexOf(';', at);
    const equals = at + name.length;
    if (header.charCodeAt(equals) === EQUALS && startsPair(header, at)) {
      const token = format.read(unquote(header.slice(equals + 1, end === -1 ? undefined : end).trim()));
      if (token) tokens.push(token);
    }
    at = end === -1 ? -1 : header.indexOf(name, end);
  }
  return tokens;
}

/** All cookies of this name, well-formed or not, as one text; undefined if there are none. */
export function sessionCookiesOf(header: string, name: string): string | undefined {
  const pairs = header.split(';').filter((pair) => pair.trimStart().startsWith(`${name}=`));
  return pairs.length > 0 ? pairs.join(';') : undefined;
}

const UNSIGNED = new TokenFormat('', []);
const EQUALS = '='.charCodeAt(0);

/** Whether there are only blanks between here and the semicolon before. */
function startsPair(header: string, at: number): boolean {
  return header.slice(header.lastIndexOf(';', at) + 1, at).trim() === '';
}

function unquote(value: string): string {
  return value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
