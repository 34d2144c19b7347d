import { inspect, types } from 'node:util';
import { SessionError } from '../errors.js';
import { sealMembers } from './reserved-names.js';
import type { SessionState } from './session-state.js';
import type { CookieSettings, SessionOperations } from './session-operations.interface.js';

/**
 * The session's cookie under the names that express-session gave it, for libraries and habits built
 * on those (`session.cookie.maxAge = ...` for "remember me"; `session.permanent` says the same).
 * What is an option of the registration can be read here, and not be set.
 */
export class SessionCookie implements CookieSettings {
  readonly #state: SessionState;
  readonly #operations: SessionOperations;

  /** @internal */
  constructor(state: SessionState, operations: SessionOperations) {
    this.#state = state;
    this.#operations = operations;
    Object.freeze(this);
  }

  /**
   * How long the cookie outlives the browser if the session is not used again, in milliseconds;
   * null: it ends with the browser.
   */
  get maxAge(): number | null {
    return this.#state.permanent ?? null;
  }

  set maxAge(milliseconds: number | null | undefined) {
    this.#operations.setPermanent(milliseconds ?? false);
  }

  /** The same as `maxAge`. */
  get originalMaxAge(): number | null {
    return this.maxAge;
  }

  /** When the cookie ends if the session is not used again; null: with the browser. */
  get expires(): Date | null {
    return this.#state.permanent === undefined ? null : new Date(this.#operations.expiresAt());
  }

  set expires(date: Date | null | undefined) {
    if (date && !types.isDate(date)) {
      const fix = 'To let the session outlive the browser, set session.permanent.';
      throw new SessionError('SESSION_OPTION_INVALID', `session.cookie.expires takes a Date, or null. ${fix}`);
    }
    this.#operations.setPermanent(date ? date.getTime() - this.#operations.now() : false);
  }

  get path(): string {
    return this.#operations.cookieSettings.path;
  }

  /** Undefined: only the host that has set it gets it back. */
  get domain(): string | undefined {
    return this.#operations.cookieSettings.domain;
  }

  /** With `secure: 'auto'`, as it is for this request. */
  get secure(): boolean {
    return this.#operations.cookieSettings.secure;
  }

  get httpOnly(): true {
    return this.#operations.cookieSettings.httpOnly;
  }

  get sameSite(): 'lax' | 'strict' | 'none' {
    return this.#operations.cookieSettings.sameSite;
  }

  get partitioned(): boolean {
    return this.#operations.cookieSettings.partitioned;
  }

  get priority(): 'low' | 'medium' | 'high' | undefined {
    return this.#operations.cookieSettings.priority;
  }

  toJSON(): object {
    const { maxAge, originalMaxAge, expires } = this;
    return { maxAge, originalMaxAge, expires, ...this.#operations.cookieSettings };
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
