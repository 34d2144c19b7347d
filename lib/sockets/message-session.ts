import { DetachedExchange } from '../core/request/detached-exchange.js';
import type { Registration } from '../core/request/registration.js';
import type { SessionAccess } from '../core/request/session-access.interface.js';
import { showReadonly } from '../core/request/show-readonly.js';
import { UnitOfWork } from '../core/request/unit-of-work.js';
import type { SessionObject } from '../core/session/session.js';
import type { SessionState } from '../core/session/session-state.js';
import type { SocketBinding } from './socket-binding.js';

/** What a framework makes of the errors of a message. */
export interface ErrorConversion {
  /** Has to be done before the first error. */
  load?(): Promise<void>;
  convert(error: unknown): unknown;
}

/**
 * The session of one message. All who handle the message share it; the next message has another.
 */
export class MessageSession implements SessionAccess {
  #work: UnitOfWork | undefined;
  #failure: { readonly error: unknown } | undefined;
  #loading: Promise<void> | undefined;
  #isReadonly = false;
  #isUse = true;
  readonly #exchange: DetachedExchange;
  readonly #arrivedAt: number;

  constructor(
    readonly registration: Registration,
    readonly binding: SocketBinding,
    private readonly errors: ErrorConversion,
  ) {
    this.#exchange = new DetachedExchange((error) => errors.convert(error), binding.handshake);
    this.#arrivedAt = registration.context.now();
  }

  load(): Promise<void> {
    return (this.#loading ??= this.#open().then(
      (state) => {
        if (!this.#isUse) state.stopUse();
        if (this.registration.options.devices) state.client = this.#exchange;
        this.#work = new UnitOfWork(state, this.registration, this.#exchange);
        this.#noteUse(this.#work);
      },
      (error: unknown) => {
        this.#failure = { error };
      },
    ));
  }

  async #open(): Promise<SessionState> {
    await this.errors.load?.();
    return this.binding.open(this.#arrivedAt);
  }

  toFrameworkError(error: unknown): unknown {
    return this.errors.convert(error);
  }

  get session(): SessionObject<object> {
    if (this.#failure) throw this.#exchange.toFrameworkError(this.#failure.error);
    return this.#work!.session;
  }

  /** What was set before and not saved is gone. */
  async makeReadonly(): Promise<void> {
    // Throws if it could not be read.
    void this.session;
    const work = this.#work!;
    if (this.#isReadonly) return;
    this.#isReadonly = true;
    this.stopUse();
    showReadonly(work, this.registration.context);
  }

  /** From here on, or if nobody has read it yet from the start, it is no use of the session. */
  stopUse(): void {
    this.#isUse = false;
    this.#work?.state.stopUse();
  }

  /**
   * A message is a use, like a request, unless a guard says otherwise. What the server sends is
   * none.
   */
  #noteUse(work: UnitOfWork): void {
    const { committer } = this.registration;
    const touch = () => committer.prepare(work.state, undefined, false);
    if (touch()) setImmediate(() => void work.steps.run(async () => void (await touch()?.())));
  }

  /** Whether it was changed and nothing saves that. */
  get hasUnsavedChanges(): boolean {
    return !this.#isReadonly && this.#work?.hasUnsavedChanges === true;
  }

  /** Saves what has changed; nothing if nobody could read it. */
  async save(): Promise<void> {
    await this.load();
    if (this.#work && !this.#isReadonly) await this.#work.session.save();
  }
}
