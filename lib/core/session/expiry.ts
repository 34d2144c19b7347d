/** Limits of a session's life, in milliseconds. */
export interface Lifetimes {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly permanent: { readonly idleTimeout: number; readonly absoluteTimeout: number };
}

/** The times of one session, in milliseconds since 1970; `permanent` is its own idle time, where it outlives the browser. */
export interface SessionTimeline {
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly permanent?: number | undefined;
}

/** The one place where a session's end is computed: document, cookie and check take it from here. */
export function expiryOf(limits: Lifetimes, { createdAt, lastSeenAt, permanent }: SessionTimeline): number {
  const absolute = permanent === undefined ? limits.absoluteTimeout : limits.permanent.absoluteTimeout;
  return Math.min(lastSeenAt + idleTimeOf(limits, permanent), createdAt + absolute);
}

/**
 * Whether it has ended. `expiresAt` is what was promised when it was last used, and holds even if the limits have grown since;
 * where they have shrunk, today's limits hold.
 */
export function hasExpired(limits: Lifetimes, session: SessionTimeline & { expiresAt: number }, now: number): boolean {
  return now >= Math.min(session.expiresAt, expiryOf(limits, session));
}

/** Whether its use should be written down: at most once per tenth of the idle time, so that readers rarely write. */
export function touchIsDue(limits: Lifetimes, session: SessionTimeline, now: number): boolean {
  return now - session.lastSeenAt >= idleTimeOf(limits, session.permanent) / 10;
}

/** How long a session may stay idle, in milliseconds. */
export function idleTimeOf(limits: Pick<Lifetimes, 'idleTimeout'>, permanent: number | undefined): number {
  return permanent ?? limits.idleTimeout;
}
