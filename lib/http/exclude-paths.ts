import type { IncomingMessage } from 'node:http';

type Matcher = readonly [pattern: string, matches: (path: string) => boolean];

/** Finds the first pattern that a request's path matches, for the error that names it. */
export function excludeMatcher(
  patterns: readonly (string | RegExp)[],
): ((request: IncomingMessage) => string | undefined) | undefined {
  if (patterns.length === 0) return undefined;
  const matchers = patterns.map((pattern): Matcher => [String(pattern), matcherOf(pattern)]);
  return (request) => {
    const path = pathOf(request);
    return matchers.find(([, matches]) => matches(path))?.[0];
  };
}

function matcherOf(pattern: string | RegExp): (path: string) => boolean {
  if (typeof pattern === 'string') return (path) => matchesGlob(pattern.split('*'), path);
  // A copy: `g` and `y` make a RegExp remember where it stood, and the caller's is the caller's.
  const own = new RegExp(pattern);
  return (path) => {
    own.lastIndex = 0;
    return own.test(path);
  };
}

/** Without a RegExp, so that no pattern can be slow. */
function matchesGlob([first, ...rest]: string[], path: string): boolean {
  const last = rest.pop();
  if (last === undefined) return path === first;
  if (!path.startsWith(first!)) return false;
  let at = first!.length;
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return path.length - last.length >= at && path.endsWith(last);
}

/** The path that the router sees: of a mounted Express app the whole one, after any rewriting. */
function pathOf(request: IncomingMessage): string {
  const { url = '/', baseUrl, originalUrl } = request as IncomingMessage & { baseUrl?: unknown; originalUrl?: unknown };
  const whole = typeof baseUrl === 'string' ? baseUrl + url : typeof originalUrl === 'string' ? originalUrl : url;
  // A request may name the whole address, as it does to a proxy (RFC 9112, section 3.2.2).
  const path = whole.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#][^]*$/, '') || '/';
  try {
    // Escaped slashes stay what they are: they do not divide a path.
    return decodeURI(path);
  } catch {
    return path;
  }
}
