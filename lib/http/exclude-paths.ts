import type { IncomingMessage } from 'node:http';

type Patterns = readonly (string | RegExp)[];
type Matcher = readonly [pattern: string, matches: (path: string) => boolean];
type FindPattern = (request: IncomingMessage) => string | undefined;

const compiled = new WeakMap<Patterns, FindPattern>();

/**
 * Returns the first pattern that matches a request's path, for the error that names it. Patterns
 * are compiled once, because each handshake asks for their matcher.
 */
export function excludeMatcher(patterns: Patterns): FindPattern | undefined {
  if (patterns.length === 0) return undefined;
  let find = compiled.get(patterns);
  if (!find) compiled.set(patterns, (find = compile(patterns)));
  return find;
}

function compile(patterns: Patterns): FindPattern {
  const matchers = patterns.map((pattern): Matcher => [String(pattern), matcherOf(pattern)]);
  return (request) => {
    const path = pathOf(request);
    return matchers.find(([, matches]) => matches(path))?.[0];
  };
}

function matcherOf(pattern: string | RegExp): (path: string) => boolean {
  if (typeof pattern === 'string') return (path) => matchesGlob(pattern.split('*'), path);
  // A copy: with `g` or `y` a RegExp has a state, which belongs to the caller.
  const own = new RegExp(pattern);
  return (path) => {
    own.lastIndex = 0;
    return own.test(path);
  };
}

/** No RegExp, so no pattern can be slow. */
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

/**
 * The path that the router sees. In a mounted Express app it is the whole path, after any
 * rewriting.
 */
function pathOf(request: IncomingMessage): string {
  const { url = '/', baseUrl, originalUrl } = request as IncomingMessage & { baseUrl?: unknown; originalUrl?: unknown };
  const whole = typeof baseUrl === 'string' ? baseUrl + url : typeof originalUrl === 'string' ? originalUrl : url;
  // A request may contain the whole address, as for a proxy (RFC 9112, section 3.2.2).
  const path = whole.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#][^]*$/, '') || '/';
  try {
    // Escaped slashes stay escaped, because they don't divide a path.
    return decodeURI(path);
  } catch {
    return path;
  }
}
