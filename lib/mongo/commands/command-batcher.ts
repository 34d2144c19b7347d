import { AsyncLocalStorage } from 'node:async_hooks';
import { CommandInFlight, PendingJob } from './pending-job.js';
import { DeadlineError, isRefusal, toStoreError } from '../store-error.js';

export interface CommandBatcherOptions<Job, Result> {
  /** What the jobs do, for error messages. */
  readonly action: string;
  /** Deadline of each job, whatever happens to the others in its command. */
  readonly timeoutMs: number;
  /** Maximum content of a command. Its first job is always included. */
  readonly limits: { readonly jobs: number; readonly bytes: number };
  readonly bytesOf: (job: Job) => number;
  /** How many commands the connections have room for. */
  readonly maxInFlight: () => number;
  /**
   * Sends one command for these jobs and settles each of them. If it rejects, the remaining jobs
   * fail with that error. If the server has refused the command, they are sent again one by one.
   */
  readonly send: (jobs: readonly PendingJob<Job, Result>[], command: CommandInFlight) => Promise<void>;
}

/** Maximum content of a command, in jobs and bytes. */
export const MAX_BATCH = { jobs: 128, bytes: 256 * 1024 };
/**
 * A job of this size or more is sent alone: small jobs don't wait for it, and if it is too large,
 * it fails alone.
 */
export const MIN_LARGE_BYTES = 64 * 1024;

/** While the server responds fast. */
const MAX_IN_FLIGHT = 2;
const MIN_SLOW_MS = 2;
const MAX_SLOW_MS = 20;
const MAX_NEAR_MS = 5;
/** Minimum number of jobs for a command of their own, if all would fit into one. */
const MIN_BATCH_SIZE = 16;
/** This many commands with a single job, in a row, mean that there is probably one client only. */
const MIN_SOLO_STREAK = 16;

/**
 * A command belongs to all requests that share it, and must not keep the async context of the first
 * one.
 */
const runOutsideRequests = AsyncLocalStorage.snapshot();

/**
 * Jobs that wait together share a command, in the order of their arrival. A job never joins a
 * command that has been sent.
 *
 * While the server responds fast, at most two commands are in flight: the server works on one, and
 * the other is on its way. If neither has a response `slowAfter` after the last one was sent, one
 * more is sent, and so on, up to the number of connections. `slowAfter` is 2 ms. But if the server
 * is near, which shows when the fastest of the last commands took less than 5 ms, slow means that
 * this machine is busy, and smaller batches would make it busier. Then it is twice the average of
 * recent commands, at most 20 ms.
 */
export class CommandBatcher<Job, Result> {
  #pending: PendingJob<Job, Result>[] = [];
  /** In the order in which they were sent. */
  readonly #inFlight = new Set<CommandInFlight>();
  #lastSentAt = 0;
  #repeated: CommandInFlight | undefined;
  /** The time that recent commands took: the average, and the fastest. */
  #averageMs = 0;
  #fastestMs = 0;
  /** In the order of arrival, which is that of their deadlines. */
  readonly #unsettled = new Set<PendingJob<Job, Result>>();
  /**
   * One timer for all jobs, set for the first of them: one for each would take longer. It ignores
   * settled jobs.
   */
  #timer: NodeJS.Timeout | undefined;
  #sendTimer: NodeJS.Timeout | undefined;
  #isSendDue = false;
  /** How many of the last commands had a single job. */
  #soloStreak = 0;

  constructor(private readonly options: CommandBatcherOptions<Job, Result>) {}

  /** Rejects with a `SessionError`, in bounded time. */
  run(job: Job): Promise<Result> {
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this.options;
      const pending = new PendingJob<Job, Result>(job, performance.now() + timeoutMs, this.#unsettled, resolve, reject);
      if (!this.#timer) this.#schedule(timeoutMs);
      this.#pending.push(pending);
      this.#sendSoon();
    });
  }

