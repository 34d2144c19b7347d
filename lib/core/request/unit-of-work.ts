import { cookieFor } from '../token/request-cookie.js';
import { cookieSettings } from '../token/write-session-cookie.js';
import { SessionError } from '../errors.js';
import type { HttpExchange } from '../token/http-exchange.interface.js';
import { RequestSteps } from './request-steps.js';
import { LoginRefusal } from '../lifecycle/login-protocol.interface.js';
import type { CookieAction } from '../lifecycle/session-context.js';
import type { Registration } from './registration.js';
import { checkKey } from '../session/reserved-names.js';
import { BaseSession, RESERVED_NAMES, type SessionObject } from '../session/session.js';
import type { SessionState } from '../session/session-state.js';
import { assignKey, clearData, dataOf, refuseLateData, refuseLateOperation, showData } from '../session/shown-data.js';
import { type Modification, UNCHANGED, type ValueChange, changeUnsaved } from '../session/value-change.js';
import { type Kept, checkLogin, clearSiteDataHeader, keepOf, keepsEmpty } from '../session/operation-checks.js';
import type {
  CookieSettings,
  LoginOptions,
  LogoutOptions,
  RegenerateOptions,
  SaveOptions,
  SessionOperations,
} from '../session/session-operations.interface.js';
import { noClientError, refuseBeginning, refuseDetached, refuseUnsendable } from '../token/token-transport.js';

/** Called with what to keep of the stored data, and with what is kept of the data here. */
type Write = (keep: Kept, data: () => object) => Promise<CookieAction>;

/** One request's work on one session: its object, its steps, and what its cookie has to do. */
export class UnitOfWork implements SessionOperations {
  /** What the cookie has to do once the headers leave. */
  cookie: CookieAction;
  #session: BaseSession | undefined;
  #steps: RequestSteps | undefined;
  /** Whether this request has ended the session, and started no other. */
  #hasEnded = false;
  /** Whether a new token could not be sent although no header had left; a warning has said why. */
  #cannotSendToken = false;

  constructor(
    readonly state: SessionState,
    readonly registration: Registration,
    readonly exchange: HttpExchange,
  ) {}

  /** Created with the first step, which most requests don't have. */
  get steps(): RequestSteps {
    const { options, hooks } = this.registration;
    return (this.#steps ??= new RequestSteps(options.timeoutMs, hooks.log, this.exchange));
  }

  /** See `RequestSteps`. */
  get running(): Promise<void> | undefined {
    return this.#steps?.running;
  }

  /** The session, decoded when first asked for. */
  get session(): SessionObject<object> {
    if (!this.#session) this.#fill(new BaseSession(this.state, this));
    return this.#session!;
  }

  /** Whether there are changes that nothing saves, and that no warning has mentioned. */
  get hasUnsavedChanges(): boolean {
    if (this.running || this.#cannotSendToken) return false;
    return this.#session !== undefined && this.registration.committer.hasChanges(this.state, this.#session);
  }

  /**
   * The commit that is due; undefined if there is none. Throws if the data can't be stored. Nobody
   * asked for it, so `onInterrupted` says whether its loss fails the request.
   */
  prepare(): (() => Promise<void>) | undefined {
    const commit = this.#pendingCommit();
    const commitOrDrop = async () => {
      try {
        this.#note(await commit!());
      } catch (error) {
        const isLoss = error instanceof SessionError && error.code === 'SESSION_INTERRUPTED';
        if (!isLoss || this.registration.options.onInterrupted === 'throw') throw error;
      }
    };
    return commit && (() => this.#step(commitOrDrop));
  }

  hand<T>(operation: () => Promise<T>): Promise<T> {
    return this.steps.hand(operation);
  }

  save(options: SaveOptions): Promise<void> {
    return this.#step(async () => {
      if (keepsEmpty(options)) this.state.isKeptEmpty = true;
      if (this.state.isInterrupted) throw this.registration.context.interrupted(this.state);
      this.#note(await this.#pendingCommit()?.());
    });
  }

  touch(): Promise<void> {
    return this.#step(async () => this.#note(await this.registration.committer.touch(this.state)));
  }

  reload(): Promise<void> {
    return this.#step(async () => {
      await this.registration.manager.reload(this.state);
      clearData(this.session);
      this.#fill(this.session);
    });
  }

  destroy(): Promise<void> {
    return this.#step(() => this.steps.runTransition(this.state, () => this.#end()));
  }

  regenerate(options: RegenerateOptions | readonly string[]): Promise<void> {
    const regenerate: Write = (keep) => this.registration.manager.regenerate(this.state, keep);
    return this.#step(() => this.#renew('regenerate()', keepOf('regenerate', options), regenerate), true);
  }

