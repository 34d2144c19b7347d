import type { Clock } from './clock.interface.js';

/** Addresses that are remembered at most: the memory must not grow with the number of attackers. */
const MOST_ADDRESSES = 10_000;

/** The longest IPv6 address with its zone is shorter. Behind a proxy that is trusted blindly, an address can be any text. */
const LONGEST_ADDRESS = 80;

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
    const key = keyOf(address);
    const window = this.#windows.get(key);
    const next =
      window && now < window.until ? { ...window, count: window.count + 1 } : { count: 1, until: now + this.windowMs };
    // Deleted first, so that the map's order is that of the last unknown token: whoever goes on longest is forgotten last.
    this.#windows.delete(key);
    this.#windows.set(key, next);
    if (this.#windows.size > MOST_ADDRESSES) this.#windows.delete(this.#windows.keys().next().value!);
    return next.count;
  }

  /** How many unknown tokens this address has brought within its window. */
  count(address: string): number {
    const window = this.#windows.get(keyOf(address));
    return window && this.clock.now() < window.until ? window.count : 0;
  }
}

/** A text of its own: a piece of a header would keep the whole header in memory. */
function keyOf(address: string): string {
  return Buffer.from(address.slice(0, LONGEST_ADDRESS)).toString();
}
