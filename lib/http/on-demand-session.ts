import { SessionError } from '../core/errors.js';
import type { SessionObject } from '../core/session/session.js';
import { ActiveSession } from './active-session.js';

/** With `read: 'on-demand'`: nothing is read until somebody asks. */
export class OnDemandSession extends ActiveSession {
  #wasAsked = false;
  #loading: Promise<void> | undefined;

  override load(): Promise<void> | undefined {
    if (this.#wasAsked) return this.#loading;
    this.#wasAsked = true;
    this.#loading = this.open()?.then(() => (this.#loading = undefined));
    return this.#loading;
  }

  override get session(): SessionObject<object> {
    if (this.#wasAsked && !this.#loading) return super.session;
    throw notLoadedError();
  }
}

export function notLoadedError(): SessionError {
  return new SessionError(
    'SESSION_NOT_LOADED',
    "The session has not been read yet, because of the option `read: 'on-demand'`. Ask for it with @Session() or `await sessions.from(request)` first, or use MongoSessions.middleware.",
  );
}
