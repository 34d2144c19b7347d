/** The cookie that carries the token. It is always HttpOnly. */
export class SessionCookieOptions {
  /**
   * The cookie's name.
   * @default `'__Host-id'` on https, `'id'` on http. With a `domain` or `path` the prefix is
   * `__Secure-`. A registration with a `name` uses that name instead of `id`.
   */
  name?: string;

  /**
   * Whether the cookie is sent over https only. `'auto'` follows the protocol of the request, as
   * far as the platform trusts its proxy (Express `trust proxy`, Fastify `trustProxy`).
   * @default 'auto'
   */
  secure?: 'auto' | boolean = 'auto';

  /**
   * Which requests of other sites carry the cookie. `'none'` needs `secure: true`. @default 'lax'
   */
  sameSite?: 'lax' | 'strict' | 'none' = 'lax';

  /** Hosts below this domain get the cookie too. @default only the host that responds */
  domain?: string;

  /** Only URLs below this path get the cookie. @default '/' */
  path?: string = '/';

  /**
   * A separate cookie for each site that embeds yours (CHIPS). Needs `secure: true`.
   * @default false
   */
  partitioned?: boolean = false;

  /** Which cookies a full browser drops first (Chromium only). @default the browser's own choice */
  priority?: 'low' | 'medium' | 'high';
}
