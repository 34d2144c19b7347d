import type { ServerResponse } from 'node:http';

/** Headers that sessions add to an answer. They are put in when the real `writeHead` comes, for that may replace what was set before. */
export class HeaderAdditions {
  // Made when they are needed: most answers get a `Vary` at most.
  #cookies: Map<object, string> | undefined;
  #set: Map<string, string> | undefined;
  #lists: { readonly name: string; readonly items: string[] }[] | undefined;

  get isEmpty(): boolean {
    return !this.#cookies && !this.#set && !this.#lists;
  }

  /** The cookie of `owner`, in place of an earlier one of its own. */
  setCookie(owner: object, header: string): void {
    (this.#cookies ??= new Map()).set(owner, header);
  }

  set(name: string, value: string): void {
    (this.#set ??= new Map()).set(name, value);
  }

  /** Adds items to a header that is a list, but for those that are there. */
  append(name: string, ...items: string[]): void {
    const list = this.#lists?.find((known) => known.name === name);
    if (!list) (this.#lists ??= []).push({ name, items });
    else for (const item of items) if (!list.items.includes(item)) list.items.push(item);
  }

  /**
   * Adds the headers to a call of `writeHead`, whose arguments it returns. Everyone else's `Set-Cookie` headers leave as they
   * would without us: those given to `writeHead` (an object, a flat array or pairs) stand in for those set before.
   */
  applyTo(response: ServerResponse, args: unknown[]): unknown[] {
    const [status, second, third] = args;
    const hasReason = typeof second === 'string';
    let cookies = response.getHeader('set-cookie');
    for (const [name, value] of entriesOf(third ?? (hasReason ? undefined : second))) {
      if (name.toLowerCase() === 'set-cookie') cookies = value;
      else response.setHeader(name, value);
    }
    const allCookies = [...listOf(cookies), ...(this.#cookies?.values() ?? [])];
    if (allCookies.length > 0) response.setHeader('Set-Cookie', allCookies);
    for (const [name, value] of this.#set ?? []) response.setHeader(name, value);
    for (const { name, items } of this.#lists ?? []) {
      const list = joined(response.getHeader(name), items);
      if (list !== undefined) response.setHeader(name, list);
    }
    this.clear();
    return hasReason ? [status, second] : [status];
  }

  clear(): void {
    this.#cookies = undefined;
    this.#set = undefined;
    this.#lists = undefined;
  }
}

type HeaderValue = number | string | string[];

/** The list with these items too; undefined when it has them already. */
function joined(header: HeaderValue | undefined, items: readonly string[]): string | undefined {
  if (header === undefined) return items.join(', ');
  const present = listOf(header)
    .join(', ')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
  const known = present.map((item) => item.toLowerCase());
  if (known.includes('*')) return undefined;
  const missing = items.filter((item) => !known.includes(item.toLowerCase()));
  return missing.length > 0 ? [...present, ...missing].join(', ') : undefined;
}

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
