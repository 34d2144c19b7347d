import { EMPTY_DOCUMENT, joinElements, readElements } from '../data/bson-elements.js';
import type { SessionHandle } from '../token/session-token.js';
import type {
  SecretReplacement,
  SessionChange,
  SessionStore,
  StoredSession,
  WriteTarget,
} from '../store/session-store.interface.js';
import { encryptPorts, sealSession } from './encrypting-ports.js';
import { SessionSealer, type SessionSealerOptions } from './session-sealer.js';
import { type Sealing, findSealed, openDocument, sealDocument } from './sealed-document.js';

export interface EncryptingStoreOptions extends SessionSealerOptions {
  /** Whether `start` rejects when the provider gives no keys. */
  readonly failFast: boolean;
}

/**
 * A store that encrypts the values of its sessions, around any store. Each top-level key, and each
 * element of `device`, is encrypted by itself, so differences stay differences. Everything else of
 * a session passes unchanged. It has the same ports as the inner store.
 */
export class EncryptingSessionStore implements SessionStore {
  readonly #store: SessionStore;
  readonly #sealer: SessionSealer;
  readonly #options: EncryptingStoreOptions;

  constructor(store: SessionStore, options: EncryptingStoreOptions) {
    this.#store = store;
    this.#sealer = new SessionSealer(options);
    this.#options = options;
    Object.assign(this, encryptPorts(store, this.#sealer));
  }

  /** Rejects with `SESSION_UNDECODABLE` when a value can't be decrypted. */
  async find(handle: SessionHandle): Promise<StoredSession | undefined> {
    const stored = await this.#store.find(handle);
    if (!stored) return undefined;
    const data = await this.#sealer.open(stored, (sealing) => openDocument(sealing, stored.data));
    return { ...(stored.device ? await this.#sealer.openDevice(stored) : stored), data };
  }

  async insert(session: StoredSession): Promise<void> {
    return this.#store.insert(await sealSession(this.#sealer, session));
  }

  async update(target: WriteTarget, change: SessionChange): Promise<boolean> {
    const withDevice = change.device ? await this.#sealer.sealDevice(target.handle, change) : change;
    if (!change.set && !change.unset) return this.#store.update(target, withDevice);
    const sealed = sealChange(await this.#sealer.sealing(target), withDevice);
    const { set = EMPTY_DOCUMENT } = change;
    return this.#store.update(await this.#bounded(target, set, sealed.set ?? EMPTY_DOCUMENT), sealed);
  }

  /**
   * Encrypts again what is kept, for the next epoch. If others change it in the meantime, it is
   * read once more.
   */
  async replaceSecret(target: WriteTarget, given: SecretReplacement): Promise<boolean> {
    const change = await this.#sealer.sealDevice(target.handle, given);
    const { keep } = change;
    if (keep !== true && keep.length === 0) return this.#store.replaceSecret(target, change);
    let expected: Uint8Array | undefined;
    for (;;) {
      const stored = await this.#store.find(target.handle);
      if (stored?.epoch !== target.epoch || (expected && Buffer.compare(stored.data, expected) === 0)) return false;
      expected = stored.data;
      const opened = await this.#sealer.open(stored, (sealing) => openDocument(sealing, stored.data));
      const kept = [...readElements(opened)].filter(([key]) => keep === true || keep.includes(key));
      const sealing = await this.#sealer.sealing({ ...target, epoch: target.epoch + 1 });
      const next = sealDocument(sealing, joinElements(kept.map(([, element]) => element)));
      if (await this.#store.replaceSecret(target, { ...change, data: { expected, next } })) return true;
    }
  }

  /**
   * Encrypted values can't be compared by their bytes, which differ each time. So the value is
   * decrypted and compared here, and its bytes are compared by the store.
   */
  async replaceValue(
    target: WriteTarget,
    key: string,
    expected: Uint8Array | undefined,
    next: Uint8Array | undefined,
    others: readonly string[] = [],
  ): Promise<boolean> {
    const sealing = await this.#sealer.sealing(target);
    const stored = await this.#store.find(target.handle);
    if (stored?.epoch !== target.epoch) return false;
    const present = await this.#sealer.open(stored, (opening) => findSealed(opening, stored.data, key));
    if (Buffer.compare(present?.opened ?? EMPTY_DOCUMENT, expected ?? EMPTY_DOCUMENT) !== 0) return false;
    // Processes with another first key, or that hide no names, begin a value under other names.
    const [todays, ...rivals] = namesOf(sealing, [key]);
    const name = present?.name ?? todays!;
    const absent = [...(present ? [] : rivals), ...namesOf(sealing, others)];
    const sealed = next && sealDocument(sealing, next, () => name);
    const bounded = next && sealed ? await this.#bounded(target, next, sealed) : target;
    return this.#store.replaceValue(bounded, name, present?.sealed, sealed, absent);
  }

  /**
   * The bounds apply to the data before encryption. What encryption adds, as far as it is known
   * now, is added to them.
   */
  async #bounded(target: WriteTarget, set: Uint8Array, sealed: Uint8Array): Promise<WriteTarget> {
    const { bounds } = target;
    const stored = bounds && (await this.#store.find(target.handle));
    if (!stored) return target;
    const opened = await this.#sealer.open(stored, (sealing) => openDocument(sealing, stored.data));
    const added = stored.data.length - opened.length + sealed.length - set.length;
    return { ...target, bounds: { ...bounds, maxSize: bounds.maxSize + added } };
  }

  renewToken(...step: Parameters<SessionStore['renewToken']>): Promise<boolean> {
    return this.#store.renewToken(...step);
  }

  removeIfEmpty(target: WriteTarget): Promise<boolean> {
    return this.#store.removeIfEmpty(target);
  }

  remove(handle: SessionHandle): Promise<boolean> {
    return this.#store.remove(handle);
  }

  async start(): Promise<void> {
    await this.#store.start?.();
    try {
      await this.#sealer.ready();
    } catch (error) {
      if (this.#options.failFast) throw error;
      const { message } = error as Error;
      this.#options.log.warn(`${message} Until then, requests that need their session are answered with 503.`);
    }
  }

  async stop(): Promise<void> {
    await this.#store.stop?.();
  }
}

/** Writes values under today's names, and removes every other name that a changed key may have. */
function sealChange(sealing: Sealing, change: SessionChange): SessionChange {
  const set = sealDocument(sealing, change.set ?? EMPTY_DOCUMENT);
  const written = readElements(set);
  const changed = [...readElements(change.set ?? EMPTY_DOCUMENT).keys(), ...(change.unset ?? [])];
  const unset = namesOf(sealing, changed).filter((name) => !written.has(name));
  return { ...change, ...(written.size > 0 && { set }), unset };
}

function namesOf({ ring, hideKeyNames }: Sealing, keys: readonly string[]): string[] {
  return keys.flatMap((key) => ring.namesOf(key, hideKeyNames));
}
