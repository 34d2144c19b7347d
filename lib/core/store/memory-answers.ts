import { TOMBSTONE_EPOCH } from './moving-store.interface.js';
import type { StoredSession } from './session-store.interface.js';
import type { TakenSession } from './user-session-store.interface.js';

/** For sessions in memory: what MongoDB does with projections and counts. */

export function shownOf({ secretHash: _, renewal: __, ...taken }: StoredSession): TakenSession {
  return taken;
}

export function countAfter(sessions: Iterable<StoredSession>, after: number): number {
  return [...sessions].filter(({ epoch, expiresAt }) => epoch !== TOMBSTONE_EPOCH && expiresAt > after).length;
}
