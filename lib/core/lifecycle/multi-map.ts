/**
 * Several values for a key. A key with one value, as nearly all have, takes no set of its own: that
 * would be a fifth of what is kept of an open socket.
 */
export class MultiMap<K, V extends object> {
  readonly #entries = new Map<K, V | Set<V>>();

  /** Number of keys. */
  get size(): number {
    return this.#entries.size;
  }

  keys(): IterableIterator<K> {
    return this.#entries.keys();
  }

  /** All values of a key, as they are now. */
  get(key: K): V[] {
    const found = this.#entries.get(key);
    if (found === undefined) return [];
    return found instanceof Set ? [...found] : [found];
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  *values(): Generator<V> {
    for (const found of this.#entries.values()) {
      if (found instanceof Set) yield* found;
      else yield found;
    }
  }

  add(key: K, value: V): void {
    const found = this.#entries.get(key);
    if (found instanceof Set) found.add(value);
    else this.#entries.set(key, found === undefined || found === value ? value : new Set([found, value]));
  }

  /** Whether it was there. */
  delete(key: K, value: V): boolean {
    const found = this.#entries.get(key);
    if (!(found instanceof Set)) return found === value && this.#entries.delete(key);
    const wasThere = found.delete(value);
    if (found.size === 0) this.#entries.delete(key);
    return wasThere;
  }

  /** Removes a key, and returns its values. */
  take(key: K): V[] {
    const values = this.get(key);
    this.#entries.delete(key);
    return values;
  }

  clear(): void {
    this.#entries.clear();
  }
}