  /**
   * Jobs of the same turn of the event loop are sent together. Only if jobs have come one at a time
   * for a while, the end of the turn is not waited for.
   */
  readonly #sendSoon = (): void => {
    if (this.#isSendDue || !this.#maySend()) return;
    this.#isSendDue = true;
    if (this.#soloStreak >= MIN_SOLO_STREAK && this.#inFlight.size === 0) queueMicrotask(this.#sendNow);
    else setImmediate(this.#sendNow);
  };

  readonly #sendNow = (): void => {
    this.#isSendDue = false;
    runOutsideRequests(this.#sendPending);
  };

  readonly #sendPending = (): void => {
    while (this.#pending.length > 0 && this.#maySend()) void this.#send(this.#next());
  };

  get #slowAfter(): number {
    const isNear = this.#fastestMs < MAX_NEAR_MS;
    return isNear ? Math.min(Math.max(MIN_SLOW_MS, 2 * this.#averageMs), MAX_SLOW_MS) : MIN_SLOW_MS;
  }

  #maySend(): boolean {
    const { size } = this.#inFlight;
    if (size < MAX_IN_FLIGHT) return true;
    const slowAfter = this.#slowAfter;
    const wait = this.#lastSentAt + slowAfter - performance.now();
    if (wait <= 0 && size < this.options.maxInFlight()) return true;
    // There may be one more connection by then.
    const milliseconds = Math.ceil(wait > 0 ? wait : slowAfter);
    if (!this.#sendTimer) this.#sendTimer = runOutsideRequests(() => setTimeout(this.#sendLater, milliseconds).unref());
    return false;
  }

  readonly #sendLater = (): void => {
    this.#sendTimer = undefined;
    if (this.#pending.length > 0) this.#sendSoon();
  };

  #next(): PendingJob<Job, Result>[] {
    const { limits, bytesOf } = this.options;
    const max = Math.min(this.#share(), limits.jobs);
    let bytes = 0;
    let count = 0;
    for (const { job, isSolo } of this.#pending) {
      bytes += bytesOf(job);
      if (count > 0 && (count === max || isSolo || bytes > limits.bytes)) break;
      count++;
      if (isSolo) break;
    }
    this.#soloStreak = count === 1 ? this.#soloStreak + 1 : 0;
    return this.#pending.splice(0, count);
  }

  /**
   * Many jobs are divided among the commands that may be sent now. The server works on these at the
   * same time, and the app on the first response while the second is on its way. With one command
   * for all, app and server would wait for each other.
   */
  #share(): number {
    const share = Math.ceil(this.#pending.length / Math.max(MAX_IN_FLIGHT - this.#inFlight.size, 1));
    return share < MIN_BATCH_SIZE ? this.#pending.length : share;
  }

  async #send(jobs: PendingJob<Job, Result>[]): Promise<void> {
    const command = new CommandInFlight(jobs.length, this.options.timeoutMs);
    this.#inFlight.add(command);
    this.#lastSentAt = command.sentAt;
    for (const job of jobs) job.command = command;
    try {
      await this.options.send(jobs, command);
      this.#answered(command);
    } catch (error) {
      if (jobs.length > 1 && isRefusal(error)) this.#sendAlone(jobs);
      // One error per job, because each is logged by its own request.
      else for (const job of jobs) job.reject(toStoreError(this.options.action, error));
    }
    this.#over(command);
  }

  #answered(command: CommandInFlight): void {
    const took = command.silentMs;
    this.#averageMs += (took - this.#averageMs) / 16;
    this.#fastestMs = Math.min(took, this.#fastestMs + (took - this.#fastestMs) / 16);
    if (command === this.#repeated) {
      this.#repeated = undefined;
      this.#repeatSilent();
    }
  }

  /**
   * A connection may be dead without a sign. To keep all of a command's jobs from failing with it,
   * a command without a response for a quarter of its time is sent again. Only one at a time,
   * unless that one gets a response: an overloaded server gets little more to do.
   */
  #repeatSilent(): void {
    const longMs = Math.max(this.options.timeoutMs / 4, 4 * this.#averageMs);
    if (this.#repeated && this.#repeated.silentMs < longMs) return;
    for (const command of this.#inFlight) {
      if (!command.isShared || !command.mayRepeat || command.silentMs < longMs) continue;
      this.#repeated = command;
      return command.repeat();
    }
  }

  #sendAlone(jobs: PendingJob<Job, Result>[]): void {
    const left = jobs.filter(({ isSettled }) => !isSettled);
    for (const job of left) {
      job.command = undefined;
      job.isSolo = true;
    }
    this.#pending.unshift(...left);
  }

  #over(command: CommandInFlight): void {
    if (this.#repeated === command) this.#repeated = undefined;
    if (this.#inFlight.delete(command) && this.#pending.length > 0) this.#sendSoon();
  }

  /** Looks again at the first deadline, or earlier for silent connections. */
  #schedule(deadlineMs: number): void {
    const milliseconds = Math.ceil(Math.min(deadlineMs, this.options.timeoutMs / 4));
    this.#timer = runOutsideRequests(() => setTimeout(this.#check, milliseconds).unref());
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (const job of this.#unsettled) {
      if (job.deadline > now) {
        this.#schedule(job.deadline - now);
        break;
      }
      this.#fail(job);
    }
    this.#repeatSilent();
  };

  #fail(job: PendingJob<Job, Result>): void {
    const { action, timeoutMs } = this.options;
    const error = new DeadlineError(action, timeoutMs);
    const { command } = job;
    job.reject(error);
    if (!command) this.#pending.splice(this.#pending.indexOf(job), 1);
    else if (command.isAbandoned) {
      command.abort(error);
      this.#over(command);
    }
  }
}
