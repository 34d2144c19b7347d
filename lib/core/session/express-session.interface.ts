import type { Callback } from './callback.js';
import type { SessionData } from './session-data.interface.js';
import type { CookieSettings, RegenerateOptions, SaveOptions } from './session-operations.interface.js';

/** What can be assigned to a cookie's lifetime. Null and false: until the browser is closed. */
export type CookieLifetime = number | Date | null | undefined | false;

/** `session.cookie` of a face. Times are in milliseconds. */
export interface FaceSessionCookie extends CookieSettings {
  /** How long it lives from now on; null: until the browser is closed. */
  get maxAge(): number | null;
  set maxAge(maxAge: CookieLifetime);
  /** How long it lives from each use of the session on; null: until the browser is closed. */
  get originalMaxAge(): number | null;
  set originalMaxAge(maxAge: CookieLifetime);
  /** When it ends; null: with the browser. */
  get expires(): Date | null;
  set expires(expires: Date | null | undefined | false);
  /** All of its attributes. */
  readonly data: CookieSettings & { readonly originalMaxAge: number | null; readonly expires: Date | null };
  toJSON(): FaceSessionCookie['data'];
  /** A `Set-Cookie` header with its attributes. */
  serialize(name: string, value: string): string;
}

/** The members of `ExpressSession`. */
export interface ExpressSessionMembers {
  /** Public name of the session, as `sessionID`. No secret. */
  readonly id: string;
  get cookie(): FaceSessionCookie;
  /** Takes over how long the cookie of another face lasts, and nothing else of it. */
  set cookie(cookie: FaceSessionCookie);
  save(options?: SaveOptions): Promise<void>;
  save(callback: Callback): void;
  save(options: SaveOptions, callback: Callback): void;
  reload(): Promise<void>;
  reload(callback: Callback): void;
  /** Restarts the idle time. */
  touch(callback?: Callback): this;
  /** Restarts the idle time. */
  resetMaxAge(): this;
  /** Ends the session. `request.session` is undefined afterwards. */
  destroy(): Promise<void>;
  destroy(callback: Callback): void;
  /** Starts another session. `request.session` is another object afterwards. */
  regenerate(options?: RegenerateOptions | readonly string[]): Promise<void>;
  regenerate(callback: Callback): void;
  regenerate(options: RegenerateOptions | readonly string[], callback: Callback): void;
}

/**
 * `request.session` with `requestSession: 'express-session'`. The data are what you declared in
 * `SessionData`, or a type of your own: `ExpressSession<Cart>`.
 */
export type ExpressSession<T extends object = SessionData> = ExpressSessionMembers &
  Omit<T, keyof ExpressSessionMembers>;

/** `request.sessionStore` of a face. Its other methods fail with `SESSION_FACE_REFUSED`. */
export interface FaceStore {
  /** The data of a session, with its cookie; null: there is none. That is no use of it. */
  get(id: string, callback: (error: unknown, session?: object | null) => void): void;
  /** Ends a session. */
  destroy(id: string, callback?: (error?: unknown) => void): void;
  /** How many sessions have not ended. */
  length(callback: (error: unknown, length?: number) => void): void;
}

/** What a request has with `requestSession: 'express-session'`. */
export interface ExpressSessionRequest<T extends object = SessionData> {
  session: ExpressSession<T>;
  readonly sessionID: string;
  readonly sessionStore: FaceStore;
}
