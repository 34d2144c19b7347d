import type { Clock } from './clock.interface.js';

/** Addresses that are remembered at most: the memory must not grow with the number of attackers. */
const MOST_ADDRESSES = 10_000;

/**
 * Counts per source address how many tokens came that open nothing: many of them mean that somebody is guessing (OWASP Session
 * Management Cheat Sheet, "Session ID guessing"). Each address has a window of its own, which starts with its first unknown token.
 */
export class UnknownTokenCounter {
  readonly #windows = new Map<string, { count: number; until: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly windowMs = 15 * 60_000,
  ) {}

  /** Counts one more, and tells how many there were in this window. */
  add(address: string): number {
    const now = this.clock.now();
    const window = this.#windows.get(address);
    const next =
      window && now < window.until ? { ...window, count: window.count + 1 } : { count: 1, until: now + this.windowMs };
    // Deleted first, so that the map's order is that of the last unknown token: whoever goes on longest is forgotten last.
    this.#windows.delete(address);
    this.#windows.set(address, next);
    if (this.#windows.size > MOST_ADDRESSES) this.#windows.delete(this.#windows.keys().next().value!);
    return next.count;
  }

  /** How many unknown tokens this address has brought within its window. */
  count(address: string): number {
    const window = this.#windows.get(address);
    return window && this.clock.now() < window.until ? window.count : 0;
  }
}
