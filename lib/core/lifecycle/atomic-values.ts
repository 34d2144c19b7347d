import { KeyedQueue } from './keyed-queue.js';
import type { SessionContext } from './session-context.js';
import { contended } from '../session/atomic-changes.js';
import { EMPTY_DOCUMENT, joinElements, readElements } from '../data/bson-elements.js';
import { MAX_DOCUMENT_BYTES, applyDiff } from '../data/data-bounds.js';
import { hasExpired } from '../session/expiry.js';
import { decodeData } from '../data/session-decoding.js';
import { encodeData } from '../data/session-encoding.js';
import type { SessionState } from '../session/session-state.js';
import { toStoredKey } from '../data/stored-keys.js';
import { type Modification, UNCHANGED, type ValueChange } from '../session/value-change.js';

/**
 * Changes of one key that rest on what the store has at that moment: compare and set, and where
 * another request was quicker, once more with its value. So encrypted values, which no database
 * could add up, can be changed in the same way.
 */
export class AtomicValues {
  /**
   * Requests of one session in this process wait for each other, instead of outdoing each other
   * again and again.
   */
  readonly #queue = new KeyedQueue();

  constructor(private readonly context: SessionContext) {}

  /** @param deadline by `performance.now()`: for the wait as for the attempts */
  async modify(state: SessionState, key: string, change: ValueChange, deadline: number): Promise<Modification> {
    if (state.status === 'ended') throw this.context.interrupted(state);
    const attempts = async (): Promise<Modification> => {
      // The first try rests on what this request has read; only if that is not so any more, the
      // store is asked.
      for (let attempt = 0; attempt === 0 || performance.now() < deadline; attempt++) {
        if (attempt > 0) await this.#refresh(state, key);
        const before = this.known(state, key);
        const after = change(before);
        if (after !== UNCHANGED && (await this.#replace(state, key, after))) return { before, after, isChanged: true };
        if (after === UNCHANGED && attempt > 0) return { before, after: this.known(state, key), isChanged: false };
      }
      throw contended(key);
    };
    return this.#queue.run(state.token.handle, attempts, deadline);
  }

  /** Whether two values are the same in the store: by their bytes. */
  isSame(one: unknown, other: unknown): boolean {
    const { codec, options } = this.context;
    // One of them may have been stored when the limit was higher.
    const limits = { ...options, maxSize: MAX_DOCUMENT_BYTES };
    const [first, second] = [one, other].map((value) => encodeData(codec, { value }, limits));
    return Buffer.compare(first!, second!) === 0;
  }

  /**
   * The key's value as far as this request knows the store: a copy, for a change may work on it.
   */
  known(state: SessionState, key: string): unknown {
    const element = readElements(state.snapshot).get(toStoredKey(key));
    return element && decodeData(this.context.codec, joinElements([element]))[key];
  }

  async #refresh(state: SessionState, key: string): Promise<void> {
    const { store, options } = this.context;
    const stored = await store.find(state.token.handle);
    const isAlive = stored?.epoch === state.epoch && !hasExpired(options, stored, this.context.now());
    if (!isAlive) throw this.context.interrupted(state);
    state.snapshot = withElement(state.snapshot, key, readElements(stored.data).get(toStoredKey(key)));
  }

  /** Compare and set, once. */
  async #replace(state: SessionState, key: string, value: unknown): Promise<boolean> {
    const storedKey = toStoredKey(key);
    const { snapshot } = state;
    const present = readElements(snapshot).get(storedKey);
    const next = value === undefined ? undefined : this.#encode(key, value, present);
    const expected = present && joinElements([present]);
    const diff = next ? { set: next } : { unset: [storedKey] };
    const data = applyDiff(snapshot, diff);
    const target = this.context.targetOf(state, { data, diff });
    const isReplaced = await this.context.store.replaceValue(target, storedKey, expected, next);
    if (isReplaced) state.snapshot = data;
    return isReplaced;
  }

  /**
   * The key alone as a document; whether it fits in beside the others, the store says. A value that
   * is too large may shrink.
   */
  #encode(key: string, value: unknown, { length } = EMPTY_DOCUMENT): Uint8Array {
    const { codec, options } = this.context;
    const maxSize = Math.max(options.maxSize, EMPTY_DOCUMENT.length + length);
    return encodeData(codec, { [key]: value }, { ...options, maxSize });
  }
}

function withElement(data: Uint8Array, key: string, element: Uint8Array | undefined): Uint8Array {
  const elements = readElements(data);
  if (element) elements.set(toStoredKey(key), element);
  else elements.delete(toStoredKey(key));
  return joinElements(elements.values());
}
