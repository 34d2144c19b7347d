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
 * The session of one request. Its data are its own plain properties: read, set and delete them, also deep inside; what
 * changed is found out and saved before the answer leaves. The members below are inherited, so that they appear in no
 * `Object.keys`, spread or JSON; their names can't be keys of data.
 */
export class BaseSession {
  readonly #state: SessionState;
  readonly #operations: SessionOperations;
  #cookie: SessionCookie | undefined;

  /** @internal An operation of ours on a session, run as its own are. */
  static run<T>(session: object, operation: () => Promise<T>): Promise<T> {
    return #operations in session ? session.#operations.hand(operation) : operation();
  }

  /** @internal What is known of a session; undefined for anything else. */
  static stateOf(session: unknown): SessionState | undefined {
    return typeof session === 'object' && session !== null && #state in session ? session.#state : undefined;
  }

  /** @internal */
  constructor(state: SessionState, operations: SessionOperations) {
    this.#state = state;
    this.#operations = operations;
  }

  /** Public name of the session in its present epoch, `<handle>.<epoch>`: another one after every `regenerate`. No secret. */
  get id(): string {
    return `${this.handle}.${this.#state.epoch}`;
  }

  /** Public name of the session for as long as it lives: the `_id` of its document. No secret. */
  get handle(): SessionHandle {
    return this.#state.token.handle;
  }

