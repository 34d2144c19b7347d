import { SessionError } from '../errors.js';
import { integerAt, optionError, refuseUnknownOf } from '../option-checks.js';
import { makeReadonly } from '../session/readonly-session.js';
import type { SessionObject } from '../session/session.js';
import { type SessionHandle, isHandle } from '../token/session-token.js';
import { DetachedExchange } from './detached-exchange.js';
import type { Registration } from './registration.js';
import { UnitOfWork } from './unit-of-work.js';

/** How often `edit` starts again. */
export interface EditOptions {
  /**
   * How often the function is called again if the session got a new token in the meantime.
   * @default 3
   */
  retries?: number;
}

/** What `MongoSessions.edit()` does to a session. Called again if another request was faster. */
export type SessionEditor<T extends object> = (session: SessionObject<T>) => void | Promise<void>;

/**
 * Sessions outside of any request, found by their handle. Neither reading nor changing them is a
 * use of them.
 */
export class JobSessions {
  readonly #exchange: DetachedExchange;

  constructor(
    private readonly registration: Registration,
    toFrameworkError: (error: unknown) => unknown,
  ) {
    this.#exchange = new DetachedExchange(toFrameworkError);
  }

  async read(handle: SessionHandle): Promise<SessionObject<object> | undefined> {
    const work = await this.#open(handle);
    if (!work) return undefined;
    const { session } = work;
    makeReadonly(session, work);
    return session;
  }

  /** The same for those who copy what it holds: nothing of it is frozen, and nothing saves it. */
  async readUnlocked(handle: SessionHandle): Promise<SessionObject<object> | undefined> {
    return (await this.#open(handle))?.session;
  }

  async edit(handle: SessionHandle, change: SessionEditor<object>, options: EditOptions): Promise<boolean> {
    if (typeof change !== 'function') throw optionError('edit', change, 'Give a function that changes the session.');
    refuseUnknownOf('edit', options, ['retries']);
    const { retries = 3 } = options;
    integerAt('edit({ retries })', retries, 0, MAX_RETRIES);
    for (let attempt = 0; attempt <= retries; attempt++) {
      const work = await this.#open(handle);
      if (!work) return false;
      try {
        await change(work.session);
        await work.save({});
        return true;
      } catch (error) {
        if (!work.state.isInterrupted || !isLoss(error)) throw error;
        // The session has ended, or has a new token: the next attempt finds out.
      }
    }
    const problem = 'The session got a new token each time before edit() could change it.';
    throw new SessionError('SESSION_CONTENDED', `${problem} Try again later, or allow more \`retries\`.`);
  }

  async #open(handle: unknown): Promise<UnitOfWork | undefined> {
    if (!isHandle(handle)) return undefined;
    const { manager, context } = this.registration;
    const state = await manager.open(handle, context.now());
    if (typeof state === 'string') return undefined;
    state.stopUse();
    state.isOfJob = true;
    return new UnitOfWork(state, this.registration, this.#exchange);
  }
}

const MAX_RETRIES = 1000;

/** Whether it tells of a session that has ended, or got a new token. Others are the app's own. */
function isLoss(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return code === 'SESSION_INTERRUPTED' || code === 'SESSION_ENDED';
}
