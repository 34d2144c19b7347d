import { messageOf } from '../../core/lifecycle/session-context.js';
import type { SessionAccess } from '../../core/request/session-access.interface.js';
import { type Callback, settle } from '../../core/session/callback.js';
import { ObservedPromise } from '../../core/session/observed-promise.js';
import { freezeMethods } from '../../core/session/reserved-names.js';

/**
 * What `request.session` shows with the face 'fastify-session' where there is no session, as on an
 * excluded path: nothing. Plugins of the whole server read it there, too.
 */
export class AbsentFastifySession {
  readonly #access: SessionAccess;

  constructor(access: SessionAccess) {
    this.#access = access;
    Object.freeze(this);
  }

  get(): undefined {}

  data(): object {
    return {};
  }

  isModified(): boolean {
    return false;
  }

  isSaved(): boolean {
    return false;
  }

  set(): void {
    // Throws, and says why there is none.
    void this.#access.session;
  }

  /** There, nobody awaits it. A hook of the whole server may call it with each request. */
  touch(): Promise<void> {
    const { context } = this.#access.registration;
    return ObservedPromise.run(
      async () => this.set(),
      (error) => context.warnOnce(`A method of request.session has failed. ${messageOf(error)}`),
    );
  }

  save(callback?: Callback): Promise<void> | void {
    return settle(this.touch(), callback);
  }

  reload(callback?: Callback): Promise<void> | void {
    return this.save(callback);
  }

  destroy(callback?: Callback): Promise<void> | void {
    return this.save(callback);
  }

  regenerate(keys?: readonly string[] | Callback, callback?: Callback): Promise<void> | void {
    return this.save(typeof keys === 'function' ? keys : callback);
  }
}

freezeMethods(AbsentFastifySession);
