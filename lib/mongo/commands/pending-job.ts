import type { Limits } from './operation-runner.js';
import { SilentConnectionError } from '../store-error.js';

/** A job and its promise, which the first result settles. */
export class PendingJob<Job, Result> {
  command: CommandInFlight | undefined;
  /** Shares no command, because the one that it was in has been refused as a whole. */
  isSolo = false;

  constructor(
    readonly job: Job,
    /** By `performance.now()`. */
    readonly deadline: number,
    private readonly unsettled: Set<PendingJob<Job, Result>>,
    private readonly whenDone: (result: Result) => void,
    private readonly whenFailed: (error: unknown) => void,
  ) {
    unsettled.add(this);
  }

  get isSettled(): boolean {
    return !this.unsettled.has(this);
  }

  resolve(result: Result): void {
    if (this.#settle()) this.whenDone(result);
  }

  reject(error: unknown): void {
    if (this.#settle()) this.whenFailed(error);
  }

  #settle(): boolean {
    if (!this.unsettled.delete(this)) return false;
    this.command?.leave();
    return true;
  }
}

/** One command to the server. */
export class CommandInFlight implements Limits {
  /** By `performance.now()`. */
  readonly sentAt = performance.now();
  readonly isShared: boolean;
  mayRepeat = false;
  #triedAt = this.sentAt;
  #controller = new AbortController();

  constructor(
    private unsettled: number,
    readonly maxTimeMS: number,
  ) {
    this.isShared = unsettled > 1;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether nobody waits for it any more. */
  get isAbandoned(): boolean {
    return this.unsettled === 0;
  }

  /** How long it has waited for its response. */
  get silentMs(): number {
    return performance.now() - this.#triedAt;
  }

  leave(): void {
    this.unsettled--;
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Gives up its connection, so that it is sent again over another one. */
  repeat(): void {
    const silent = this.#controller;
    this.#triedAt = performance.now();
    this.#controller = new AbortController();
    silent.abort(new SilentConnectionError());
  }
}
