import type { SessionCollection } from './session-document.interface.js';
import { manageIndexes, type IndexMode } from './indexes.js';
import { isUnavailable } from './store-error.js';
import type { StoreLog } from './store-log.interface.js';

/**
 * Sees to it that the indexes are managed once, whenever the server is there: at start, or after the first operation that
 * it has answered.
 */
export class IndexKeeper {
  readonly #mode: IndexMode;
  readonly #log: StoreLog;
  #isDue = false;
  #hasEnded = false;
  #running: Promise<void> = Promise.resolve();

  constructor(mode: IndexMode, log: StoreLog) {
    this.#mode = mode;
    this.#log = log;
  }

  begin(): void {
    this.#isDue = this.#mode !== 'off';
  }

  end(): void {
    this.#isDue = false;
    this.#hasEnded = true;
  }

  /** To be called after every answer of the server; does something once. */
  serverAnswered(collection: SessionCollection): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#running = this.#manage(collection);
  }

  /** Resolves when nothing is under way any more. Never rejects. */
  settled(): Promise<void> {
    return this.#running;
  }

  async #manage(collection: SessionCollection): Promise<void> {
    if (this.#mode === 'off') return;
    try {
      await manageIndexes(collection, this.#mode, this.#log);
    } catch (error) {
      if (this.#hasEnded) return;
      if (isUnavailable(error)) this.#isDue = true;
      else
        this.#log.error(
          `The indexes of the sessions could not be managed: ${String(error)}. Create them by hand, and set \`indexes: 'off'\`.`,
        );
    }
  }
}
