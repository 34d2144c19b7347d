import { loggedErrors, type SessionError } from '../../core/errors.js';
import type { StoreLog } from '../store-log.interface.js';
import { isTimeout, isUnavailable, unavailable } from '../store-error.js';

/**
 * An outage costs its deadline once. It starts when an operation has timed out and the driver knows
 * no primary. From then on operations fail at once, except one at a time, which waits and so keeps
 * the driver looking for a server. The first response ends the outage. During an election no
 * operation fails early, as long as the driver knows members that can elect a primary.
 */
export class Outage {
  /** By `performance.now()`; undefined: there is no outage. */
  #since: number | undefined;
  #hasCanary = false;

  constructor(
    private readonly log: StoreLog,
    /** Whether the driver knows a server that it can use, or that may soon be one. */
    private readonly isUsable: () => boolean,
  ) {}

  async guard<T>(action: string, operation: () => Promise<T>): Promise<T> {
    const isCanary = this.#since !== undefined && !this.isUsable();
    if (isCanary && this.#hasCanary) throw this.#logged(unavailable(`MongoDB is still away (${action})`));
    this.#hasCanary ||= isCanary;
    try {
      return await operation();
    } catch (error) {
      this.#failed(error as SessionError);
      throw error;
    } finally {
      if (isCanary) this.#hasCanary = false;
    }
  }

  /** A server has responded. */
  end(): void {
    if (this.#since === undefined) return;
    const seconds = Math.round((performance.now() - this.#since) / 1000);
    this.#since = undefined;
    this.log.warn(`MongoDB answers again, after ${seconds} s. Sessions work as before; there is nothing to do.`);
  }

  #failed(error: SessionError): void {
    if (!isUnavailable(error)) return;
    if (this.#since === undefined && isTimeout(error) && !this.isUsable()) {
      this.#since = performance.now();
      this.log.error(withoutSessions(error));
    }
    if (this.#since !== undefined) this.#logged(error);
  }

  /** One line at the start stands for all failures until the end. */
  #logged(error: SessionError): SessionError {
    loggedErrors.add(error);
    return error;
  }
}

export function withoutSessions({ message }: Error): string {
  return `${message} Until then, requests that need their session are answered with 503.`;
}
