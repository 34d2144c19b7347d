import { loggedErrors, SessionError } from '../errors.js';
import type { HttpExchange } from '../token/http-exchange.interface.js';
import { isFace } from '../options/resolve-request-session.js';
import { messageOf } from '../lifecycle/session-context.js';
import type { SessionState } from '../session/session-state.js';
import type { Registration } from './registration.js';
import type { SessionObject } from '../session/session.js';
import type { RequestTokens } from '../token/token-transport.js';
import { showReadonly } from './show-readonly.js';
import { UnitOfWork } from './unit-of-work.js';

/**
 * One before the headers, and one for what has changed until the end. More are needed for a value
 * only that is another one each time it is encoded, and the response must not wait for ever.
 */
const MAX_COMMITS = 4;

/**
 * READ FIRST: a request's way through the library. The bridge calls `open` when the request comes,
 * the handler uses `session`, and the bridge calls `commit` before the first header leaves, and
 * again when the response has ended.
 */
export class RequestCycle {
  #work: UnitOfWork | undefined;
  #loadFailure: unknown;
  #failed = false;
  #isReadonly = false;
  #commitsLeft = MAX_COMMITS;
  /** Whether the client has sent anything in the token's place, even what opens nothing. */
  #hasToken = false;
  /**
   * `Set-Cookie` headers that remove the cookies of another library: they leave together with the
   * new token.
   */
  #removals: readonly string[] = [];
  constructor(
    private readonly registration: Registration,
    private readonly exchange: HttpExchange,
    /**
     * The time at which the session is used, however long the handler takes. A login in it is no
     * older than this.
     */
    private readonly arrivedAt = registration.context.now(),
  ) {}

  get name(): string {
    return this.registration.options.name;
  }

  /**
   * Reads the session that the cookie names. Undefined when there can be none, without having asked
   * the store. Never rejects.
   */
  open(): Promise<void> | undefined {
    const { registration, exchange } = this;
    let brought: RequestTokens;
    try {
      brought = registration.transport.read(exchange);
    } catch (error) {
      this.#loadFailure = error;
      return undefined;
    }
    if (brought.malformed !== undefined)
      registration.context.reject('malformed', exchange.remoteAddress, brought.malformed);
    this.#hasToken = brought.tokens.length > 0 || brought.malformed !== undefined;
    if (brought.tokens.length === 0) return this.#moveIn();
    return registration.manager.load(brought.tokens, exchange.remoteAddress, this.arrivedAt).then(
      (state) => {
        if (state) this.#work = this.#workOn(state);
        return state ? undefined : this.#moveIn();
      },
      (error: unknown) => this.#noteLoadFailure(error),
    );
  }

