import type { Modification, ValueChange } from './value-change.js';

/** What `save` stores. */
export interface SaveOptions {
  /**
   * Stores a session without data too, so that `session.id` of a first visitor stays the same, for
   * a CSRF token that is bound to it. Each call for a visitor without a cookie stores a document:
   * use it where you show a form, not everywhere.
   * @default false
   */
  evenIfEmpty?: boolean;
}

/** What `regenerate` keeps of the data: nothing, everything, or the named keys. */
export interface RegenerateOptions {
  /** @default false */
  keep?: boolean | readonly string[];
}

/** What `login` keeps of the data, as for `regenerate`, and what it records about the login. */
export interface LoginOptions extends RegenerateOptions {
  /** How the user proved who they are: names of RFC 8176, such as `pwd`, `otp`, `hwk`. */
  amr?: readonly string[];
  /**
   * A name for the device, with the option `devices`: cut after 100 characters, without control
   * characters.
   * @default the name that it had, if the session was this user's already
   */
  label?: string;
  /** The most sessions that this user may have, with this one. @default the option `maxSessions` */
  maxSessions?: number;
  /**
   * When the first factor was checked, if that was in an earlier request. A user whose sessions
   * were revoked since then is refused with `SESSION_LOGIN_REVOKED`, as is a time of more than an
   * hour ago.
   * @default when this request arrived
   */
  since?: Date;
}

/** What `logout` asks the browser to forget, besides the cookie. */
export interface LogoutOptions {
  /**
   * Asks the browser to forget more than the cookie (`Clear-Site-Data`, https only). True: cache,
   * cookies and storage.
   * @default false
   */
  clearSiteData?: boolean | readonly ('cache' | 'cookies' | 'storage' | '*')[];
}

/** The attributes of the session's cookie in the response to this request. */
export interface CookieSettings {
  readonly path: string;
  readonly domain?: string | undefined;
  readonly secure: boolean;
  readonly httpOnly: true;
  readonly sameSite: 'lax' | 'strict' | 'none';
  readonly partitioned: boolean;
  readonly priority?: 'low' | 'medium' | 'high' | undefined;
}

/** What a session asks its request to do. */
export interface SessionOperations {
  /** Whose session it is. */
  readonly registration: { readonly options: { readonly name: string } };
  /** What it came with: a request or a message, whose framework has errors of its own. */
  readonly exchange: { toFrameworkError(error: unknown): unknown };
  /**
   * Runs an operation for the app. If nobody handles its rejection, it is logged, and ends nothing.
   */
  hand<T>(operation: () => Promise<T>): Promise<T>;
  save(options: SaveOptions): Promise<void>;
  reload(): Promise<void>;
  touch(): Promise<void>;
  destroy(): Promise<void>;
  regenerate(options: RegenerateOptions | readonly string[]): Promise<void>;
  login(userId: unknown, options: LoginOptions): Promise<void>;
  logout(options: LogoutOptions): Promise<void>;
  modify(key: string, change: ValueChange): Promise<Modification>;
  compareAndSet(key: string, expected: unknown, value: unknown): Promise<boolean>;
  setPermanent(permanent: boolean | number): void;
  readonly cookieSettings: CookieSettings;
  expiresAt(): number;
  now(): number;
}
