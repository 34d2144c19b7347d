/** How the session's cookie is named and sent, after validation. */
export interface ResolvedCookieOptions {
  /** The cookie's name on https and on http. */
  readonly secureName: string;
  readonly plainName: string;
  readonly secure: 'auto' | boolean;
  readonly sameSite: 'auto' | 'lax' | 'strict' | 'none';
  readonly path: string;
  readonly domain?: string;
  readonly partitioned: boolean;
  readonly priority?: 'low' | 'medium' | 'high';
  /**
   * The same for one request, if some of it are functions of the request. Throws
   * `SESSION_OPTION_INVALID`.
   * @param hostname the host that the client has asked for, without a port
   */
  forRequest?(request: object, hostname: string | undefined): ResolvedCookieOptions;
}
