import type { SeatedSession } from '../store/seat-store.interface.js';

/** The first so many by the policy: the same ones in every process. */
export function chooseVictims(
  sessions: readonly SeatedSession[],
  policy: 'endIdlest' | 'endOldest',
  count: number,
): SeatedSession[] {
  const timeOf = (session: SeatedSession) =>
    policy === 'endIdlest' ? session.lastSeenAt : (session.authenticatedAt ?? -Infinity);
  return sessions.toSorted((a, b) => timeOf(a) - timeOf(b) || (a.handle < b.handle ? -1 : 1)).slice(0, count);
}
