import { EMPTY_DOCUMENT, isEmptyDocument } from '../data/bson-elements.js';
import { applyDiff } from '../data/data-bounds.js';
import type { SessionHandle } from '../token/session-token.js';
import { SessionError } from '../errors.js';
import type {
  SecretReplacement,
  SessionChange,
  SessionStore,
  StoredSession,
  WriteTarget,
} from './session-store.interface.js';
import type { CountableStore } from './countable-store.interface.js';
import type { TokenRenewal } from '../token/renewal.js';
import { countAfter, shownOf } from './memory-answers.js';
import { isBuried, isOwnedBy, isUsers, keepElements, mergeTimes, noneIfEmpty, withOptional } from './memory-changes.js';
import { MemoryUsers } from './memory-users.js';
import { type Burial, type MovingStore, TOMBSTONE_EPOCH } from './moving-store.interface.js';
import { tombstoneOf } from './tombstone.js';
import type { SeatedSession, SeatStore, StoredUser, UsersRead } from './seat-store.interface.js';
import type { SweepableStore } from './sweepable-store.interface.js';
import {
  type DeviceChange,
  EVERYBODY,
  type ListedSession,
  type SessionOwner,
  type TakenSession,
  type UserSessionStore,
} from './user-session-store.interface.js';
import type { PeekedSession, WatchableStore } from './watchable-store.interface.js';

/**
 * Keeps sessions in the memory of this process, and behaves exactly like the MongoDB store. It is
 * for tests: nothing expires by itself, processes share nothing, and all is lost when the process
 * ends.
 *
 * ```ts
 * MongoSessionsModule.forRoot({ store: new MemorySessionStore() })
 * ```
 */
