import { type UserDirectory, orderOf } from './user-directory.js';
import type { UserSession } from './user-session.js';
import { refuseReadonly } from '../session/readonly-session.js';
import type { SessionObject } from '../session/session.js';

/** What `list` shows. */
export interface ListOptions {
  /** The most sessions that are listed: from 1 to 1000. @default 100 */
  limit?: number;
}

/** What is noted of a revocation. */
export interface RevokeOptions {
  /** For the `revoked` event; cut after 200 characters. */
  reason?: string;
}

/**
 * Runs an operation for the app: gives its failure the framework's form, and logs one that nobody
 * handles.
 */
export type RunOperation = <T>(operation: () => Promise<T>) => Promise<T>;

/**
 * The sessions of one user. The user is part of every query, so that no handle reaches a session of
 * somebody else.
 */
export class UserSessions {
  readonly #directory: UserDirectory;
  readonly #run: RunOperation;
  readonly #userId: unknown;

  /** @internal */
  constructor(directory: UserDirectory, run: RunOperation, userId: unknown) {
    this.#directory = directory;
    this.#run = run;
    this.#userId = userId;
  }

  /** The user's living sessions, last used first. */
  list(options: ListOptions = {}): Promise<UserSession[]> {
    return this.#run(() => this.#directory.list(this.#userId, options));
  }

  /** Ends one session. False: this user has no such session. */
  revoke(handle: string, options: RevokeOptions = {}): Promise<boolean> {
    return this.#run(() => this.#directory.revoke(handle, { userId: this.#userId }, orderOf('app', options)));
  }

  /**
   * Ends all sessions of the user, in every process, and those of logins that are in flight.
   * Resolves with how many there were.
   */
  revokeAll(options: RevokeOptions = {}): Promise<number> {
    return this.#run(() => this.#directory.revokeAll(this.#userId, orderOf('app', options)));
  }

  /**
   * Names the device of a session, with the option `devices`: cut after 100 characters. Null
   * removes the name. False: this user has no such session.
   */
  label(handle: string, label: string | null): Promise<boolean> {
    return this.#run(() => this.#directory.label(handle, this.#userId, label));
  }
}

/**
 * The sessions of the user of one session. What ends this one logs out here too, cookie included.
 */
export class OwnSessions extends UserSessions {
  readonly #directory: UserDirectory;
  readonly #run: RunOperation;
  readonly #session: SessionObject<object>;
  readonly #userId: unknown;

  /** @internal */
  constructor(directory: UserDirectory, run: RunOperation, session: SessionObject<object>) {
    super(directory, run, session.userId);
    this.#directory = directory;
    this.#run = run;
    this.#session = session;
    this.#userId = session.userId;
  }

  /** The user's living sessions, last used first; `isCurrent` marks this one. */
  override list(options: ListOptions = {}): Promise<UserSession[]> {
    return this.#run(() => this.#directory.list(this.#userId, options, this.#session.handle));
  }

  /** Ends one session; this one like `session.logout()`. False: this user has no such session. */
  override revoke(handle: string, options: RevokeOptions = {}): Promise<boolean> {
    return this.#run(async () => {
      const own = this.#session.handle;
      if (handle !== own)
        return this.#directory.revoke(handle, { userId: this.#userId }, orderOf('user', options, own));
      await this.#session.logout();
      return true;
    });
  }

  /**
   * Ends all other sessions of the user, and those of logins that are in flight. Resolves with how
   * many there were.
   */
  revokeOthers(options: RevokeOptions = {}): Promise<number> {
    return this.#run(() => {
      const { handle } = this.#session;
      return this.#directory.revokeAll(this.#userId, orderOf('user', options, handle), {
        kept: handle,
        spared: handle,
      });
    });
  }

  /**
   * Ends all sessions of the user, this one like `session.logout()`. Resolves with how many there
   * were.
   */
  override revokeAll(options: RevokeOptions = {}): Promise<number> {
    return this.#run(async () => {
      // Or the others would end, and this one stay.
      refuseReadonly(this.#session, 'logout()');
      const { handle } = this.#session;
      const order = orderOf('user', options, handle);
      const others = await this.#directory.revokeAll(this.#userId, order, { kept: handle });
      await this.#session.logout();
      return others + 1;
    });
  }
}