  /** Takes over the session of another library, if the request brings its cookie. Never rejects. */
  #moveIn(): Promise<void> | undefined {
    return this.registration.mover?.moveIn(this.exchange, this.arrivedAt)?.then(
      ({ state, removals }) => {
        this.#removals = removals;
        if (!state) return this.#removeOldCookies();
        this.#work = this.#workOn(state);
        this.#work.cookie = 'refresh';
      },
      (error: unknown) => this.#noteLoadFailure(error),
    );
  }

  #noteLoadFailure(error: unknown): void {
    if (!loggedErrors.has(error as Error))
      this.registration.hooks.log.error(`A session could not be read: ${messageOf(error)}`);
    this.#loadFailure = error;
  }

  #removeOldCookies(): void {
    const { exchange } = this;
    if (exchange.headersSent || this.#removals.length === 0) return;
    for (const removal of this.#removals) exchange.addCookie(removal, { of: removal });
    this.#removals = [];
    exchange.forbidCaching();
  }

  /** The session. Throws if the store could not be read: only who needs the session then fails. */
  get session(): SessionObject<object> {
    if (!this.exchange.headersSent) this.exchange.varyBy(this.registration.transport.headerName);
    if (this.#loadFailure) throw this.exchange.toFrameworkError(this.#loadFailure);
    this.#work ??= this.#workOn(this.registration.context.newState(this.arrivedAt));
    return this.#work.session;
  }

  /**
   * From now on the session can only be read, and this request is no use of it. Saves what has
   * changed before; rejects as `commit` does.
   */
  async makeReadonly(): Promise<void> {
    // Throws if there is none.
    void this.session;
    const work = this.#work!;
    if (this.#isReadonly) return;
    work.state.stopUse();
    await this.commit();
    this.#isReadonly = true;
    showReadonly(work, this.registration.context);
  }

  /**
   * Commits what has changed, then sends the cookie. Undefined when nothing has to be written,
   * which is known without waiting. Rejects with the framework's error if the commit fails; later
   * calls then do nothing, so that the error's own answer can leave. It takes along the cookie of
   * what was acknowledged before, such as a login.
   */
  commit(): Promise<void> | undefined {
    const work = this.#work;
    if (!work || this.#failed) return undefined;
    const { running } = work;
    if (running) return running.then(() => this.commit());
    if (this.#isReadonly) return this.#sendCookie(work);
    try {
      this.exchange.noteUnset?.();
      const commit = work.state.endsWithRequest ? () => work.destroy() : work.prepare();
      return commit && this.#commitsLeft-- > 0
        ? commit().then(
            () => this.#sendCookie(work),
            (error: unknown) => this.#fail(error),
          )
        : this.#sendCookie(work);
    } catch (error) {
      void this.abandon();
      if (error instanceof SessionError && error.code === 'SESSION_HEADERS_SENT')
        return this.registration.context.warnOnce(error.message);
      // Nobody is left who could be told, and nothing was lost that anyone could use.
      if (this.exchange.isClientGone && error instanceof SessionError && error.code === 'SESSION_INTERRUPTED') {
        return undefined;
      }
      work.steps.logFailure(error);
      return Promise.reject(this.exchange.toFrameworkError(error));
    }
  }

  /**
   * Saves nothing more. The client gets the token that the store has acknowledged, for the one
   * before it may be dead. Undefined unless one may still come, for which the response has to wait.
   */
  abandon(): Promise<void> | undefined {
    this.#failed = true;
    const work = this.#work;
    if (!work) return undefined;
    return work.running ? work.running.then(() => this.abandon()) : this.#sendCookie(work);
  }

  /**
   * Whether the session was changed after the last `commit`. What that could not save has been
   * logged.
   */
  get hasUnsavedChanges(): boolean {
    return !this.#failed && !this.#isReadonly && this.#work?.hasUnsavedChanges === true;
  }

  /** Whether an operation is in flight whose token has to be sent with the headers. */
  get hasTokenComing(): boolean {
    const work = this.#work;
    return work?.running !== undefined && (work.steps.isReplacingToken || work.state.status === 'new');
  }

  #workOn(state: SessionState): UnitOfWork {
    const { registration, exchange } = this;
    if (registration.options.devices) state.client = exchange;
    return new UnitOfWork(state, registration, exchange);
  }

  #sendCookie({ cookie, state }: UnitOfWork): undefined {
    const { exchange } = this;
    const { context, transport } = this.registration;
    if (!cookie || exchange.headersSent) return;
    this.#work!.cookie = undefined;
    // Instead of a newer token, an old one would soon log the client out.
    if (cookie === 'refresh' && state.hasNewerToken) return;
    if (cookie === 'clear') {
      this.#removeOldCookies();
      if (this.#hasToken) transport.clear(exchange);
      return;
    }
    // A session that has ended since leaves the cookie alone: the browser may hold a newer one
    // already.
    if (state.status !== 'stored') return;
    const expiresAt = context.expiryOf(state);
    const maxAgeMs = state.permanent === undefined ? undefined : expiresAt - context.now();
    const isFaced = isFace(this.registration.options.requestSession.as);
    transport.send(exchange, state.token, maxAgeMs, isFaced ? expiresAt : undefined);
    this.#removeOldCookies();
  }

  async #fail(error: unknown): Promise<never> {
    await this.abandon();
    throw error;
  }
}
