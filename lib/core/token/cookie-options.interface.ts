/** How the session's cookie is named and sent, after validation. */
export interface ResolvedCookieOptions {
  /** The cookie's name on https and on http. */
  readonly secureName: string;
  readonly plainName: string;
  readonly secure: 'auto' | boolean;
  readonly sameSite: 'lax' | 'strict' | 'none';
  readonly path: string;
  readonly domain?: string;
  readonly partitioned: boolean;
  readonly priority?: 'low' | 'medium' | 'high';
}
