import type { OldRequest, OldSession, SessionImporter } from '../core/options/session-importer.interface.js';
import { type CookieOption, type ImporterOptions, commonOptions, functionAt } from './importer-options.js';

/** What `fromCookie()` needs to know of the old app. */
export interface CookieOptions extends ImporterOptions {
  /**
   * The cookie; of a browser's own, because it holds a random nonce. Or several that belong
   * together: the one with the data first, then what signs it. Such data may be those of many
   * browsers, so each browser gets a session of its own, unless `userId` says whose they are.
   */
  readonly cookie: CookieOption | readonly CookieOption[];
  /**
   * Opens the cookies' values, which are decoded, with the library that has sealed them. A value
   * that is missing is empty. Undefined, and an error: the values prove no session. Accept one
   * spelling of a seal only: another one would be taken for another session.
   */
  readonly decode: (
    values: readonly string[],
    request: OldRequest,
  ) => OldSession | undefined | Promise<OldSession | undefined>;
}

/**
 * Sessions that are in the cookie itself: of cookie-session, @fastify/secure-session or
 * iron-session. For the option `movingIn`. `secrets`: a text of 32 characters that nobody can
 * guess; it derives the new tokens, and opens no cookie.
 *
 * @throws `SESSION_OPTION_INVALID`
 */
export function fromCookie(options: CookieOptions): SessionImporter {
  const common = commonOptions('fromCookie', options, ['decode']);
  const { decode } = options;
  functionAt('fromCookie.decode', decode, true);
  return Object.freeze({ ...common, format: 'cookie', stored: { decode } } satisfies SessionImporter);
}
