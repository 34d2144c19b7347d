import { inspect } from 'node:util';
import { SessionError } from '../errors.js';
import { sealMembers } from './reserved-names.js';
import type { SessionState } from './session-state.js';
import type { CookieSettings, SessionVerbs } from './session-verbs.interface.js';

/**
 * The session's cookie under the names that express-session gave it, for libraries and habits built on those
 * (`session.cookie.maxAge = ...` for "remember me"; `session.permanent` says the same). What is an option of the registration
 * can be read here, and not be set.
 */
export class SessionCookie implements CookieSettings {
  readonly #state: SessionState;
  readonly #verbs: SessionVerbs;

  /** @internal */
  constructor(state: SessionState, verbs: SessionVerbs) {
    this.#state = state;
    this.#verbs = verbs;
    Object.freeze(this);
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

  get path(): string {
    return this.#verbs.cookieSettings.path;
  }

  /** Undefined: only the host that has set it gets it back. */
  get domain(): string | undefined {
    return this.#verbs.cookieSettings.domain;
  }

  /** With `secure: 'auto'`, as it is for this request. */
  get secure(): boolean {
    return this.#verbs.cookieSettings.secure;
  }

  get httpOnly(): true {
    return this.#verbs.cookieSettings.httpOnly;
  }

  get sameSite(): 'lax' | 'strict' | 'none' {
    return this.#verbs.cookieSettings.sameSite;
  }

  get partitioned(): boolean {
    return this.#verbs.cookieSettings.partitioned;
  }

  get priority(): 'low' | 'medium' | 'high' | undefined {
    return this.#verbs.cookieSettings.priority;
  }

  toJSON(): object {
    const { maxAge, originalMaxAge, expires } = this;
    return { maxAge, originalMaxAge, expires, ...this.#verbs.cookieSettings };
  }

  /** @internal */
  [inspect.custom](): object {
    return this.toJSON();
  }
}

sealMembers(SessionCookie, (name) => {
  const fix =
    name === 'originalMaxAge'
      ? 'Set session.cookie.maxAge instead.'
      : `Set the option \`cookie.${name}\` of the module.`;
  throw new SessionError('SESSION_OPTION_INVALID', `session.cookie.${name} is read-only. ${fix}`);
});
