/** More than ever work at a time would only be kept. */
const MOST_KEPT = 16;

/**
 * Controllers to be used again and again, as long as they have aborted nothing: of all that a deadline takes, making one is the
 * most expensive, for Node gives each signal a prototype after it was made. The driver takes its listeners off with the
 * end of the operation, so that an operation never hears of a later one's end.
 */
export class AbortControllers {
  readonly #kept: AbortController[] = [];

  borrow(): AbortController {
    return this.#kept.pop() ?? new AbortController();
  }

  /** When the operation has ended, one way or the other. */
  giveBack(controller: AbortController): void {
    if (!controller.signal.aborted && this.#kept.length < MOST_KEPT) this.#kept.push(controller);
  }
}
