import type { Callback } from './callback.js';
import type { FaceSessionCookie, FaceStore } from './express-session.interface.js';
import type { SessionData } from './session-data.interface.js';

type ValueOf<T, Key extends string> = Key extends keyof T ? T[Key] : unknown;

/** The members of `FastifySession`. */
export interface FastifySessionMembers<T extends object = SessionData> {
  /** Public name of the session. No secret. */
  readonly sessionId: string;
  /** Nobody is shown the token. */
  readonly encryptedSessionId: undefined;
  get cookie(): FaceSessionCookie;
  /** Takes over how long the cookie of another face lasts, and nothing else of it. */
  set cookie(cookie: FaceSessionCookie);
  /** A key of the data, also one with the name of a member. */
  get<Key extends string>(key: Key): ValueOf<T, Key>;
  /** Sets a key of the data; undefined removes it. */
  set<Key extends string>(key: Key, value: ValueOf<T, Key> | undefined): void;
  /** A copy of the data. */
  data(): Partial<T>;
  /** Restarts the idle time. */
  touch(): Promise<void>;
  save(): Promise<void>;
  save(callback: Callback): void;
  /** Reads the session again. `request.session` is another object afterwards. */
  reload(): Promise<void>;
  reload(callback: Callback): void;
  /** Ends the session. `request.session` is null afterwards. */
  destroy(): Promise<void>;
  destroy(callback: Callback): void;
  /**
   * Starts another session, with these keys of the data. `request.session` is another object
   * afterwards. The user of `login()` is gone.
   */
  regenerate(keys?: readonly string[]): Promise<void>;
  regenerate(callback: Callback): void;
  regenerate(keys: readonly string[], callback: Callback): void;
  /** Whether something has changed that is not saved. */
  isModified(): boolean;
  /** Whether the session is stored as it is here. */
  isSaved(): boolean;
}

/**
 * `request.session` with `requestSession: 'fastify-session'`. The data are what you declared in
 * `SessionData`, or a type of your own: `FastifySession<Cart>`.
 */
export type FastifySession<T extends object = SessionData> = FastifySessionMembers<T> &
  Omit<T, keyof FastifySessionMembers>;

/** What a request has with `requestSession: 'fastify-session'`. */
export interface FastifySessionRequest<T extends object = SessionData> {
  session: FastifySession<T>;
  readonly sessionStore: FaceStore;
}
