import { contendedUser, limitReached, loginRevoked } from './login-refusals.js';
import { MAX_TAKES, forEachParallel } from './parallel.js';
import { isRevoked } from './seat-record.js';
import { MAX_LOST, type UserRead, UserRecords, type UserStore, goOnWithoutUsers } from './user-records.js';
import { chooseVictims } from './victims.js';
import { KeyedQueue } from '../lifecycle/keyed-queue.js';
import type { LoginAttempt, LoginProtocol } from '../lifecycle/login-protocol.interface.js';
import type { SessionContext } from '../lifecycle/session-context.js';
import { endSession, reportExpired, reportRevoked } from '../lifecycle/session-reports.js';
import type { SeatedSession } from '../store/seat-store.interface.js';
import { userKeyOf } from '../store/user-key.js';
import type { SessionHandle } from '../token/session-token.js';

type Write = () => Promise<SessionHandle>;

/** After so many logins without a limit, seats are looked at. */
const CHECKED_EVERY = 1000;

/**
 * READ FIRST: how a login keeps its user's sessions within their limit, and does not survive their
 * revocation.
 *
 * If a user's document has seats, every living session of the user whose token has left has one,
 * and there are never more seats than the limit allows. In: a token leaves only after the
 * compare-and-set that gives its session a seat. Out: a seat is dropped only for a session that is
 * gone for good, belongs to somebody else, or was just removed. A process that stops in between
 * leaves a session whose token nobody knows, or one session fewer, and never one more.
 */
export class UserLogins implements LoginProtocol {
  readonly #queue = new KeyedQueue();
  readonly #records: UserRecords;

  constructor(
    private readonly context: SessionContext,
    private readonly store: UserStore,
  ) {
    this.#records = new UserRecords(context, store);
  }

  run(attempt: LoginAttempt, write: Write): Promise<void> {
    const { maxSessions: limit = this.context.options.maxSessions } = attempt;
    return limit === undefined
      ? this.#logIn(attempt, write)
      : this.#inTurn(attempt, () => this.#logInWithin(limit, attempt, write));
  }

