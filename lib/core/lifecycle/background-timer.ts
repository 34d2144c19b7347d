import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, startTimer } from '../clock.interface.js';

/** One timer for what goes on between requests. It belongs to no request's async context. */
export class BackgroundTimer {
  readonly #outsideOfRequests = AsyncLocalStorage.snapshot();
  #cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly callback: () => void,
  ) {}

  get isRunning(): boolean {
    return this.#cancel !== undefined;
  }

  /** Instead of what it was started for before. */
  start(milliseconds: number): void {
    this.stop();
    const call = () => {
      this.#cancel = undefined;
      this.#outsideOfRequests(this.callback);
    };
    this.#cancel = this.#outsideOfRequests(() => startTimer(this.clock, call, milliseconds));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
