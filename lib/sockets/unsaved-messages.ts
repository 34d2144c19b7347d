import type { SessionContext } from '../core/lifecycle/session-context.js';
import { BackgroundTimer } from '../core/lifecycle/background-timer.js';

/** A message whose handler may have changed the session. */
export interface HandledMessage {
  readonly hasUnsavedChanges: boolean;
}

const WAIT_MS = 10_000;
const MAX_WATCHED = 32;

/**
 * Finds changes that nothing has saved ten seconds after their message, to warn of them: nothing
 * tells when a handler is done. A sample is enough, because a handler that forgets it once forgets
 * it with every message.
 */
export class UnsavedMessages {
  #watched: { readonly message: HandledMessage; readonly until: number }[] = [];
  readonly #timer: BackgroundTimer;

  constructor(private readonly context: SessionContext) {
    this.#timer = new BackgroundTimer(context.options.clock, () => this.#look());
  }

  add(message: HandledMessage): void {
    if (this.#watched.length >= MAX_WATCHED) return;
    this.#watched.push({ message, until: this.context.now() + WAIT_MS });
    if (!this.#timer.isRunning) this.#timer.start(WAIT_MS);
  }

  close(): void {
    this.#timer.stop();
    this.#watched = [];
  }

  #look(): void {
    const now = this.context.now();
    for (const { message, until } of this.#watched)
      if (until <= now && message.hasUnsavedChanges) this.context.warnOnce(NOT_SAVED);
    this.#watched = this.#watched.filter(({ until }) => until > now);
    const [next] = this.#watched;
    if (next) this.#timer.start(next.until - now);
  }
}

const NOT_SAVED =
  'A session was changed by a message of a socket, and ten seconds later the change is not saved. ' +
  'Call `await session.save()`, or put `@UseInterceptors(SaveSession)` on the handler.';
