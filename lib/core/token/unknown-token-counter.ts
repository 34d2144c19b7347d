import { hash } from 'node:crypto';
import type { Clock } from '../clock.interface.js';

/** Maximum number of addresses, so that memory doesn't grow with the number of attackers. */
const MAX_ADDRESSES = 10_000;

/** Maximum number of tokens that are recognised per address. Beyond that, each one counts. */
const MAX_KNOWN_TOKENS = 64;

/**
 * Longer than any IPv6 address with its zone. Behind a proxy that is trusted blindly, an address
 * can be any text.
 */
const MAX_ADDRESS_LENGTH = 80;

/**
 * Counts, per address, the different tokens that open nothing. Many of them mean that somebody is
 * guessing (OWASP Session Management Cheat Sheet, "Session ID guessing"). A browser that keeps
 * sending the cookie of an ended session counts once. The window of an address starts with its
 * first unknown token.
 */
export class UnknownTokenCounter {
  readonly #windows = new Map<string, { count: number; until: number; known: number[] }>();

  constructor(
    private readonly clock: Clock,
    private readonly windowMs = 15 * 60_000,
  ) {}

  /** Counts a token if it is new, and returns the count of this window. */
  add(address: string, token: string): number {
    const now = this.clock.now();
    const key = keyOf(address);
    // A small integer needs no memory besides the array's.
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
    // Deleted first, so that the map's order is the order of the last unknown tokens, and the most
    // persistent address is forgotten last.
    this.#windows.delete(key);
    this.#windows.set(key, next);
    if (this.#windows.size > MAX_ADDRESSES) this.#windows.delete(this.#windows.keys().next().value!);
    return next.count;
  }

  /** How many unknown tokens this address has sent within its window. */
  count(address: string): number {
    const window = this.#windows.get(keyOf(address));
    return window && this.clock.now() < window.until ? window.count : 0;
  }
}

/** A copy: a slice would keep the whole header in memory. */
function keyOf(address: string): string {
  return Buffer.from(address.slice(0, MAX_ADDRESS_LENGTH)).toString();
}
