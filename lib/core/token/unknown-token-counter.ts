import { hash } from 'node:crypto';
import type { Clock } from '../clock.interface.js';

/** Addresses that are remembered at most: the memory must not grow with the number of attackers. */
const MAX_ADDRESSES = 10_000;

/** Tokens of one address that are known again at most; from then on each counts, whether it has come before or not. */
const MAX_KNOWN_TOKENS = 64;

/** The longest IPv6 address with its zone is shorter. Behind a proxy that is trusted blindly, an address can be any text. */
const MAX_ADDRESS_LENGTH = 80;

/**
 * Counts per source address how many different tokens came that open nothing: many of them mean that somebody is guessing (OWASP
 * Session Management Cheat Sheet, "Session ID guessing"). A browser that goes on sending the cookie of a session that has ended
 * counts once. Each address has a window of its own, which starts with its first unknown token.
 */
export class UnknownTokenCounter {
  readonly #windows = new Map<string, { count: number; until: number; known: number[] }>();

  constructor(
    private readonly clock: Clock,
    private readonly windowMs = 15 * 60_000,
  ) {}

  /** Counts it if it has not come before, and tells how many there were in this window. */
  add(address: string, token: string): number {
    const now = this.clock.now();
    const key = keyOf(address);
    // A small integer takes no memory beside the array's own.
    const id = hash('sha256', token, 'buffer').readUInt32BE() >>> 2;
    const window = this.#windows.get(key);
    const { count, until, known } =
      window && now < window.until ? window : { count: 0, until: now + this.windowMs, known: [] };
    const isKnown = known.includes(id);
    const next = {
      count: isKnown ? count : count + 1,
      until,
      known: isKnown || known.length >= MAX_KNOWN_TOKENS ? known : [...known, id],
    };
    // Deleted first, so that the map's order is that of the last unknown token: whoever goes on longest is forgotten last.
    this.#windows.delete(key);
    this.#windows.set(key, next);
    if (this.#windows.size > MAX_ADDRESSES) this.#windows.delete(this.#windows.keys().next().value!);
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
  return Buffer.from(address.slice(0, MAX_ADDRESS_LENGTH)).toString();
}
