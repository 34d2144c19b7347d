import { SessionError } from '../../core/errors.js';
import { messageOf } from '../../core/lifecycle/session-context.js';
import type { Registration } from '../../core/request/registration.js';
import type { SessionData } from '../../core/session/session-data.interface.js';
import { ObservedPromise } from '../../core/session/observed-promise.js';
import type { SessionObject } from '../../core/session/session.js';
import { findAmbient, runWith } from '../../http/ambient.js';
import { type SessionSource, findInSource, openSession } from './find-session.js';

/**
 * The session of the request that a service runs for, without handing the request on. Needs the
 * option `ambient: true`. Inject it by its class, or with `getCurrentSessionToken('admin')` for a
 * named registration.
 *
 * ```ts
 * class PriceService {
 *   constructor(private readonly current: CurrentSession<Cart>) {}
 *
 *   total() {
 *     return sum(this.current.session.items);
 *   }
 * }
 * ```
 */
export class CurrentSession<T extends object = SessionData> {
  readonly #registration: Registration;

  /** @internal */
  constructor(registration: Registration) {
    this.#registration = registration;
  }

  /**
   * Throws `SESSION_NO_CONTEXT` outside of any request, and `SESSION_NOT_LOADED` if nothing has
   * been read yet.
   */
  get session(): SessionObject<T> {
    const access = findAmbient(this.#registration);
    if (access) return access.session as SessionObject<T>;
    throw new SessionError('SESSION_NO_CONTEXT', this.#registration.options.ambient ? OUTSIDE : NOT_AMBIENT);
  }

  /**
   * Runs a function in the name of a session, where nothing does it by itself: for a message of a
   * socket, or a GraphQL subscription. Resolves with the result of the function.
   * @param source as for `MongoSessions.from()`
   */
  run<R>(source: SessionSource, fn: () => R | Promise<R>): Promise<R> {
    const run = async () => {
      const access = findInSource(source, this.#registration, undefined);
      await openSession(access);
      return runWith(access, fn);
    };
    const { log } = this.#registration.hooks;
    return ObservedPromise.run(run, (error) => log.error(`CurrentSession.run() failed: ${messageOf(error)}`));
  }
}

const OUTSIDE =
  'CurrentSession.session was asked for outside of any request. Wrap the call in `current.run(source, ...)`; a job has `sessions.read(handle)` and `edit(handle, ...)`.';
const NOT_AMBIENT =
  'CurrentSession.session needs the option `ambient: true`. Set it, or hand the request on and call `sessions.from(request)`.';
