/**
 * A browser as far as cookies go: it keeps what it is given and sends it back. Built on `fetch`;
 * redirects are not followed.
 */
export class SessionClient {
  /** Cookies by name. */
  readonly cookies = new Map<string, string>();
  /** Headers that go with every request, such as the token's where it travels in one. */
  readonly headers: Headers = new Headers();

  /** @param origin where the app listens: `await app.getUrl()` */
  constructor(readonly origin: string) {}

  get(path: string, init: RequestInit = {}): Promise<Response> {
    return this.request(path, init);
  }

  /** Sends the body as JSON. */
  post(path: string, body: unknown = {}, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('content-type', 'application/json');
    return this.request(path, { method: 'POST', ...init, headers, body: JSON.stringify(body) });
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers([...this.headers, ...new Headers(init.headers)]);
    const cookie = cookieHeader(this.cookies);
    if (cookie && !headers.has('cookie')) headers.set('cookie', cookie);
    const response = await fetch(new URL(path, this.origin), { redirect: 'manual', ...init, headers });
    keepCookies(this.cookies, response.headers.getSetCookie());
    return response;
  }
}

/** The header `Cookie` with these. */
export function cookieHeader(cookies: ReadonlyMap<string, string>): string {
  return Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ');
}

/** What a browser does with the `Set-Cookie` headers of a response. */
export function keepCookies(cookies: Map<string, string>, headers: readonly string[]): void {
  for (const header of headers) {
    const [pair = '', ...attributes] = header.split(';');
    const name = pair.slice(0, pair.indexOf('=')).trim();
    if (hasExpired(attributes)) cookies.delete(name);
    else cookies.set(name, pair.slice(pair.indexOf('=') + 1));
  }
}

/** As of the machine's clock: a browser knows nothing of a TestClock. */
function hasExpired(attributes: readonly string[]): boolean {
  const pairs = attributes.map((attribute) => attribute.trim().split('='));
  const named = (wanted: string) => pairs.find(([name]) => name?.toLowerCase() === wanted)?.[1];
  const maxAge = named('max-age');
  return maxAge === undefined ? Date.parse(named('expires') ?? '') <= Date.now() : Number(maxAge) <= 0;
}
