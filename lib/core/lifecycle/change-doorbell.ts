import type { SessionHandle } from '../token/session-token.js';
import type { WatchableStore } from '../store/watchable-store.interface.js';

/**
 * Hears of changes where the store can tell of them: `watch.changeStream`. Never the truth: a
 * listener has to look.
 */
export class ChangeDoorbell {
  #stopListening: (() => Promise<void>) | undefined;
  #isUp = false;
  #isImpossible = false;

  /** @param onRing gets the handle of what has changed; undefined: all have to be looked at */
  constructor(
    private readonly log: { warn(message: string): void },
    private readonly onRing: (handle: SessionHandle | undefined) => void,
  ) {}

  /** Whether changes are heard at present. */
  get isUp(): boolean {
    return this.#isUp;
  }

  start(store: WatchableStore): void {
    if (this.#stopListening || this.#isImpossible) return;
    this.#stopListening = store.listen?.(
      (handle) => {
        if (handle === undefined) this.#isUp = true;
        this.onRing(handle);
      },
      (reason) => this.#goDown(reason),
    );
  }

  async stop(): Promise<void> {
    const stopListening = this.#stopListening;
    this.#stopListening = undefined;
    this.#isUp = false;
    // What can't be closed is the store's to tell.
    await stopListening?.().catch(() => {});
  }

  #goDown(reason: string | undefined): void {
    this.#isUp = false;
    if (reason !== undefined && !this.#isImpossible) {
      this.#isImpossible = true;
      this.log.warn(
        `The option \`watch.changeStream\` has no effect: ${reason}. Ends of sessions are found by polling.`,
      );
    }
    this.onRing(undefined);
  }
}
