import { AbortControllers } from './abort-controllers.js';
import { toStoreError, tooLate } from './store-error.js';

export interface JobQueueOptions<Job, Result> {
  /** For messages: what the jobs are. */
  readonly action: string;
  /** Each job ends after so many milliseconds, whatever becomes of those it travels with. */
  readonly timeoutMs: number;
  /** How much one command may carry; the first of its jobs it carries in any case. */
  readonly limits: { readonly jobs: number; readonly bytes: number };
  readonly bytesOf: (job: Job) => number;
  /**
   * Sends one command for these jobs and settles each of them. What it leaves unsettled when it rejects fails with that error.
   * The signal says that nobody waits any more.
   */
  readonly send: (waiting: readonly Waiting<Job, Result>[], signal: AbortSignal) => Promise<void>;
}

/** What one command carries at most, jobs and bytes. */
export const ONE_COMMAND = { jobs: 128, bytes: 256 * 1024 };
/** What has so many bytes, and more, goes by itself: the small ones need not wait for it, and what is too large fails alone. */
export const LARGE = 64 * 1024;

/** Commands under way at a time: one that the server works on, and one on its way there or back. */
export const MOST_UNDER_WAY = 2;

/** So many jobs are worth a command of their own, where all could go with one. */
const WORTH_A_COMMAND = 16;

/** So many commands with one job each mean that there is one client, or few of them. */
const ENOUGH_ALONE = 16;

/**
 * Jobs that wait together travel together. A job is sent at once when the server has nothing to do; what comes while two
 * commands are under way shares the next one, in the order of its coming. A job never joins a command that has left already.
 */
export class JobQueue<Job, Result> {
  #waiting: Waiting<Job, Result>[] = [];
  readonly #underWay = new Set<Command>();
  readonly #controllers = new AbortControllers();
  /** In the order of their coming, which is that of their deadlines. */
  readonly #unsettled = new Set<Waiting<Job, Result>>();
  /** One for all jobs, for the first of them: to set and clear one for each job would take longer. What it finds settled, it passes over. */
  #alarm: NodeJS.Timeout | undefined;
  #isDue = false;
  /** How many of the last commands have carried one job each. */
  #alone = 0;

  constructor(private readonly options: JobQueueOptions<Job, Result>) {}

  /** Rejects with a `SessionError`, in bounded time. */
  run(job: Job): Promise<Result> {
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this.options;
      const waiting = new Waiting<Job, Result>(job, performance.now() + timeoutMs, this.#unsettled, resolve, reject);
      if (!this.#alarm) this.#ringIn(timeoutMs);
      this.#waiting.push(waiting);
      this.#sendSoon();
    });
  }

  /**
   * What the same turn of the event loop brings, requests that came together, travels together. Only where jobs have come one at a
   * time for a while, the turn's end is not waited for.
   */
  #sendSoon(): void {
    if (this.#isDue || this.#underWay.size === MOST_UNDER_WAY) return;
    this.#isDue = true;
    if (this.#alone >= ENOUGH_ALONE && this.#underWay.size === 0) queueMicrotask(this.#sendNow);
    else setImmediate(this.#sendNow);
  }

  readonly #sendNow = (): void => {
    this.#isDue = false;
    while (this.#waiting.length > 0 && this.#underWay.size < MOST_UNDER_WAY) void this.#send(this.#next());
  };

  #next(): Waiting<Job, Result>[] {
    const { limits, bytesOf } = this.options;
    const most = Math.min(this.#share(), limits.jobs);
    let bytes = 0;
    let count = 0;
    for (const { job } of this.#waiting) {
      bytes += bytesOf(job);
      if (count > 0 && (count === most || bytes > limits.bytes)) break;
      count++;
    }
    this.#alone = count === 1 ? this.#alone + 1 : 0;
    return this.#waiting.splice(0, count);
  }

  /**
   * Many are shared out among the commands that may leave now: the server works on these at the same time, and the app on what the
   * first brings while the second is on its way. With one command for all, app and server would wait for each other in turn.
   */
  #share(): number {
    const share = Math.ceil(this.#waiting.length / (MOST_UNDER_WAY - this.#underWay.size));
    return share < WORTH_A_COMMAND ? this.#waiting.length : share;
  }

  async #send(jobs: Waiting<Job, Result>[]): Promise<void> {
    const controller = this.#controllers.borrow();
    const command = new Command(jobs.length, controller);
    this.#underWay.add(command);
    for (const job of jobs) job.command = command;
    try {
      await this.options.send(jobs, controller.signal);
    } catch (error) {
      // An error for each, for each is told of in the log of its own request.
      for (const job of jobs) job.reject(toStoreError(this.options.action, error));
    }
    this.#controllers.giveBack(controller);
    this.#over(command);
  }

  #over(command: Command): void {
    if (this.#underWay.delete(command) && this.#waiting.length > 0) this.#sendSoon();
  }

  #ringIn(milliseconds: number): void {
    this.#alarm = setTimeout(this.#expire, milliseconds).unref();
  }

  readonly #expire = (): void => {
    this.#alarm = undefined;
    const now = performance.now();
    for (const job of this.#unsettled) {
      if (job.deadline > now) return this.#ringIn(Math.ceil(job.deadline - now));
      this.#fail(job);
    }
  };

  #fail(job: Waiting<Job, Result>): void {
    const { action, timeoutMs } = this.options;
    const error = tooLate(action, timeoutMs);
    const { command } = job;
    job.reject(error);
    if (!command) this.#waiting.splice(this.#waiting.indexOf(job), 1);
    else if (command.isDeserted) {
      command.abort(error);
      this.#over(command);
    }
  }
}

/** One command to the server. */
class Command {
  constructor(
    private unsettled: number,
    private readonly controller: AbortController,
  ) {}

  /** Whether nobody waits for it any more. */
  get isDeserted(): boolean {
    return this.unsettled === 0;
  }

  leave(): void {
    this.unsettled--;
  }

  abort(reason: Error): void {
    this.controller.abort(reason);
  }
}

/** A job, and who waits for it. The first to settle it counts. */
export class Waiting<Job, Result> {
  command: Command | undefined;

  constructor(
    readonly job: Job,
    /** By `performance.now()`. */
    readonly deadline: number,
    private readonly unsettled: Set<Waiting<Job, Result>>,
    private readonly whenDone: (result: Result) => void,
    private readonly whenFailed: (error: unknown) => void,
  ) {
    unsettled.add(this);
  }

  resolve(result: Result): void {
    if (this.#leave()) this.whenDone(result);
  }

  reject(error: unknown): void {
    if (this.#leave()) this.whenFailed(error);
  }

  #leave(): boolean {
    if (!this.unsettled.delete(this)) return false;
    this.command?.leave();
    return true;
  }
}
