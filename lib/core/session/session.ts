import { inspect } from 'node:util';
import { type PushOptions, append, increaseBy, takeAway, updateValue } from './atomic-changes.js';
import { type Callback, settle } from './callback.js';
import { refuseReserved, sealMembers } from './reserved-names.js';
import { SessionCookie } from './session-cookie.js';
import type { SessionData } from './session-data.interface.js';
import type { SessionState } from './session-state.js';
import type { SessionHandle } from '../token/session-token.js';
import type {
  LoginOptions,
  LogoutOptions,
  RegenerateOptions,
  SaveOptions,
  SessionOperations,
} from './session-operations.interface.js';
import { LazyValues } from '../data/lazy-values.js';
import { type SessionUserId, copyUserId } from './user-id.js';

/**
 * The session of one request. Its data are plain properties: read, set and delete them, also deep
 * inside. What has changed is found out and saved before the response leaves. The members below are
 * inherited, so they appear in no `Object.keys`, spread or JSON, and their names can't be keys of
 * the data.
 */
export class BaseSession {
  readonly #state: SessionState;
  #operations: SessionOperations;
  #cookie: SessionCookie | undefined;

  /** @internal What a session asks its request to do; undefined for anything else. */
  static operationsOf(session: object): SessionOperations | undefined {
    return #operations in session ? session.#operations : undefined;
  }

  /** @internal What is known of a session; undefined for anything else. */
  static stateOf(session: unknown): SessionState | undefined {
    return typeof session === 'object' && session !== null && #state in session ? session.#state : undefined;
  }

  /** @internal */
  static useOperations(session: BaseSession, operations: SessionOperations): void {
    session.#operations = operations;
    session.#cookie = undefined;
  }

  /** @internal */
  constructor(state: SessionState, operations: SessionOperations) {
    this.#state = state;
    this.#operations = operations;
  }

  /** Public name until the next `login` or `regenerate`: `<handle>.<epoch>`. No secret. */
  get id(): string {
    return `${this.handle}.${this.#state.epoch}`;
  }

  /** Public name of the session for its whole life: the `_id` of its document. No secret. */
  get handle(): SessionHandle {
    return this.#state.token.handle;
  }

