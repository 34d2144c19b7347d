import type { SessionState } from './session-state.js';
import type { SessionVerbs } from './session-verbs.interface.js';

/**
 * The cookie's persistence under the names that express-session gave it, for libraries and habits built on those
 * (`session.cookie.maxAge = ...` for "remember me"). `session.permanent` says the same.
 */
export class SessionCookie {
  readonly #state: SessionState;
  readonly #verbs: SessionVerbs;

  /** @internal */
  constructor(state: SessionState, verbs: SessionVerbs) {
    this.#state = state;
    this.#verbs = verbs;
  }

  /** How long the cookie outlives the browser if the session is not used again, in milliseconds; null: it ends with the browser. */
  get maxAge(): number | null {
    return this.#state.permanent ?? null;
  }

  set maxAge(milliseconds: number | null | undefined) {
    this.#verbs.setPermanent(milliseconds ?? false);
  }

  /** The same as `maxAge`. */
  get originalMaxAge(): number | null {
    return this.maxAge;
  }

  /** When the cookie ends if the session is not used again; null: with the browser. */
  get expires(): Date | null {
    return this.#state.permanent === undefined ? null : new Date(this.#verbs.expiresAt());
  }

  set expires(date: Date | null | undefined) {
    this.#verbs.setPermanent(date ? date.getTime() - this.#verbs.now() : false);
  }
}
