import { isEmptyDocument, joinElements, readElements } from '../data/bson-elements.js';
import type { Burial } from './moving-store.interface.js';
import type { SessionChange, SessionTimes, StoredSession } from './session-store.interface.js';
import { userKeyOf } from './user-key.js';
import type { SessionOwner } from './user-session-store.interface.js';

/** For sessions in memory: what MongoDB does with filters and update operators. */

export function isOwnedBy(session: StoredSession, owner: SessionOwner): boolean {
  const { epoch = session.epoch, expiresAt = session.expiresAt, authenticatedBefore = Infinity } = owner;
  if ((session.movedAt ?? -Infinity) > (owner.notMovedAfter ?? Infinity)) return false;
  if (owner.userId !== undefined && !isUsers(session, owner.userId)) return false;
  const { authenticatedAt = -Infinity } = session;
  return session.epoch === epoch && session.expiresAt === expiresAt && authenticatedAt < authenticatedBefore;
}

export function isBuried(session: StoredSession, burial: Burial): boolean {
  const { data, epoch, movedAt = -Infinity, userId } = session;
  if (epoch < 0 || movedAt <= burial.movedAfter || !isOwnedBy(session, burial)) return false;
  return !burial.ifEmpty || (userId === undefined && isEmptyDocument(data));
}

export function isUsers({ userId }: StoredSession, expected: unknown): boolean {
  return userId !== undefined && userKeyOf(userId) === userKeyOf(expected);
}

/** A value of null removes the field, undefined leaves it as it is. */
export function withOptional(
  session: StoredSession,
  fields: Partial<Record<keyof StoredSession, unknown>>,
): StoredSession {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...session, ...Object.fromEntries(given) }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged) as unknown as StoredSession;
}

export function mergeTimes(
  session: StoredSession,
  { times, lastSeenAt, permanent }: SessionChange,
): Partial<SessionTimes> | undefined {
  if (lastSeenAt !== undefined) return { lastSeenAt: Math.max(session.lastSeenAt, lastSeenAt) };
  if (!times || permanent !== undefined) return times;
  return {
    lastSeenAt: Math.max(session.lastSeenAt, times.lastSeenAt),
    expiresAt: Math.max(session.expiresAt, times.expiresAt),
  };
}

export function keepElements(data: Uint8Array, keys: readonly string[]): Uint8Array {
  const kept = [...readElements(data)].filter(([key]) => keys.includes(key));
  return joinElements(kept.map(([, element]) => element));
}

export function noneIfEmpty(document: Uint8Array): Uint8Array | null {
  return isEmptyDocument(document) ? null : document;
}