  /** The user whose session it is, as given to `login`; undefined before. */
  get userId(): SessionUserId | undefined {
    return copyUserId(this.#state.userId);
  }

  /** When the user last logged in with this session. */
  get authenticatedAt(): Date | undefined {
    return this.#state.authenticatedAt === undefined ? undefined : new Date(this.#state.authenticatedAt);
  }

  /** How the user proved who they are, as given to `login`. */
  get amr(): readonly string[] | undefined {
    return Object.freeze(this.#state.amr);
  }

  /** Whether the session is not stored yet. */
  get isNew(): boolean {
    return this.#state.status === 'new';
  }

  get createdAt(): Date {
    return new Date(this.#state.createdAt);
  }

  /** When the session ends if it is not used again. */
  get expiresAt(): Date {
    return new Date(this.#operations.expiresAt());
  }

  /** The cookie's lifetime, in the words of other session libraries. */
  get cookie(): SessionCookie {
    return (this.#cookie ??= new SessionCookie(this.#state, this.#operations));
  }

  /** Whether the session outlives the browser: false, or its idle time in milliseconds. */
  get permanent(): number | false {
    return this.#state.permanent ?? false;
  }

  /**
   * True: for the idle time of the option `permanent.idleTimeout`. A number: for that many
   * milliseconds. False: until the browser is closed.
   */
  set permanent(permanent: boolean | number) {
    this.#operations.setPermanent(permanent);
  }

  /**
   * Saves what has changed so far, now. You need it only before the first byte of a stream, or to
   * handle a failure yourself.
   */
  save(options?: SaveOptions): Promise<void>;
  save(callback: Callback): void;
  save(options: SaveOptions, callback: Callback): void;
  save(options?: SaveOptions | Callback, callback?: Callback): Promise<void> | void {
    if (typeof options === 'function') return settle(this.#operations.save({}), options);
    return settle(this.#operations.save(options ?? {}), callback);
  }

  /**
   * Reads the session again, without unsaved changes. Rejects with `SESSION_ENDED` if it has ended.
   */
  reload(): Promise<void>;
  reload(callback: Callback): void;
  reload(callback?: Callback): Promise<void> | void {
    return settle(this.#operations.reload(), callback);
  }

  /** Restarts the idle time, now. Requests do so by themselves, once per tenth of the idle time. */
  touch(): Promise<void>;
  touch(callback: Callback): void;
  touch(callback?: Callback): Promise<void> | void {
    return settle(this.#operations.touch(), callback);
  }

  /**
   * Ends the session for good, now, and removes the cookie. The object is empty afterwards, and
   * what you set then can't be saved.
   */
  destroy(): Promise<void>;
  destroy(callback: Callback): void;
  destroy(callback?: Callback): Promise<void> | void {
    return settle(this.#operations.destroy(), callback);
  }

  /**
   * Gives the session a new token, now. The old one stops working at once, and what other requests
   * started with it can't be saved. Call it whenever rights change. The object stays the same; of
   * the data only what `keep` names stays. After `logout` or `destroy` it starts another session.
   */
  regenerate(options?: RegenerateOptions | readonly string[]): Promise<void>;
  regenerate(callback: Callback): void;
  regenerate(options: RegenerateOptions | readonly string[], callback: Callback): void;
  regenerate(options?: RegenerateOptions | readonly string[] | Callback, callback?: Callback): Promise<void> | void {
    if (typeof options === 'function') return settle(this.#operations.regenerate({}), options);
    return settle(this.#operations.regenerate(options ?? {}), callback);
  }

  /**
   * Logs a user in, and gives the session a new token, now. Both clocks restart. What other
   * requests started with the old token can't be saved, and of the data only what `keep` names
   * stays. After `logout` it starts another session.
   */
  login(userId: SessionUserId, options?: LoginOptions): Promise<void>;
  login(userId: SessionUserId, callback: Callback): void;
  login(userId: SessionUserId, options: LoginOptions, callback: Callback): void;
  login(userId: SessionUserId, options?: LoginOptions | Callback, callback?: Callback): Promise<void> | void {
    if (typeof options === 'function') return settle(this.#operations.login(userId, {}), options);
    return settle(this.#operations.login(userId, options ?? {}), callback);
  }

  /** Ends the session for good, now, like `destroy()`. Can tell the browser to forget more. */
  logout(options?: LogoutOptions): Promise<void>;
  logout(callback: Callback): void;
  logout(options: LogoutOptions, callback: Callback): void;
  logout(options?: LogoutOptions | Callback, callback?: Callback): Promise<void> | void {
    if (typeof options === 'function') return settle(this.#operations.logout({}), options);
    return settle(this.#operations.logout(options ?? {}), callback);
  }

  /**
   * Adds to a number, now, whatever parallel requests add at the same time. Resolves with the sum.
   * A missing key counts as 0.
   *
   * This and the operations below change one key directly in the store, so parallel requests can't
   * overwrite each other's changes. What you have set before is saved first.
   */
  increment(key: string, by = 1): Promise<number> {
    return this.#operations.hand(async () => (await this.#operations.modify(key, increaseBy(key, by))).after as number);
  }

  /** Appends to a list, now, of which `max` keeps that many of the last items. Resolves with it. */
  push<T>(key: string, items: readonly T[], options: PushOptions = {}): Promise<T[]> {
    return this.#operations.hand(
      async () => (await this.#operations.modify(key, append(key, items, options))).after as T[],
    );
  }

  /**
   * Removes a key, now, and resolves with its value. If several requests ask at once, one gets the
   * value, the others undefined.
   */
  take<T = unknown>(key: string): Promise<T | undefined> {
    return this.#operations.hand(async () => (await this.#operations.modify(key, takeAway)).before as T | undefined);
  }

  /**
   * Sets a key, now, if it holds the expected value (undefined: no value). Resolves with false if
   * it holds another one.
   */
  compareAndSet(key: string, expected: unknown, value: unknown): Promise<boolean> {
    return this.#operations.hand(() => this.#operations.compareAndSet(key, expected, value));
  }

  /**
   * Sets a key, now, to what the function makes of its present value. The function is called again
   * if another request was faster. Resolves with the new value; rejects with `SESSION_CONTENDED`
   * after that many retries.
   * @param options `retries`: 10 by default
   */
  update<T>(
    key: string,
    change: (present: T | undefined) => T | Promise<T>,
    options: { retries?: number } = {},
  ): Promise<T> {
    return this.#operations.hand(() => updateValue(this.#operations, key, change, options.retries));
  }

  /** @internal Printed with all of its values, also those that are not decoded yet. */
  [inspect.custom](): this {
    LazyValues.of(this)?.decodeAll();
    return this;
  }
}

/** The names that can't be keys of data. */
export const RESERVED_NAMES: ReadonlySet<string> = sealMembers(BaseSession, refuseReserved);

/**
 * The session of a request, with its data: what `@Session()` gives. The data are what you declared
 * in `SessionData`, or a type of your own: `SessionObject<Cart>`.
 */
export type SessionObject<T extends object = SessionData> = BaseSession & DataOf<T>;

/** Without the names of members: `session.userId = id` must not compile. */
type DataOf<T extends object> = { [Key in keyof T as Key extends keyof BaseSession ? never : Key]: T[Key] };