  /**
   * The write comes first: a process that counts sessions or revokes them either finds this one, or
   * is seen here.
   */
  async #logIn(attempt: LoginAttempt, write: Write): Promise<void> {
    const handle = await write();
    try {
      const read = await this.#records.read(attempt.userId);
      await this.#refuseRevoked(read, attempt, handle, true);
      if (read.user && !hasKeptSeat(read, attempt, handle))
        await this.#inTurn(attempt, () => this.#takeSeat(Infinity, attempt, handle, read));
    } catch (error) {
      goOnWithoutUsers(this.context, error);
    }
  }

  async #logInWithin(limit: number, attempt: LoginAttempt, write: Write): Promise<void> {
    const { userId } = attempt;
    const read = await this.#records.readSeated(userId);
    await this.#refuseRevoked(read, attempt, attempt.handle, false);
    if (this.context.options.onMaxSessions === 'refuse') await this.#refuseFull(limit, read, attempt);
    const handle = await write();
    // There may be more seats than the limit of this login, which may be lower than that of others.
    if (hasKeptSeat(read, attempt, handle) && read.user.seats!.length <= limit)
      return this.#refuseRevoked(await this.#records.read(userId), attempt, handle, true);
    return this.#takeSeat(limit, attempt, handle, read);
  }

  /** Gives a session that was written its seat; ends others first where there is no room. */
  async #takeSeat(limit: number, attempt: LoginAttempt, handle: SessionHandle, first: UserRead): Promise<void> {
    const { userId } = attempt;
    const isLimited = limit < Infinity;
    let read = first;
    for (let lost = 0; lost < MAX_LOST; lost++) {
      const { user } = read;
      // Removed by hand: nobody counts this user's sessions any more.
      if (!user) return;
      // Another login has ended the session since. Room for it would end one more.
      if (lost > 0 && hasKeptSeat(first, attempt, handle) && !hasKeptSeat(read, attempt, handle)) return;
      const others = user.seats?.filter((seat) => seat !== handle);
      let room = others;
      if (others && others.length >= limit) room = await this.#makeRoom(limit, attempt, handle, read, others);
      // Without a limit, seats of sessions that are gone would become more and more.
      else if (others && !isLimited && others.length % CHECKED_EVERY === CHECKED_EVERY - 1)
        room = (await this.#records.findSeated(read, others)).map((session) => session.handle);
      // What was read before the write can't tell of a revocation after it. One of the user changes
      // its revision.
      const [isSeated, everybody] = await Promise.all([
        this.#records.change(user, room && [...room, handle]),
        isLimited && lost === 0 ? this.#records.readEverybody() : read.everybody,
      ]);
      // The session that was written may be another one than the one that was spared.
      if (isSeated) return this.#refuseRevoked({ user, everybody }, attempt, handle, true);
      read = isLimited ? await this.#records.readSeated(userId) : await this.#records.read(userId);
      await this.#refuseRevoked(read, attempt, handle, true);
    }
    const { isMove = false } = attempt;
    if (!isMove) await this.#remove(attempt, handle);
    throw contendedUser(!isMove);
  }

  /** The seats that stay: fewer than the limit. */
  async #makeRoom(
    limit: number,
    attempt: LoginAttempt,
    handle: SessionHandle,
    read: UserRead,
    seats: readonly SessionHandle[],
  ): Promise<SessionHandle[]> {
    const { context, store } = this;
    const { onMaxSessions } = context.options;
    let living = await this.#findLiving(read, seats);
    const surplus = living.length - limit + 1;
    if (surplus > 0 && onMaxSessions === 'refuse') {
      await this.#remove(attempt, handle);
      throw limitReached(limit, true);
    }
    if (surplus > 0 && onMaxSessions !== 'refuse') {
      const victims = chooseVictims(living, onMaxSessions, surplus);
      await forEachParallel(victims, MAX_TAKES, async (victim) => {
        const session = await store.take(victim.handle, { userId: attempt.userId });
        if (session) reportRevoked(context, { session, cause: 'limit', by: handle });
      });
      living = living.filter((session) => !victims.includes(session));
    }
    return living.map((session) => session.handle);
  }

  /**
   * Those that live. What has expired is removed, unless it was used in this very moment: then it
   * is looked at again.
   */
  async #findLiving(read: UserRead, seats: readonly SessionHandle[]): Promise<SeatedSession[]> {
    const seated = await this.#records.findSeated(read, seats);
    const now = this.context.now();
    const missed: SessionHandle[] = [];
    const living = seated.filter(({ expiresAt }) => expiresAt > now);
    const expired = seated.filter(({ expiresAt }) => expiresAt <= now);
    await forEachParallel(expired, MAX_TAKES, async ({ handle, expiresAt }) => {
      const session = await this.store.take(handle, { expiresAt });
      if (session) reportExpired(this.context, session);
      else missed.push(handle);
    });
    return missed.length > 0 ? [...living, ...(await this.#findLiving(read, missed))] : living;
  }

  /** Before anything is written, so that the request goes on with the session that it has. */
  async #refuseFull(limit: number, read: UserRead, { handle }: LoginAttempt): Promise<void> {
    const seats = (read.user?.seats ?? []).filter((seat) => seat !== handle);
    if (seats.length < limit) return;
    const now = this.context.now();
    const living = (await this.#records.findSeated(read, seats)).filter(({ expiresAt }) => expiresAt > now);
    if (living.length >= limit) throw limitReached(limit, false);
  }

  async #refuseRevoked(
    { user, everybody }: Pick<UserRead, 'user' | 'everybody'>,
    attempt: LoginAttempt,
    handle: SessionHandle | undefined,
    isWritten: boolean,
  ): Promise<void> {
    const { provedAfter } = attempt;
    if (!isRevoked(user, provedAfter, handle) && !isRevoked(everybody, provedAfter, handle)) return;
    if (isWritten) await this.#remove(attempt, handle!);
    throw loginRevoked(isWritten);
  }

  /** Ends the session that this login has written. Nobody has heard of one that it has added. */
  async #remove(attempt: LoginAttempt, handle: SessionHandle): Promise<void> {
    if (handle === attempt.handle) await endSession(this.context, handle);
    else await this.context.store.remove(handle);
  }

  /**
   * Logins of one user in one process wait for each other, instead of outdoing each other again and
   * again.
   */
  #inTurn(attempt: LoginAttempt, task: () => Promise<void>): Promise<void> {
    return this.#queue.run(userKeyOf(attempt.userId), task, attempt.deadline);
  }
}

/**
 * Whether the session has been this user's, with a seat, all the time: so nobody can have found it
 * absent.
 */
function hasKeptSeat({ user }: UserRead, attempt: LoginAttempt, handle: SessionHandle): boolean {
  return attempt.isSameUser && handle === attempt.handle && user?.seats?.includes(handle) === true;
}
