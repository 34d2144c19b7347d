import { MAX_TAKES, forEachParallel } from './parallel.js';
import { PAGE_SIZE, UserRecords, goOnWithoutUsers } from './user-records.js';
import { type UserSession, toUserSession } from './user-session.js';
import { integerAt, refuseUnknownOf } from '../option-checks.js';
import type { SessionContext } from '../lifecycle/session-context.js';
import type { RevocationCause } from '../lifecycle/session-events.js';
import { type Revocation, reportExpired, reportRevoked } from '../lifecycle/session-reports.js';
import { SessionError } from '../errors.js';
import { checkLabel, encodeDevice } from '../session/device.js';
import { hasExpired } from '../session/expiry.js';
import { isSeatStore, isUserSessionStore, requirePort } from '../store/store-ports.js';
import { isUnauthorized } from '../store/unauthorized.js';
import {
  EVERYBODY,
  type ListedSession,
  type SessionOwner,
  type UserSessionStore,
} from '../store/user-session-store.interface.js';
import { type SessionHandle, isHandle } from '../token/session-token.js';

/** Who ends sessions, and why. */
export type RevocationOrder = Omit<Revocation, 'session'>;

/** Which of a user's sessions a revocation leaves alone. */
export interface Exceptions {
  /** Not removed. */
  readonly kept?: SessionHandle;
  /** May log in although its request has arrived before. */
  readonly spared?: SessionHandle;
}

export function orderOf(cause: RevocationCause, options: { reason?: unknown }, by?: SessionHandle): RevocationOrder {
  refuseUnknownOf('revoke', options, ['reason']);
  const { reason } = options;
  if (reason === undefined || typeof reason === 'string') return { cause, reason, by };
  throw new SessionError(
    'SESSION_OPTION_INVALID',
    'The `reason` of a revocation is no text. Give a text, or leave it out.',
  );
}

/** The sessions of a user, or of everybody, that are to end. */
interface Selection {
  readonly of: unknown;
  readonly owner: SessionOwner;
  readonly kept?: SessionHandle | undefined;
}

const MAX_LISTED = 1000;
/**
 * A login that arrived before everybody's revocation may finish after it, by another process's
 * clock.
 */
const MAX_LOGIN_MS = 60_000;

/**
 * Finds and ends the sessions of users. Ending a session is removing its document: every later read
 * finds nothing, and so does every write, because none but an insert makes a document.
 */
export class UserDirectory {
  readonly #records: UserRecords | undefined;

  constructor(private readonly context: SessionContext) {
    const { store } = context;
    if (isSeatStore(store) && isUserSessionStore(store)) this.#records = new UserRecords(context, store);
  }

  /** A user's living sessions, last used first. */
  async list(userId: unknown, options: { limit?: number }, current?: SessionHandle): Promise<UserSession[]> {
    refuseUnknownOf('list', options, ['limit']);
    const { limit = 100 } = options;
    const living = await this.#findLiving(userId, integerAt('list({ limit })', limit, 1, MAX_LISTED));
    const { codec } = this.context;
    return living.map((session) => toUserSession(codec, this.context.options.devices, session, current));
  }

  /** Expired sessions that were used later stand before the living ones, until they are removed. */
  async #findLiving(userId: unknown, limit: number): Promise<ListedSession[]> {
    for (let asked = limit; ; asked *= 2) {
      const found = await this.#store.findByUser(userId, asked);
      const now = this.context.now();
      const living = found.filter((session) => !hasExpired(this.context.options, session, now));
      if (living.length >= limit || found.length < asked) return living.slice(0, limit);
    }
  }

  /** Ends one session, if it is the owner's. False: there is no such session. */
  async revoke(handle: unknown, owner: SessionOwner, order: RevocationOrder): Promise<boolean> {
    const store = this.#store;
    return isHandle(handle) && this.#take(store, handle, owner, order);
  }

  /** Ends a user's sessions, and those of logins that are in flight. Resolves with their number. */
  async revokeAll(userId: unknown, order: RevocationOrder, { kept, spared }: Exceptions = {}): Promise<number> {
    return this.#endAll({ of: userId, owner: { userId }, kept }, order, spared);
  }

  /** Ends all sessions that have a user, and those of logins that are in flight. */
  async revokeEverybody(order: RevocationOrder): Promise<number> {
    const authenticatedBefore = this.context.now() + MAX_LOGIN_MS;
    return this.#endAll({ of: EVERYBODY, owner: { authenticatedBefore } }, order);
  }

  /** Names the device of one session. Null removes the name. False: there is no such session. */
  async label(handle: unknown, userId: unknown, label: unknown): Promise<boolean> {
    const store = this.#store;
    if (!this.context.options.devices) throw noDevices();
    const text = label === null ? undefined : checkLabel(label);
    const change =
      text === undefined ? { unset: ['label'] } : { set: encodeDevice(this.context.codec, { label: text }) };
    return isHandle(handle) && store.describe(handle, { userId }, change);
  }

  get #store(): UserSessionStore {
    return requirePort(this.context.store, 'UserSessionStore', 'To find and end the sessions of users');
  }

  /**
   * Resolves with why there is no stamp, if the server is there: sessions must end although a
   * document of a user can't be read.
   */
  async #stamp(userId: unknown, spared?: SessionHandle): Promise<SessionError | undefined> {
    try {
      await this.#records?.stamp(userId, spared);
    } catch (error) {
      const isRefused = error instanceof SessionError && error.code === 'SESSION_STORE_FAILED';
      if (isRefused && !isUnauthorized(error)) return error;
      goOnWithoutUsers(this.context, error);
    }
    return undefined;
  }

  async #endAll(selection: Selection, order: RevocationOrder, spared?: SessionHandle): Promise<number> {
    const store = this.#store;
    // First the stamp, then the search: a login either is found, or finds the stamp.
    const failure = await this.#stamp(selection.of, spared);
    const count = await this.#takeAll(store, selection, order);
    if (failure) throw failure;
    return count;
  }

  async #takeAll(store: UserSessionStore, { of, owner, kept }: Selection, order: RevocationOrder): Promise<number> {
    let count = 0;
    let after: SessionHandle | undefined;
    for (;;) {
      const page = await store.handlesOf(of, after, PAGE_SIZE);
      const handles = page.filter((handle) => handle !== kept);
      await forEachParallel(handles, MAX_TAKES, async (handle) => {
        if (await this.#take(store, handle, owner, order)) count += 1;
      });
      if (page.length < PAGE_SIZE) return count;
      after = page.at(-1);
    }
  }

  async #take(
    store: UserSessionStore,
    handle: SessionHandle,
    owner: SessionOwner,
    order: RevocationOrder,
  ): Promise<boolean> {
    const session = await store.take(handle, owner);
    if (!session) return false;
    if (hasExpired(this.context.options, session, this.context.now())) {
      reportExpired(this.context, session);
      return false;
    }
    reportRevoked(this.context, { session, ...order });
    return true;
  }
}

function noDevices(): SessionError {
  const what = 'label() names a device, but devices are not noted.';
  return new SessionError('SESSION_OPTION_INVALID', `${what} Set the option \`devices\`.`);
}