  /** Whose it is: what `login` was given; undefined before. */
  get userId(): SessionUserId | undefined {
    return copyUserId(this.#state.userId);
  }

  /** When that user has last proved who it is. */
  get authenticatedAt(): Date | undefined {
    return this.#state.authenticatedAt === undefined ? undefined : new Date(this.#state.authenticatedAt);
  }

  /** How it did, as `login` was told. */
  get amr(): readonly string[] | undefined {
    return Object.freeze(this.#state.amr);
  }

  /** Whether nothing of it is stored yet. */
  get isNew(): boolean {
    return this.#state.status === 'new';
  }

  get createdAt(): Date {
    return new Date(this.#state.createdAt);
  }

  /** When it ends if it is not used again. */
  get expiresAt(): Date {
    return new Date(this.#operations.expiresAt());
  }

  /** The cookie's persistence, in the words of other session libraries. */
  get cookie(): SessionCookie {
    return (this.#cookie ??= new SessionCookie(this.#state, this.#operations));
  }

  /** Whether it outlives the browser: false, or the milliseconds that it may stay idle. */
  get permanent(): number | false {
    return this.#state.permanent ?? false;
  }

  /** True: as long as the option `permanent.idleTimeout` says; a number: so many milliseconds; false: until the browser is closed. */
  set permanent(permanent: boolean | number) {
    this.#operations.setPermanent(permanent);
  }

  /** Saves what has changed so far, now. Needed only before a byte of a streamed answer leaves, or to handle a failure yourself. */
  save(options?: SaveOptions): Promise<void>;
  save(callback: Callback): void;
  save(options: SaveOptions, callback: Callback): void;
  save(options?: SaveOptions | Callback, callback?: Callback): Promise<void> | void {
    if (typeof options === 'function') return settle(this.#operations.save({}), options);
    return settle(this.#operations.save(options ?? {}), callback);
  }

  /** Reads the session again and drops every change that was not saved. Rejects with `SESSION_ENDED` if it is no more. */
  reload(): Promise<void>;
  reload(callback: Callback): void;
  reload(callback?: Callback): Promise<void> | void {
    return settle(this.#operations.reload(), callback);
  }

  /** Restarts the idle time, now. Reading the session does so by itself, at most once per tenth of the idle time. */
  touch(): Promise<void>;
  touch(callback: Callback): void;
  touch(callback?: Callback): Promise<void> | void {
    return settle(this.#operations.touch(), callback);
  }

  /** Ends the session for good, now, and removes the cookie. The object is empty afterwards; what is set then can't be saved. */
  destroy(): Promise<void>;
  destroy(callback: Callback): void;
  destroy(callback?: Callback): Promise<void> | void {
    return settle(this.#operations.destroy(), callback);
  }

  /**
   * Gives the session a new token, now; the old one is dead at once, and what other requests began with it can't be saved
   * any more. Call it whenever rights change. The object stays the same one; of the data only what `keep` says stays, or a list
   * of keys in place of the options. After `logout` or `destroy` it begins another session.
   */
  regenerate(options?: RegenerateOptions | readonly string[]): Promise<void>;
  regenerate(callback: Callback): void;
  regenerate(options: RegenerateOptions | readonly string[], callback: Callback): void;
  regenerate(options?: RegenerateOptions | readonly string[] | Callback, callback?: Callback): Promise<void> | void {
    if (typeof options === 'function') return settle(this.#operations.regenerate({}), options);
    return settle(this.#operations.regenerate(options ?? {}), callback);
  }

  /**
   * Says whose session it is from now on, and gives it a new token, now; both clocks restart. What was begun before can't be
   * saved into it any more, and of the data only what `keep` says stays. After `logout` it begins another session.
   */
  login(userId: SessionUserId, options?: LoginOptions): Promise<void>;
  login(userId: SessionUserId, callback: Callback): void;
  login(userId: SessionUserId, options: LoginOptions, callback: Callback): void;
  login(userId: SessionUserId, options?: LoginOptions | Callback, callback?: Callback): Promise<void> | void {
    if (typeof options === 'function') return settle(this.#operations.login(userId, {}), options);
    return settle(this.#operations.login(userId, options ?? {}), callback);
  }

  /** Ends the session for good, now, like `destroy()`, and tells the browser to forget what it is told to. */
  logout(options?: LogoutOptions): Promise<void>;
  logout(callback: Callback): void;
  logout(options: LogoutOptions, callback: Callback): void;
  logout(options?: LogoutOptions | Callback, callback?: Callback): Promise<void> | void {
    if (typeof options === 'function') return settle(this.#operations.logout({}), options);
    return settle(this.#operations.logout(options ?? {}), callback);
  }

  /**
   * Adds to a number, now and whatever others add at the same time; resolves with the sum. Where nothing is, it begins at 0.
   *
   * This and the operations below change one key in the store at once: of what parallel requests do to it, nothing is lost. What you
   * have set yourself so far is saved first.
   */
  increment(key: string, by = 1): Promise<number> {
    return this.#operations.hand(async () => (await this.#operations.modify(key, increaseBy(key, by))).after as number);
  }

  /** Appends to a list, now; with `max`, only so many of the last items stay. Resolves with the list. */
  push<T>(key: string, items: readonly T[], options: PushOptions = {}): Promise<T[]> {
    return this.#operations.hand(
      async () => (await this.#operations.modify(key, append(key, items, options))).after as T[],
    );
  }

  /** Removes a key, now, and resolves with its value: of several who ask at once, one gets it, the others undefined. */
  take<T = unknown>(key: string): Promise<T | undefined> {
    return this.#operations.hand(async () => (await this.#operations.modify(key, takeAway)).before as T | undefined);
  }

  /** Sets a key, now, if it holds just what is expected (undefined: nothing). False: it held something else, and stays. */
  compareAndSet(key: string, expected: unknown, value: unknown): Promise<boolean> {
    return this.#operations.hand(() => this.#operations.compareAndSet(key, expected, value));
  }

  /**
   * Sets a key, now, to what the function makes of its present value; it is called again if another request was quicker.
   * Resolves with the new value; rejects with `SESSION_CONTENDED` after so many retries.
   * @param options `retries`: 10 by default
   */
  update<T>(
    key: string,
    change: (present: T | undefined) => T | Promise<T>,
    options: { retries?: number } = {},
  ): Promise<T> {
    return this.#operations.hand(() => updateValue(this.#operations, key, change, options.retries));
  }

  /** @internal Is printed with its values, also those that nobody has asked for before. */
  [inspect.custom](): this {
    LazyValues.of(this)?.decodeAll();
    return this;
  }
}

/** The names that can't be keys of data. */
export const RESERVED_NAMES: ReadonlySet<string> = sealMembers(BaseSession, refuseReserved);

/**
 * The session of a request, with its data: what `@Session()` gives. The data are those that you have declared in `SessionData`,
 * or a type of your own: `SessionObject<Cart>`.
 */
export type SessionObject<T extends object = SessionData> = BaseSession & DataOf<T>;

/** Without the names of members: `session.userId = id` must not compile, even where the data declare such a key. */
type DataOf<T extends object> = { [Key in keyof T as Key extends keyof BaseSession ? never : Key]: T[Key] };
