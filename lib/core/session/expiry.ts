/** Limits of a session's life, in milliseconds. */
export interface Lifetimes {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly permanent: { readonly idleTimeout: number; readonly absoluteTimeout: number };
}

/**
 * The times of one session, in milliseconds since 1970; `permanent` is its own idle time, where it
 * outlives the browser.
 */
export interface SessionTimeline {
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly permanent?: number | undefined;
}

/** Computes when a session ends. Document, cookie and check all use this. */
export function expiryOf(limits: Lifetimes, { createdAt, lastSeenAt, permanent }: SessionTimeline): number {
  return Math.min(lastSeenAt + idleTimeOf(limits, permanent), createdAt + absoluteTimeOf(limits, permanent));
}

/**
 * Whether it has ended. `expiresAt` was promised at its last use and holds even if the limits have
 * been raised since; if they have been lowered, the new limits hold.
 */
export function hasExpired(limits: Lifetimes, session: SessionTimeline & { expiresAt: number }, now: number): boolean {
  return now >= Math.min(session.expiresAt, expiryOf(limits, session));
}

/**
 * When the session must have been used to be alive now. Undefined if `expiresAt` is enough: unless
 * the limits have been lowered.
 */
export function seenAfter(
  limits: Lifetimes,
  session: SessionTimeline & { expiresAt: number },
  now: number,
): number | undefined {
  const { createdAt, permanent, expiresAt } = session;
  if (expiresAt <= expiryOf(limits, session)) return undefined;
  return now >= createdAt + absoluteTimeOf(limits, permanent) ? LAST_DATE : now - idleTimeOf(limits, permanent);
}

/** Nothing was used after it. */
const LAST_DATE = 8.64e15;

/**
 * Whether its use should be written: at most once per tenth of the idle time, so readers rarely
 * write.
 */
export function touchIsDue(limits: Lifetimes, session: SessionTimeline, now: number): boolean {
  return now - session.lastSeenAt >= idleTimeOf(limits, session.permanent) / 10;
}

/**
 * The same where `lastSeenAt` is written more often than the session is prolonged: its end tells
 * when it last was. One that ends with its absolute limit can't be prolonged.
 */
export function fullTouchIsDue(
  limits: Lifetimes,
  session: SessionTimeline & { expiresAt: number },
  now: number,
): boolean {
  const { createdAt, permanent, expiresAt } = session;
  const idleTime = idleTimeOf(limits, permanent);
  return expiresAt < createdAt + absoluteTimeOf(limits, permanent) && now - (expiresAt - idleTime) >= idleTime / 10;
}

/** Whether its use should be written down for a list of devices. */
export function lastSeenIsDue(limits: Lifetimes, session: SessionTimeline, now: number): boolean {
  return now - session.lastSeenAt >= Math.min(idleTimeOf(limits, session.permanent) / 10, LAST_SEEN_EVERY_MS);
}

const LAST_SEEN_EVERY_MS = 5 * 60_000;

/** How long a session may stay idle, in milliseconds. */
export function idleTimeOf(
  limits: Pick<Lifetimes, 'idleTimeout' | 'permanent'>,
  permanent: number | undefined,
): number {
  return permanent === undefined ? limits.idleTimeout : Math.min(permanent, limits.permanent.idleTimeout);
}

function absoluteTimeOf(limits: Lifetimes, permanent: number | undefined): number {
  return permanent === undefined ? limits.absoluteTimeout : limits.permanent.absoluteTimeout;
}