export class MemorySessionStore
  implements SessionStore, UserSessionStore, SeatStore, SweepableStore, WatchableStore, MovingStore, CountableStore
{
  readonly #sessions = new Map<SessionHandle, StoredSession>();
  readonly #users = new MemoryUsers();
  readonly #listeners = new Set<(handle?: SessionHandle) => void>();

  /** How many sessions there are, expired ones included. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Removes everything, between two tests. */
  clear(): void {
    this.#sessions.clear();
    this.#users.clear();
    this.#ring();
  }

  async find(handle: SessionHandle): Promise<StoredSession | undefined> {
    return this.#sessions.get(handle);
  }

  async insert(session: StoredSession): Promise<void> {
    if (!(await this.insertIfFree(session))) {
      throw new SessionError(
        'SESSION_STORE_FAILED',
        'A session of this handle exists already: insert it under a new one.',
      );
    }
  }

  async insertIfFree(session: StoredSession): Promise<boolean> {
    if (this.#sessions.has(session.handle)) return false;
    this.#sessions.set(session.handle, session);
    return true;
  }

  async bury(handle: SessionHandle, burial: Burial): Promise<TakenSession | undefined> {
    const session = this.#sessions.get(handle);
    if (!session || !isBuried(session, burial)) return undefined;
    this.#sessions.set(handle, tombstoneOf(handle, burial));
    this.#ring(handle);
    return shownOf(session);
  }

  async update(target: WriteTarget, change: SessionChange): Promise<boolean> {
    return this.#replace(target, (session) => ({
      ...withOptional(session, { permanent: change.permanent }),
      ...mergeTimes(session, change),
      ...(change.device && { device: applyDiff(session.device ?? EMPTY_DOCUMENT, { set: change.device }) }),
      data: applyDiff(session.data, change, target.bounds),
    }));
  }

  async replaceSecret(target: WriteTarget, change: SecretReplacement): Promise<boolean> {
    const { secretHash, createdAt, times, keep, data, userId, authenticatedAt, amr, device } = change;
    if (data && Buffer.compare(this.#sessions.get(target.handle)?.data ?? EMPTY_DOCUMENT, data.expected) !== 0)
      return false;
    const isDone = this.#replace(target, (session) => ({
      ...withOptional(session, { userId, authenticatedAt, amr, device: device && noneIfEmpty(device) }),
      ...times,
      renewal: { revision: 1, issuedAt: times.lastSeenAt },
      secretHash,
      createdAt,
      epoch: session.epoch + 1,
      data: data ? data.next : keep === true ? session.data : keepElements(session.data, keep),
    }));
    if (isDone) this.#ring(target.handle);
    return isDone;
  }

  async replaceValue(
    target: WriteTarget,
    key: string,
    expected: Uint8Array | undefined,
    next: Uint8Array | undefined,
    others: readonly string[] = [],
  ): Promise<boolean> {
    const present = keepElements(this.#sessions.get(target.handle)?.data ?? EMPTY_DOCUMENT, [key, ...others]);
    if (Buffer.compare(present, expected ?? EMPTY_DOCUMENT) !== 0) return false;
    const change = next ? { set: next } : { unset: [key] };
    return this.#replace(target, (session) => ({ ...session, data: applyDiff(session.data, change, target.bounds) }));
  }

  async renewToken(
    target: WriteTarget,
    revision: number,
    secretHash: Uint8Array,
    renewal: TokenRenewal,
  ): Promise<boolean> {
    if ((this.#sessions.get(target.handle)?.renewal?.revision ?? 0) !== revision) return false;
    return this.#replace(target, (session) => ({ ...session, secretHash, renewal }));
  }

  async removeIfEmpty(target: WriteTarget): Promise<boolean> {
    const session = this.#find(target);
    if (!session || session.userId !== undefined || !isEmptyDocument(session.data)) return false;
    return this.#delete(target.handle);
  }

  async remove(handle: SessionHandle): Promise<boolean> {
    return this.#sessions.get(handle)?.epoch !== TOMBSTONE_EPOCH && this.#delete(handle);
  }

  async findByUser(userId: unknown, limit: number): Promise<ListedSession[]> {
    const sessions = this.#sessionsOf(userId).toSorted((a, b) => b.lastSeenAt - a.lastSeenAt);
    return sessions.slice(0, limit).map(({ data: _, secretHash: __, renewal: ___, ...listed }) => listed);
  }

  async handlesOf(userId: unknown, after: SessionHandle | undefined, limit: number): Promise<SessionHandle[]> {
    const handles = this.#sessionsOf(userId).map(({ handle }) => handle);
    return handles
      .filter((handle) => after === undefined || handle > after)
      .toSorted()
      .slice(0, limit);
  }

  async take(handle: SessionHandle, owner: SessionOwner): Promise<TakenSession | undefined> {
    const session = this.#sessions.get(handle);
    if (!session || !isOwnedBy(session, owner)) return undefined;
    const isTombstone = session.epoch === TOMBSTONE_EPOCH;
    if (isTombstone && owner.expiresAt === undefined) return undefined;
    this.#delete(handle);
    return isTombstone ? undefined : shownOf(session);
  }

  async describe(handle: SessionHandle, owner: SessionOwner, change: DeviceChange): Promise<boolean> {
    const session = this.#sessions.get(handle);
    if (!session || !isOwnedBy(session, owner)) return false;
    if (session.device || change.set)
      this.#sessions.set(handle, { ...session, device: applyDiff(session.device ?? EMPTY_DOCUMENT, change) });
    return true;
  }

  async findUsers(userIds: readonly unknown[]): Promise<UsersRead> {
    return { users: userIds.map((userId) => this.#users.find(userId)), asOf: undefined };
  }

  async insertUser(user: StoredUser): Promise<boolean> {
    return this.#users.insert(user);
  }

  async changeUser(user: StoredUser, revision: string): Promise<boolean> {
    return this.#users.change(user, revision);
  }

  async findSeated(handles: readonly SessionHandle[], userId: unknown): Promise<SeatedSession[]> {
    const seated = this.#present(handles).filter((session) => isUsers(session, userId));
    return seated.map(({ handle, authenticatedAt, lastSeenAt, expiresAt }) => ({
      handle,
      ...(authenticatedAt !== undefined && { authenticatedAt }),
      lastSeenAt,
      expiresAt,
    }));
  }

  async findExpired(before: number, limit: number): Promise<Pick<StoredSession, 'handle' | 'expiresAt'>[]> {
    const expired = [...this.#sessions.values()].filter(({ expiresAt }) => expiresAt <= before);
    const oldestFirst = expired.toSorted((a, b) => a.expiresAt - b.expiresAt).slice(0, limit);
    return oldestFirst.map(({ handle, expiresAt }) => ({ handle, expiresAt }));
  }

  async count(after: number): Promise<number> {
    return countAfter(this.#sessions.values(), after);
  }

  async peek(handles: readonly SessionHandle[]): Promise<PeekedSession[]> {
    const present = this.#present(handles).filter(({ epoch }) => epoch !== TOMBSTONE_EPOCH);
    return present.map(({ handle, epoch, expiresAt }) => ({ handle, epoch, expiresAt }));
  }

  listen(onChange: (handle?: SessionHandle) => void): () => Promise<void> {
    const listener = (handle?: SessionHandle) => onChange(handle);
    this.#listeners.add(listener);
    queueMicrotask(() => this.#listeners.has(listener) && listener());
    return async () => void this.#listeners.delete(listener);
  }

  #sessionsOf(userId: unknown): StoredSession[] {
    const sessions = [...this.#sessions.values()].filter((session) => session.userId !== undefined);
    return userId === EVERYBODY ? sessions : sessions.filter((session) => isUsers(session, userId));
  }

  #present(handles: readonly SessionHandle[]): StoredSession[] {
    return [...new Set(handles)].flatMap((handle) => this.#sessions.get(handle) ?? []);
  }

  #delete(handle: SessionHandle): boolean {
    const isDone = this.#sessions.delete(handle);
    if (isDone) this.#ring(handle);
    return isDone;
  }

  /** Later, as another process would hear of it, and so that no listener can fail the operation. */
  #ring(handle?: SessionHandle): void {
    for (const listener of this.#listeners) queueMicrotask(() => this.#listeners.has(listener) && listener(handle));
  }

  #replace(target: WriteTarget, change: (session: StoredSession) => StoredSession): boolean {
    const session = this.#find(target);
    if (session) this.#sessions.set(target.handle, change(session));
    return session !== undefined;
  }

  #find({ handle, epoch, now, seenAfter = -Infinity }: WriteTarget): StoredSession | undefined {
    const session = this.#sessions.get(handle);
    const isTarget = session?.epoch === epoch && session.expiresAt > now && session.lastSeenAt > seenAfter;
    return isTarget ? session : undefined;
  }
}
