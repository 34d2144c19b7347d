import type { SessionStore, StoredSession } from '../../../core/store/session-store.interface.js';
import { storedSession } from '../stored-sessions.js';

/** At a time: a store may have a deadline for each. */
const MAX_PARALLEL = 50;

/** So many sessions, each as `make` says. */
export async function insertMany(
  store: SessionStore,
  count: number,
  make: (n: number) => Parameters<typeof storedSession>[0],
): Promise<StoredSession[]> {
  const sessions = Array.from({ length: count }, (_, n) => storedSession(make(n)));
  for (let at = 0; at < count; at += MAX_PARALLEL)
    await Promise.all(sessions.slice(at, at + MAX_PARALLEL).map((session) => store.insert(session)));
  return sessions;
}
