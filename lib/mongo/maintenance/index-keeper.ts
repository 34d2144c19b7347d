import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../core/clock.interface.js';
import { checkClock } from './clock-check.js';
import { checkUserCollation } from './collation-check.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import { manageIndexes, USER_INDEXES, type IndexedCollection, type IndexMode, type WantedIndex } from './indexes.js';
import { isUnavailable } from '../store-error.js';
import type { StoreLog } from '../store-log.interface.js';

/** How long after an insert the indexes are looked at again. */
const RECHECK_AFTER_MS = 2000;

/**
 * Sees to it that the indexes are managed whenever the server is there: at start, or after the
 * first operation that it has answered; and after inserts, because an insert brings a collection
 * back that was dropped, but not its indexes.
 */
export class IndexKeeper {
  readonly #mode: IndexMode;
  readonly #wanted: readonly WantedIndex[];
  readonly #clock: Clock;
  readonly #log: StoreLog;
  /** What is done here belongs to no request. */
  readonly #outsideOfRequests = AsyncLocalStorage.snapshot();
  readonly #logged = new Set<string>();
  /** Undefined as long as this process has added none: most apps have no such collection. */
  #users: IndexedCollection | undefined;
  #isDue = false;
  #isClockChecked = false;
  #hasEnded = false;
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(mode: IndexMode, wanted: readonly WantedIndex[], clock: Clock, log: StoreLog) {
    this.#mode = mode;
    this.#wanted = wanted;
    this.#clock = clock;
    // What goes on being wrong is said once.
    const once = (line: string) => !this.#hasEnded && !this.#logged.has(line) && this.#logged.add(line);
    this.#log = { warn: (line) => once(line) && log.warn(line), error: (line) => once(line) && log.error(line) };
  }

  enable(): void {
    this.#isDue = true;
  }

  disable(): void {
    this.#isDue = false;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  /** To be called after every answer of the server; does something once. */
  onServerReachable(collection: SessionCollection): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#running = this.#outsideOfRequests(() => this.#manage(collection));
  }

  /** To be called after an insert. However many there are, one look at the indexes follows. */
  onInsert(collection: SessionCollection): void {
    if (this.#mode === 'ensure') this.#schedule(collection);
  }

  /** The same for a user. Where indexes are only looked at, once is enough. */
  onInsertUser(sessions: SessionCollection, users: IndexedCollection): void {
    const isFirst = this.#users === undefined;
    this.#users = users;
    if (this.#mode === 'ensure' || (this.#mode === 'check' && isFirst)) this.#schedule(sessions);
  }

  #schedule(collection: SessionCollection): void {
    if (!this.#isClockChecked || this.#hasEnded || this.#timer) return;
    this.#timer = this.#outsideOfRequests(
      setTimeout,
      () => {
        this.#timer = undefined;
        this.#running = this.#running.then(() => this.#manage(collection));
      },
      RECHECK_AFTER_MS,
    ).unref();
  }

  /** Resolves when nothing is in flight any more. Never rejects. */
  settled(): Promise<void> {
    return this.#running;
  }

  async #manage(collection: SessionCollection): Promise<void> {
    try {
      if (this.#mode !== 'off') await manageIndexes(collection, this.#wanted, this.#mode, this.#log);
      if (this.#mode !== 'off' && this.#users) await manageIndexes(this.#users, USER_INDEXES, this.#mode, this.#log);
    } catch (error) {
      if (isUnavailable(error)) this.#isDue = !this.#hasEnded;
      else
        this.#log.error(
          `The indexes of the sessions could not be managed: ${String(error)}. Create them by hand, and set \`indexes: 'off'\`.`,
        );
    }
    if (this.#isClockChecked) return;
    this.#isClockChecked = true;
    // A server that does not answer these is asked no more.
    await checkClock(collection, this.#clock, this.#log).catch(() => {});
    await checkUserCollation(collection, this.#log).catch(() => {});
  }
}
