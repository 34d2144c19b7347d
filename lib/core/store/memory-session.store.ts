import { EMPTY_DOCUMENT, isEmptyDocument, joinElements, readElements } from '../data/bson-elements.js';
import { applyDiff } from '../data/data-bounds.js';
import type { SessionHandle } from '../token/session-token.js';
import { SessionError } from '../errors.js';
import type {
  SecretReplacement,
  SessionChange,
  SessionStore,
  SessionTimes,
  StoredSession,
  WriteTarget,
} from './session-store.interface.js';
import type { TokenRenewal } from '../token/renewal.js';

/**
 * Sessions in this process's memory, with the very semantics of the MongoDB store. For tests: nothing is ever removed by
 * age, nothing is shared between processes, and everything is gone when the process ends.
 *
 * ```ts
 * MongoSessionsModule.forRoot({ store: new MemorySessionStore() })
 * ```
 */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<SessionHandle, StoredSession>();

  /** How many sessions there are, expired ones included. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Removes everything, between two tests. */
  clear(): void {
    this.#sessions.clear();
  }

  async find(handle: SessionHandle): Promise<StoredSession | undefined> {
    return this.#sessions.get(handle);
  }

  async insert(session: StoredSession): Promise<void> {
    if (this.#sessions.has(session.handle)) {
      throw new SessionError(
        'SESSION_STORE_FAILED',
        'A session of this handle exists already: insert it under a new one.',
      );
    }
    this.#sessions.set(session.handle, session);
  }

  async update(target: WriteTarget, change: SessionChange): Promise<boolean> {
    return this.#replace(target, (session) => ({
      ...withOptional(session, { permanent: change.permanent }),
      ...mergeTimes(session, change),
      data: applyDiff(session.data, change, target.bounds),
    }));
  }

  async replaceSecret(target: WriteTarget, change: SecretReplacement): Promise<boolean> {
    const { secretHash, createdAt, times, keep, data, userId, authenticatedAt, amr } = change;
    if (data && Buffer.compare(this.#sessions.get(target.handle)?.data ?? EMPTY_DOCUMENT, data.expected) !== 0)
      return false;
    return this.#replace(target, (session) => ({
      ...withOptional(session, { userId, authenticatedAt, amr }),
      ...times,
      renewal: { revision: 1, issuedAt: times.lastSeenAt },
      secretHash,
      createdAt,
      epoch: session.epoch + 1,
      data: data ? data.next : keep === true ? session.data : keepElements(session.data, keep),
    }));
  }

  async replaceValue(
    target: WriteTarget,
    key: string,
    expected: Uint8Array | undefined,
    next: Uint8Array | undefined,
  ): Promise<boolean> {
    const present = keepElements(this.#sessions.get(target.handle)?.data ?? EMPTY_DOCUMENT, [key]);
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
    return this.#sessions.delete(target.handle);
  }

  async remove(handle: SessionHandle): Promise<boolean> {
    return this.#sessions.delete(handle);
  }

  #replace(target: WriteTarget, change: (session: StoredSession) => StoredSession): boolean {
    const session = this.#find(target);
    if (!session) return false;
    this.#sessions.set(target.handle, change(session));
    return true;
  }

  #find({ handle, epoch, now, seenAfter = -Infinity }: WriteTarget): StoredSession | undefined {
    const session = this.#sessions.get(handle);
    const isTarget = session?.epoch === epoch && session.expiresAt > now && session.lastSeenAt > seenAfter;
    return isTarget ? session : undefined;
  }
}

/** A value of null removes the field, undefined leaves it as it is. */
function withOptional(session: StoredSession, fields: Partial<Record<keyof StoredSession, unknown>>): StoredSession {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...session, ...Object.fromEntries(given) }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged) as unknown as StoredSession;
}

function mergeTimes(session: StoredSession, { times, permanent }: SessionChange): SessionTimes | undefined {
  if (!times || permanent !== undefined) return times;
  return {
    lastSeenAt: Math.max(session.lastSeenAt, times.lastSeenAt),
    expiresAt: Math.max(session.expiresAt, times.expiresAt),
  };
}

function keepElements(data: Uint8Array, keys: readonly string[]): Uint8Array {
  const kept = [...readElements(data)].filter(([key]) => keys.includes(key));
  return joinElements(kept.map(([, element]) => element));
}
