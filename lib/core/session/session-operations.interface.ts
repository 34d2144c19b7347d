import type { Modification, ValueChange } from './value-change.js';

/** What `save` stores. */
export interface SaveOptions {
  /**
   * Stores a session without data, too, so that `session.id` of a first visitor stays what it is: for a CSRF token that is
   * bound to it. Every call for a visitor without a cookie stores a document: use it where a form is shown, not everywhere.
   * @default false
   */
  evenIfEmpty?: boolean;
}

/** What `regenerate` keeps of the data: nothing, everything, or the keys named. */
export interface RegenerateOptions {
  /** @default false */
  keep?: boolean | readonly string[];
}

/** What `login` keeps of the data, as `regenerate` does, and what it notes of the login. */
export interface LoginOptions extends RegenerateOptions {
  /** How the user has proved who it is: names of RFC 8176, such as `pwd`, `otp`, `hwk`. */
  amr?: readonly string[];
  /** The most sessions that this user may have, with this one. @default the option `maxSessions` */
  maxSessions?: number;
  /**
   * When the first factor was checked, if that was in an earlier request: a user whose sessions have been revoked since then is
   * refused. At most an hour ago, else the login rejects with `SESSION_LOGIN_REVOKED`.
   * @default when this request has arrived
   */
  since?: Date;
}

/** What `logout` asks of the browser beyond forgetting the cookie. */
export interface LogoutOptions {
  /**
   * Asks the browser to forget more than the cookie (`Clear-Site-Data`, https only): true for cache, cookies and storage.
   * @default false
   */
  clearSiteData?: boolean | readonly ('cache' | 'cookies' | 'storage' | '*')[];
}

/** The attributes that the session's cookie has in the answer to this request. */
export interface CookieSettings {
  readonly path: string;
  readonly domain?: string | undefined;
  readonly secure: boolean;
  readonly httpOnly: true;
  readonly sameSite: 'lax' | 'strict' | 'none';
  readonly partitioned: boolean;
  readonly priority?: 'low' | 'medium' | 'high' | undefined;
}

/** What a session asks of the request that it belongs to. */
export interface SessionOperations {
  /** Runs an operation for the app, and gives a promise whose rejection, where nobody handles it, is logged and ends nothing. */
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
