import { loggedErrors, SessionError } from '../errors.js';
import type { HttpExchange } from '../token/http-exchange.interface.js';
import { LoginRefusal } from '../lifecycle/login-protocol.interface.js';
import { OverdueError, SerialQueue } from '../lifecycle/serial-queue.js';
import { messageOf } from '../lifecycle/session-context.js';
import { ObservedPromise } from '../session/observed-promise.js';
import type { SessionState } from '../session/session-state.js';

/**
 * The steps of one request on its session: one after the other, however they were called. A failed
 * one does not stop the next.
 */
export class RequestSteps {
  readonly #queue = new SerialQueue();
  readonly #logged = new Set<string>();
  /** A step may still run, although its time is over. */
  #overdue: { error: unknown } | undefined;
  /** The last login or the like that was called and is not done. */
  #replacement: Promise<void> | undefined;
  /** Why the session could not be ended, or not be given its new token. */
  #failedTransition: { error: unknown } | undefined;

  constructor(
    private readonly timeoutMs: number,
    private readonly log: { error(message: string): void },
    private readonly exchange: Pick<HttpExchange, 'toFrameworkError'>,
  ) {}

  /**
   * The end of the steps that the handler has begun and not waited for; undefined when there is
   * none. Never rejects.
   */
  get running(): Promise<void> | undefined {
    return this.#overdue ? undefined : this.#queue.tail;
  }

  /** Whether a step was called that replaces the token, and is not done. */
  get isReplacingToken(): boolean {
    return this.#replacement !== undefined;
  }

  /** Throws what keeps the request from saving anything more. */
  throwFailure(): void {
    const failure = this.#overdue ?? this.#failedTransition;
    if (failure) throw failure.error;
  }

  /** @param step gets its deadline, by `performance.now()` */
  run(step: (deadline: number) => Promise<void>, replacesToken = false): Promise<void> {
    const deadline = performance.now() + this.timeoutMs;
    const taken = this.#queue.run(() => step(deadline), deadline);
    if (replacesToken) this.#noteReplacement(this.#queue.tail);
    return this.hand(() => taken.catch((error: unknown) => this.#refuse(error)));
  }

  #noteReplacement(replacement: Promise<void> | undefined): void {
    this.#replacement = replacement;
    void replacement?.then(() => {
      if (this.#replacement === replacement) this.#replacement = undefined;
    });
  }

  /**
   * Does what decides whose session it is. If that fails and is not made up for, nothing more is
   * saved and the request fails: else the answer would say that a session has ended which lives, or
   * what belongs to a login would go into the session before it.
   */
  async runTransition(state: SessionState, step: () => Promise<void>): Promise<void> {
    try {
      await step();
      this.#failedTransition = undefined;
    } catch (error) {
      if (isUndecided(state, error)) this.#failedTransition = { error };
      throw error;
    }
  }

  /** Runs what the app has asked for. A failure that nobody handles has its line in the log. */
  hand<T>(operation: () => Promise<T>): Promise<T> {
    return ObservedPromise.run(operation, (error) => this.logFailure(error));
  }

  /**
   * One line for failures of a request that are the same: what fails a step fails the answer too.
   */
  logFailure(error: unknown): void {
    const { cause } = error as { cause?: unknown };
    const failure = cause instanceof SessionError ? cause : error;
    const message = messageOf(failure);
    if (loggedErrors.has(failure as Error) || this.#logged.has(message)) return;
    this.#logged.add(message);
    this.log.error(`A session could not be saved: ${message}`);
  }

  #refuse(error: unknown): never {
    if (error instanceof OverdueError) this.#overdue ??= { error };
    if (!(error instanceof SessionError) || error.httpStatus === 503) this.logFailure(error);
    throw this.exchange.toFrameworkError(error);
  }
}

/**
 * A refused login has left a session that is known; a new one that the store has failed to add may
 * be there.
 */
function isUndecided({ status }: SessionState, error: unknown): boolean {
  if (error instanceof LoginRefusal) return false;
  return status === 'stored' || (error instanceof SessionError && error.httpStatus === 503);
}