  login(userId: unknown, options: LoginOptions): Promise<void> {
    return this.#step(async (deadline) => {
      const login = checkLogin(userId, options, this.now(), this.registration.options);
      await this.#renew('login()', keepOf('login', options), (keep, data) => {
        const canSend = this.registration.transport.canSend(this.exchange);
        return this.registration.logins.login(this.state, keep, login, { data, canSend, deadline });
      });
    }, true);
  }

  logout(options: LogoutOptions): Promise<void> {
    return this.#step(async () => {
      if (options.clearSiteData) refuseDetached(this.exchange, 'logout({ clearSiteData })');
      await this.steps.runTransition(this.state, () => this.#end());
      const header = clearSiteDataHeader(options);
      if (header !== undefined && !this.exchange.headersSent) this.exchange.setHeader('Clear-Site-Data', header);
    });
  }

  async #end(): Promise<void> {
    await this.registration.manager.destroy(this.state);
    this.#goOnBlank();
    this.#hasEnded = true;
  }

  #goOnBlank(): void {
    this.#note('clear');
    clearData(this.session);
  }

  #renew(operation: string, kept: Kept, write: Write): Promise<void> {
    return this.steps.runTransition(this.state, async () => {
      refuseUnsendable(this.exchange, operation);
      try {
        // Of a session that has ended, only what was set since can be kept.
        this.#note(await write(this.#hasEnded ? [] : kept, () => dataOf(this.session, kept)));
      } catch (error) {
        if (error instanceof LoginRefusal && error.hasRemoved) this.#goOnBlank();
        throw error;
      }
      this.#hasEnded = false;
      if (kept !== true) clearData(this.session, kept);
    });
  }

  async modify(key: string, change: ValueChange): Promise<Modification> {
    let done: Modification | undefined;
    await this.#step(async (deadline) => {
      // Every atomic operation goes through here. A stored key of such a name would hide a member.
      checkKey(key, RESERVED_NAMES);
      // What the handler has set is saved first, or the operation would not see it.
      this.#note(await this.#pendingCommit()?.());
      if (this.#hasEnded) refuseLateOperation(key);
      if (this.state.status === 'new' && this.exchange.isDetached) refuseBeginning(this.exchange);
      try {
        if (this.state.status === 'new') done = changeUnsaved(this.session, key, change);
        else done = await this.registration.values.modify(this.state, key, change, deadline);
      } finally {
        // In any case, what the store is known to have must not look changed by this request.
        if (this.state.status === 'stored')
          assignKey(this.session, key, this.registration.values.known(this.state, key));
        else if (done?.isChanged) assignKey(this.session, key, done.after);
      }
    });
    return done!;
  }

  async compareAndSet(key: string, expected: unknown, value: unknown): Promise<boolean> {
    const { values } = this.registration;
    const change: ValueChange = (present) => (values.isSame(present, expected) ? value : UNCHANGED);
    return (await this.modify(key, change)).isChanged;
  }

  setPermanent(permanent: boolean | number): void {
    if (this.exchange.isDetached) throw this.exchange.toFrameworkError(noClientError('permanent'));
    this.registration.manager.setPermanent(this.state, permanent);
  }

  get cookieSettings(): CookieSettings {
    return cookieSettings(cookieFor(this.registration.options.cookie, this.exchange), this.exchange.secure);
  }

  expiresAt(): number {
    return this.registration.context.expiryOf(this.state);
  }

  now(): number {
    return this.registration.context.now();
  }

  #pendingCommit(): (() => Promise<CookieAction>) | undefined {
    this.#steps?.throwFailure();
    if (this.#hasEnded) refuseLateData(this.session);
    if (this.#isBlank) return undefined;
    const canSend = this.registration.transport.canSend(this.exchange);
    const commit = this.registration.committer.prepare(this.state, this.#session, canSend);
    if (!commit || this.state.status !== 'new' || canSend) return commit;
    if (!this.#cannotSendToken) refuseBeginning(this.exchange);
    // A session whose token can't reach the client would be an orphan.
    this.registration.transport.warnWhyNotSent(this.exchange);
    this.#cannotSendToken = true;
    return undefined;
  }

  /** Whether there is clearly nothing to store, as for most visitors without a session. */
  get #isBlank(): boolean {
    return this.state.isBlank && (!this.#session || Object.keys(this.#session).length === 0);
  }

  #note(action: CookieAction): void {
    this.cookie = action ?? this.cookie;
  }

  #step(step: (deadline: number) => Promise<void>, replacesToken?: boolean): Promise<void> {
    return this.steps.run(async (deadline) => {
      try {
        await step(deadline);
      } finally {
        // A session that has ended elsewhere shows no data, as it shows no user.
        if (this.state.isInterrupted && this.#session) clearData(this.#session);
      }
    }, replacesToken);
  }

  /** While its data can't be decoded there is no session: an empty one would be saved. */
  #fill(session: BaseSession): void {
    const { context } = this.registration;
    this.#session = undefined;
    showData(session, this.state, context.codec, (warning) => context.warnOnce(warning));
    this.#session = session;
  }
}
