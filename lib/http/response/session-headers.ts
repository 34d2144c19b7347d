import type { ServerResponse } from 'node:http';

/** What some caches follow instead of `Cache-Control` (RFC 9213, and vendors' own names). */
export const TARGETED_CACHE_HEADERS: readonly string[] = [
  ...['cdn-cache-control', 'cloudflare-cdn-cache-control', 'netlify-cdn-cache-control', 'vercel-cdn-cache-control'],
  ...['surrogate-control', 'edge-control', 'x-litespeed-cache-control', 'x-accel-expires'],
];

/**
 * Headers that sessions add to a response. They are added when the real `writeHead` is called,
 * because that may replace headers that were set before.
 */
export class SessionHeaders {
  // Created when needed: most responses get a `Vary` at most.
  #cookies: Map<object, string> | undefined;
  #set: Map<string, { value: string; status: number | undefined }> | undefined;
  #lists: List[] | undefined;
  #forbidsCaching = false;

  get isEmpty(): boolean {
    return !this.#cookies && !this.#set && !this.#lists;
  }

  /** Sets the cookie of `owner`, which replaces an earlier one of the same owner. */
  setCookie(owner: object, header: string): void {
    (this.#cookies ??= new Map()).set(owner, header);
  }

  /**
   * @param status only for a response with this status, and only if nobody else has set the header
   */
  set(name: string, value: string, status?: number): void {
    (this.#set ??= new Map()).set(name, { value, status });
  }

  /**
   * Adds items to a header that is a list, unless they are there.
   *
   * @param name in lower case, as platforms keep it: converting it takes a good part of the time of
   * a session that is only read
   */
  append(name: string, ...items: string[]): void {
    const list = this.#lists?.find((known) => known.name === name);
    if (!list) (this.#lists ??= []).push({ name, items });
    else for (const item of items) if (!list.items.includes(item)) list.items.push(item);
  }

  /** Lets no cache keep the response, whatever was meant for that cache alone. */
  forbidCaching(): void {
    this.append('cache-control', 'private', 'no-store');
    this.#forbidsCaching = true;
  }

  /**
   * Adds the headers to a call of `writeHead`, and returns its arguments. `Set-Cookie` headers of
   * others are sent as they would be without us: those given to `writeHead` (an object, a flat
   * array or pairs) replace those set before.
   */
  applyTo(response: ServerResponse, args: unknown[]): unknown[] {
    const [status, second, third] = args;
    const hasReason = typeof second === 'string';
    const given = third ?? (hasReason ? undefined : second);
    if (this.#areIn(given)) return args;
    let cookies = response.getHeader('set-cookie');
    for (const [name, value] of entriesOf(given)) {
      if (name.toLowerCase() === 'set-cookie') cookies = value;
      else response.setHeader(name, value);
    }
    const allCookies = [...listOf(cookies), ...(this.#cookies?.values() ?? [])];
    // A single one as a text, as platforms set it themselves.
    if (allCookies.length > 0) response.setHeader('Set-Cookie', allCookies.length > 1 ? allCookies : allCookies[0]!);
    for (const [name, { value, status: only }] of this.#set ?? []) {
      if (only === undefined || (only === status && !response.hasHeader(name))) response.setHeader(name, value);
    }
    for (const { name, items } of this.#lists ?? []) {
      const present = response.getHeader(name);
      const list = joined(present, items);
      if (list !== present) response.setHeader(name, list);
    }
    if (this.#forbidsCaching) for (const name of TARGETED_CACHE_HEADERS) response.removeHeader(name);
    return hasReason ? [status, second] : [status];
  }

  /**
   * Adds the lists to the headers that the platform will give to `writeHead`. Node takes these as
   * they are, ten times as fast as if each were set.
   */
  addListsTo(reply: PlatformReply): void {
    for (const list of this.#lists ?? []) {
      const present = reply.getHeader(list.name);
      list.value = joined(present, list.items);
      if (list.value !== present) reply.header(list.name, list.value);
    }
  }

  /** Whether nothing else has to be added, and nobody has changed the lists since. */
  #areIn(headers: unknown): boolean {
    if (this.#cookies || this.#set || this.#forbidsCaching || !isRecord(headers)) return false;
    return this.#lists?.every(({ name, value }) => value !== undefined && headers[name] === value) ?? true;
  }

  /** Called when they have left: if Node refuses the call, they leave with the response to that. */
  clear(): void {
    this.#cookies = undefined;
    this.#set = undefined;
    this.#lists = undefined;
    this.#forbidsCaching = false;
  }
}

export type HeaderValue = number | string | string[];

/** A header that is a list. */
interface List {
  readonly name: string;
  readonly items: string[];
  /** The header's value after `addListsTo`. */
  value?: HeaderValue;
}

/** The part of Fastify's reply that is used here. */
interface PlatformReply {
  getHeader(name: string): HeaderValue | undefined;
  header(name: string, value: HeaderValue): unknown;
}

/** The header with these items; the same header if it has them already. */
function joined(header: HeaderValue | undefined, items: readonly string[]): HeaderValue {
  if (header === undefined) return items.length === 1 ? items[0]! : items.join(', ');
  const present = listOf(header)
    .join(', ')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
  const known = present.map((item) => item.toLowerCase());
  if (known.includes('*')) return header;
  const missing = items.filter((item) => !known.includes(item.toLowerCase()));
  return missing.length > 0 ? [...present, ...missing].join(', ') : header;
}

function isRecord(headers: unknown): headers is Readonly<Record<string, HeaderValue>> {
  return typeof headers === 'object' && headers !== null && !Array.isArray(headers);
}

/** A copy of arguments of `writeHead`, because the caller may change the object. */
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, header]) => [name, copyOf(header)]));
}

function entriesOf(headers: unknown): [name: string, value: HeaderValue][] {
  if (isRecord(headers)) return Object.entries(headers).filter(([name]) => name);
  if (!Array.isArray(headers)) return [];
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
