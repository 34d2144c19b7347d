import { contendedUser } from './login-refusals.js';
import { newUser, withSeats, withStamp } from './seat-record.js';
import { type SessionContext, messageOf } from '../lifecycle/session-context.js';
import type { SeatedSession, SeatStore, StoredUser } from '../store/seat-store.interface.js';
import { isUnauthorized } from '../store/unauthorized.js';
import { EVERYBODY, type UserSessionStore } from '../store/user-session-store.interface.js';
import type { SessionHandle } from '../token/session-token.js';

/** A store that keeps users beside their sessions. */
export type UserStore = SeatStore & UserSessionStore;

/** After so many lost compare-and-sets, somebody else is at fault. */
export const MAX_LOST = 20;
/** Handles that are read at a time. */
export const PAGE_SIZE = 1000;

/** What is kept of a user, and of everybody, at one moment. */
export interface UserRead {
  readonly user: StoredUser | undefined;
  readonly everybody: StoredUser | undefined;
  /** See `SeatStore.findSeated`. */
  readonly asOf: unknown;
  /** Whether the user's seats are newer than `asOf`. */
  readonly isBuilt?: boolean;
}

/**
 * Goes on where the database user may not keep users, as before there were any. With `maxSessions`
 * a login does not come here.
 */
export function goOnWithoutUsers(context: SessionContext, error: unknown): void {
  if (!isUnauthorized(error)) throw error;
  context.warnOnce(`A login that is in flight while its user's sessions are revoked survives. ${messageOf(error)}`);
}

/** The documents of users: read, built, changed by compare-and-set. */
export class UserRecords {
  constructor(
    private readonly context: SessionContext,
    private readonly store: UserStore,
  ) {}

  async read(userId: unknown): Promise<UserRead> {
    const { users, asOf } = await this.store.findUsers([userId, EVERYBODY]);
    return { user: users[0], everybody: users[1], asOf };
  }

  async readEverybody(): Promise<StoredUser | undefined> {
    return (await this.store.findUsers([EVERYBODY])).users[0];
  }

  /**
   * The same with seats. If nobody has counted the user's sessions yet, they are counted after the
   * document was inserted: who logs in without a limit meanwhile finds it, and changes it.
   */
  async readSeated(userId: unknown): Promise<UserRead & { readonly user: StoredUser }> {
    for (let lost = 0; lost < MAX_LOST; lost++) {
      const { user, ...read } = await this.read(userId);
      if (user?.seats) return { ...read, user };
      const present = user ?? newUser(userId, this.#until);
      if (!user && !(await this.store.insertUser(present))) continue;
      const built = withSeats(present, await this.#handlesOf(userId), this.#until);
      if (await this.store.changeUser(built, present.revision)) return { ...read, user: built, isBuilt: true };
    }
    throw contendedUser(false);
  }

  /**
   * Gives the user these seats, unless it was changed since it was read. Without seats it only gets
   * another revision.
   */
  change(user: StoredUser, seats: readonly SessionHandle[] | undefined): Promise<boolean> {
    return this.store.changeUser(withSeats(user, seats, this.#until), user.revision);
  }

  /** Notes that the user's sessions are revoked now, all but one. */
  async stamp(userId: unknown, spared?: SessionHandle): Promise<void> {
    const movesUntil = Math.max(-Infinity, ...this.context.options.movingIn.map(({ until }) => until));
    for (let lost = 0; lost < MAX_LOST; lost++) {
      const now = this.context.now();
      const [user] = (await this.store.findUsers([userId])).users;
      const stamped = withStamp(user ?? newUser(userId, now), now, spared, movesUntil);
      if (await (user ? this.store.changeUser(stamped, user.revision) : this.store.insertUser(stamped))) return;
    }
    throw contendedUser(false);
  }

  /** Those of the sessions with a seat that exist. Those that do not are gone for good. */
  async findSeated({ user, asOf, isBuilt }: UserRead, seats: readonly SessionHandle[]): Promise<SeatedSession[]> {
    const { userId } = user!;
    const moment = isBuilt ? (await this.store.findUsers([userId])).asOf : asOf;
    return this.store.findSeated(seats, userId, moment);
  }

  /** When every session of a user who logs in now is over. */
  get #until(): number {
    const { absoluteTimeout, permanent } = this.context.options;
    return this.context.now() + Math.max(absoluteTimeout, permanent.absoluteTimeout);
  }

  async #handlesOf(userId: unknown): Promise<SessionHandle[]> {
    const all: SessionHandle[] = [];
    for (;;) {
      const page = await this.store.handlesOf(userId, all.at(-1), PAGE_SIZE);
      all.push(...page);
      if (page.length < PAGE_SIZE) return all;
    }
  }
}
