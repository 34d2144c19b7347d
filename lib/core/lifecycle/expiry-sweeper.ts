import { loggedErrors } from '../errors.js';
import { requirePort } from '../store/store-ports.js';
import type { SweepableStore } from '../store/sweepable-store.interface.js';
import { BackgroundTimer } from './background-timer.js';
import { type SessionContext, messageOf } from './session-context.js';
import { reportExpired } from './session-reports.js';

const SWEEP_EVERY_MS = 10_000;
/** By how much that varies, so that processes that were started together drift apart. */
const JITTER_MS = 2000;
const MAX_SWEEP_MS = 5000;
const MAX_FOUND = 100;
/** How many are claimed at a time. */
const MAX_CLAIMS = 10;

/**
 * Removes sessions whose time is over, and tells of each: `cleanup: 'sweep'`. Every process sweeps,
 * without a leader or a lock. A session is claimed by its handle and the `expiresAt` that was
 * found: one process gets it, and a touch that came first wins.
 */
export class ExpirySweeper {
  readonly #store: SweepableStore;
  readonly #timer: BackgroundTimer;
  #running: Promise<void> | undefined;
  #hasStopped = false;
  #hasFailed = false;

  constructor(private readonly context: SessionContext) {
    this.#store = requirePort(context.store, 'SweepableStore', "The option `cleanup: 'sweep'`");
    this.#timer = new BackgroundTimer(context.options.clock, () => {
      this.#running = this.#sweepAgain();
    });
  }

  start(): void {
    this.#timer.start(Math.random() * SWEEP_EVERY_MS);
  }

  /** Resolves when nothing is in flight any more. */
  async stop(): Promise<void> {
    this.#hasStopped = true;
    this.#timer.stop();
    await this.#running;
  }

  /** One sweep, now. Never rejects. */
  async sweep(): Promise<void> {
    const end = performance.now() + MAX_SWEEP_MS;
    try {
      // A sweep that claims nothing of a full pass leaves the rest to the others.
      for (let isFull = true; isFull && !this.#hasStopped && performance.now() < end;) isFull = await this.#pass();
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed && !loggedErrors.has(error as Error))
        this.context.hooks.log.warn(
          `Expired sessions could not be removed: ${messageOf(error)} The next sweep tries again.`,
        );
      this.#hasFailed = true;
    }
  }

  async #sweepAgain(): Promise<void> {
    await this.sweep();
    if (!this.#hasStopped) this.#timer.start(SWEEP_EVERY_MS + (Math.random() - 0.5) * JITTER_MS);
  }

  /** False: there are no more, or others are at it. */
  async #pass(): Promise<boolean> {
    const found = await this.#store.findExpired(this.context.now(), MAX_FOUND);
    let claimed = 0;
    for (let at = 0; at < found.length && !this.#hasStopped; at += MAX_CLAIMS) {
      const claims = found.slice(at, at + MAX_CLAIMS).map(async ({ handle, expiresAt }) => {
        const session = await this.#store.take(handle, { expiresAt });
        if (!session) return;
        claimed++;
        reportExpired(this.context, session);
      });
      // All of them, so that no claim is in flight when this ends.
      const failure = (await Promise.allSettled(claims)).find((claim) => claim.status === 'rejected');
      if (failure) throw failure.reason;
    }
    return found.length === MAX_FOUND && claimed > 0;
  }
}
