/**
 * A value, or a function of the request of Express, Fastify or Node, called at most once a request.
 * For a socket it gets an object with the handshake's `headers`. Annotate its parameter.
 */
export type OfRequest<T> = T | { of(request: object): T }['of'];

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
  secure?: OfRequest<'auto' | boolean> = 'auto';

  /**
   * Which requests of other sites carry the cookie. `'none'` needs `secure: true`. `'auto'`: all of
   * them where the cookie is Secure, otherwise as `'lax'`.
   * @default 'lax'
   */
  sameSite?: OfRequest<'auto' | 'lax' | 'strict' | 'none'> = 'lax';

  /**
   * Hosts below this domain get the cookie too. What a function returns must be the host's own
   * domain.
   * @default only the host that responds
   */
  domain?: OfRequest<string | undefined>;

  /** Only URLs below this path get the cookie. @default '/' */
  path?: OfRequest<string> = '/';

  /**
   * A separate cookie for each site that embeds yours (CHIPS). Needs `secure: true`.
   * @default false
   */
  partitioned?: boolean = false;

  /** Which cookies a full browser drops first (Chromium only). @default the browser's own choice */
  priority?: 'low' | 'medium' | 'high';
}
