import { readSessionCookies, sessionCookiesOf } from './read-session-cookie.js';
import { type PresentedToken, TokenFormat } from './token-format.js';
import { MAX_COOKIE_AGE_MS, clearCookieHeader, cookieName, setCookieHeader } from './write-session-cookie.js';
import { cookieFor } from './request-cookie.js';
import { SessionError } from '../errors.js';
import type { HttpExchange } from './http-exchange.interface.js';
import type { KeyObject } from 'node:crypto';
import type { ResolvedCookieOptions } from './cookie-options.interface.js';
import type { SessionToken } from './session-token.js';

/** The tokens of a request. */
export interface RequestTokens {
  readonly tokens: readonly PresentedToken[];
  /** What was sent instead of a token, if anything was. */
  readonly malformed?: string | undefined;
}

/** The options that say how a token travels; see `SessionOptions`. */
export interface TransportOptions {
  readonly name: string;
  readonly cookie: ResolvedCookieOptions;
  readonly secrets: readonly KeyObject[];
  readonly tokenHeader: string | undefined;
  readonly maxCookieHeader: number;
  readonly permanent: { readonly idleTimeout: number };
}

/**
 * How tokens travel between client and server: in the cookie, or in a header for clients without
 * cookies.
 */
export class TokenTransport {
  readonly #format: TokenFormat;
  /** The request header of the token, in lower case as Node has it. */
  readonly headerKey: string;

  constructor(
    private readonly options: TransportOptions,
    private readonly warnOnce: (message: string) => void,
  ) {
    this.#format = new TokenFormat(options.name, options.secrets);
    this.headerKey = this.headerName.toLowerCase();
    if (options.tokenHeader === undefined) this.#warnOfAge(options.permanent.idleTimeout);
  }

  /** The request header of the token. */
  get headerName(): string {
    return this.options.tokenHeader ?? 'Cookie';
  }

  /** Throws `SESSION_COOKIE_TOO_LONG`. */
  read(exchange: HttpExchange): RequestTokens {
    const { tokenHeader, maxCookieHeader } = this.options;
    if (tokenHeader !== undefined) {
      const value = exchange.header(tokenHeader);
      const token = value ? this.#format.read(value) : undefined;
      return token ? { tokens: [token] } : { tokens: [], malformed: value || undefined };
    }
    const { cookieHeader } = exchange;
    if (cookieHeader === undefined) return NOTHING;
    if (cookieHeader.length > maxCookieHeader) throw tooLong(cookieHeader.length, maxCookieHeader);
    const name = cookieName(this.#cookieFor(exchange), exchange.secure);
    const tokens = readSessionCookies(cookieHeader, name, this.#format);
    return tokens.length > 0 ? { tokens } : { tokens, malformed: sessionCookiesOf(cookieHeader, name) };
  }

  /** Whether a token can reach the client with this response. */
  canSend(exchange: HttpExchange): boolean {
    return !exchange.headersSent && !exchange.isClientGone && !this.#isForbidden(exchange);
  }

  /** Warns once if the cookie's own settings prevent it. */
  warnWhyNotSent(exchange: HttpExchange): void {
    if (!this.#isForbidden(exchange)) return;
    const cause = saysHttps(exchange)
      ? UNTRUSTED_PROXY
      : "the request came over http: use https, or `cookie.secure: 'auto'`";
    this.warnOnce(
      `The session cookie can not be sent, and no session begins: it is for https only (\`cookie.secure: true\`), and ${cause}.`,
    );
  }

  /** A browser would drop the cookie. */
  #isForbidden(exchange: HttpExchange): boolean {
    if (this.options.tokenHeader !== undefined || exchange.secure) return false;
    return this.#cookieFor(exchange).secure === true;
  }

  #cookieFor(exchange: HttpExchange): ResolvedCookieOptions {
    return cookieFor(this.options.cookie, exchange);
  }

  /** The request header that carries this token: its name and value. */
  requestHeader(token: SessionToken, secure: boolean): [name: string, value: string] {
    const { tokenHeader, cookie } = this.options;
    const value = this.#format.write(token);
    return tokenHeader === undefined ? ['cookie', `${cookieName(cookie, secure)}=${value}`] : [tokenHeader, value];
  }

  /**
   * @param maxAgeMs how long the cookie outlives the browser, in milliseconds; undefined: not at
   * all
   * @param expiresAt when it ends then, in milliseconds since 1970; undefined: `Max-Age` is enough
   */
  send(exchange: HttpExchange, token: SessionToken, maxAgeMs: number | undefined, expiresAt?: number): void {
    const { tokenHeader } = this.options;
    const value = this.#format.write(token);
    exchange.forbidCaching();
    if (tokenHeader !== undefined) return exchange.setHeader(tokenHeader, value);
    const cookie = this.#cookieFor(exchange);
    exchange.addCookie(setCookieHeader(cookie, exchange.secure, value, maxAgeMs, expiresAt));
    if (maxAgeMs !== undefined) this.#warnOfAge(maxAgeMs);
    if (cookie.secure === 'auto' && !exchange.secure && saysHttps(exchange)) this.warnOnce(UNPROTECTED);
  }

  /**
   * Called at start for the option, later for sessions with a lifetime of their own. The cookie's
   * age is clamped in either case.
   */
  #warnOfAge(milliseconds: number): void {
    if (milliseconds > MAX_COOKIE_AGE_MS) this.warnOnce(CLAMPED);
  }

