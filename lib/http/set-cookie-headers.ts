import type { ServerResponse } from 'node:http';

/**
 * Adds cookies to a call of `writeHead`, whose arguments it returns. Everyone else's `Set-Cookie` headers leave as they
 * would without us: those given to `writeHead` (an object, a flat array or pairs) stand in for those set before.
 */
export function addCookies(response: ServerResponse, args: unknown[], cookies: readonly string[]): unknown[] {
  const [status, second, third] = args;
  const hasReason = typeof second === 'string';
  const headers = third ?? (hasReason ? undefined : second);
  let others = response.getHeader('set-cookie');
  for (const [name, value] of entriesOf(headers)) {
    if (name.toLowerCase() === 'set-cookie') others = value;
    else response.setHeader(name, value);
  }
  response.setHeader('Set-Cookie', [...listOf(others), ...cookies]);
  return hasReason ? [status, second] : [status];
}

type HeaderValue = number | string | string[];

function entriesOf(headers: unknown): [name: string, value: HeaderValue][] {
  if (typeof headers !== 'object' || headers === null) return [];
  if (!Array.isArray(headers)) return Object.entries(headers as Record<string, HeaderValue>).filter(([name]) => name);
  const flat: unknown[] = Array.isArray(headers[0]) ? headers.flat() : headers;
  const grouped = new Map<string, [string, HeaderValue]>();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = String(flat[i]);
    const value = flat[i + 1] as HeaderValue;
    const before = grouped.get(name.toLowerCase());
    if (before) before[1] = [...listOf(before[1]), ...listOf(value)];
    else if (name) grouped.set(name.toLowerCase(), [name, value]);
  }
  return [...grouped.values()];
}

function listOf(value: HeaderValue | undefined): string[] {
  return value === undefined ? [] : typeof value === 'object' ? [...value] : [String(value)];
}