  /** Tells the client to forget its token. */
  clear(exchange: HttpExchange): void {
    const { tokenHeader } = this.options;
    if (tokenHeader !== undefined) exchange.setHeader(tokenHeader, '');
    else exchange.addCookie(clearCookieHeader(this.#cookieFor(exchange), exchange.secure));
    exchange.forbidCaching();
  }
}

const CLAMPED =
  'A session may stay idle for longer than 400 days, but browsers keep no cookie longer (RFC 6265bis), so its Max-Age ends ' +
  "there. Set `permanent.idleTimeout`, or what `session.permanent` is given, to '400d' at most.";

const UNTRUSTED_PROXY =
  'X-Forwarded-Proto says https, but the proxy is not trusted: set `trust proxy` (Express) or `trustProxy` (Fastify) ' +
  "to its address, such as 'loopback' for one on the same host; a number trusts nobody on Fastify";

const UNPROTECTED = `The session cookie is sent without Secure, and without a prefix that protects its name: ${UNTRUSTED_PROXY}.`;

function saysHttps(exchange: HttpExchange): boolean {
  return exchange.header('x-forwarded-proto')?.startsWith('https') === true;
}

const NOTHING: RequestTokens = { tokens: [] };

function tooLong(length: number, limit: number): SessionError {
  return new SessionError(
    'SESSION_COOKIE_TOO_LONG',
    `The request's Cookie header has ${length} bytes, over the limit of ${limit}. Set fewer cookies, or raise \`maxCookieHeader\`.`,
  );
}

/** Throws if the new token of this operation could not reach the client. */
export function refuseUnsendable(exchange: HttpExchange, operation: string): void {
  const { isClientGone, headersSent } = exchange;
  refuseDetached(exchange, operation);
  if (isClientGone) throw clientGoneError(operation);
  if (headersSent) throw headersSentError(`Call ${operation} before the first byte.`);
}

/** Throws if there is no response that this operation could tell the client anything with. */
export function refuseDetached({ isDetached }: HttpExchange, operation: string): void {
  if (isDetached) throw noClientError(operation);
}

export function noClientError(operation: string): SessionError {
  const problem = `session.${operation} needs a response that carries a cookie, and a socket or a job has none.`;
  return new SessionError('SESSION_NO_CLIENT', `${problem} Let an HTTP route do it.`);
}

/** Throws if the token of a new session has no way to the client any more. */
export function refuseBeginning({ isDetached, isClientGone, headersSent }: HttpExchange): void {
  if (isDetached) throw new SessionError('SESSION_HEADERS_SENT', BEGIN_OVER_HTTP);
  if (isClientGone) throw clientGoneError('save()');
  if (headersSent) throw headersSentError('Put `await session.save()` before the first byte.');
}

const BEGIN_OVER_HTTP =
  'The client has no session, and a socket or a job can not begin one, because no response carries the cookie. Let an HTTP route do it.';

/**
 * Nobody would have the new token: a new session would stay unused, and an existing one would be
 * lost.
 */
function clientGoneError(operation: string): SessionError {
  return new SessionError(
    'SESSION_INTERRUPTED',
    `session.${operation} did nothing because the client closed the connection, so it can't get a new token. Stop the handler.`,
  );
}

function headersSentError(fix: string): SessionError {
  return new SessionError(
    'SESSION_HEADERS_SENT',
    `The new token can not be handed out after the headers have left. ${fix}`,
  );
}
