import { cutText } from '../data/clean-text.js';
import { freezeDeeply } from '../data/freeze-deeply.js';
import { decodeData } from '../data/session-decoding.js';
import { refuseSealed } from '../encryption/sealed-document.js';
import { decodeDevice } from '../session/device.js';
import { copyUserId } from '../session/user-id.js';
import { isUserSessionStore } from '../store/store-ports.js';
import type { TakenSession } from '../store/user-session-store.interface.js';
import type { SessionHandle } from '../token/session-token.js';
import type { SessionContext } from './session-context.js';
import type { RemovedSession, RevocationCause } from './session-events.js';
import type { SessionState } from '../session/session-state.js';

const MAX_REASON_CHARACTERS = 200;

/** Why a session was ended from elsewhere. */
export interface Revocation {
  /** What it was, as `take` gives it. */
  readonly session: TakenSession;
  readonly cause: RevocationCause;
  readonly reason?: string | undefined;
  readonly by?: SessionHandle | undefined;
}

/** Emits `revoked`. Called once, by the code that took the session out of the store. */
export function reportRevoked(context: SessionContext, { session, cause, reason, by }: Revocation): void {
  context.hooks.emit({
    type: 'revoked',
    ...eventOf(context, session.handle),
    session: removedSession(context, session),
    cause,
    ...(reason !== undefined && { reason: cutText(reason, MAX_REASON_CHARACTERS) }),
    ...(by !== undefined && { by }),
  });
}

/**
 * Emits `expired`, if expired sessions are swept: the caller took one out of the store, instead of
 * the sweeper.
 */
export function reportExpired(context: SessionContext, session: TakenSession): void {
  if (context.options.cleanup !== 'sweep') return;
  const { handle } = session;
  context.hooks.emit({ type: 'expired', ...eventOf(context, handle), session: removedSession(context, session) });
}

/** Emits `destroyed`. */
export function reportDestroyed(context: SessionContext, handle: SessionHandle, session?: TakenSession): void {
  context.hooks.emit({
    type: 'destroyed',
    ...eventOf(context, handle),
    ...(session && { session: removedSession(context, session) }),
  });
}

/** Emits `loggedIn`, when nothing can refuse the login any more. */
export function reportLoggedIn(context: SessionContext, state: SessionState, isSameUser: boolean): void {
  const { token, userId, amr } = state;
  const device = decodeDevice(context.codec, context.options.devices, state.device);
  context.hooks.emit({
    type: 'loggedIn',
    ...eventOf(context, token.handle),
    userId: copyUserId(userId)!,
    ...(amr && { amr: [...amr] }),
    ...(device && { device }),
    isSameUser,
  });
}

/** Ends a session in the store, whatever its epoch, and emits `destroyed` if there was one. */
export async function endSession(context: SessionContext, handle: SessionHandle): Promise<void> {
  const { store } = context;
  const taken = isUserSessionStore(store) ? await store.take(handle, {}) : await store.remove(handle);
  if (taken) reportDestroyed(context, handle, taken === true ? undefined : taken);
}

function eventOf(context: SessionContext, handle: SessionHandle) {
  return { handle, name: context.options.name, at: context.now() };
}

function removedSession(context: SessionContext, session: TakenSession): RemovedSession {
  const { handle, userId, createdAt, authenticatedAt, lastSeenAt, expiresAt } = session;
  const device = decodeDevice(context.codec, context.options.devices, session.device);
  const removed = {
    handle,
    ...(userId !== undefined && { userId: copyUserId(userId)! }),
    createdAt: new Date(createdAt),
    ...(authenticatedAt !== undefined && { authenticatedAt: new Date(authenticatedAt) }),
    lastSeenAt: new Date(lastSeenAt),
    expiresAt: new Date(expiresAt),
    ...(device && { device }),
  };
  let data: { readonly decoded: RemovedSession['data'] } | undefined;
  const get = () => (data ??= { decoded: readData(context, session) }).decoded;
  return Object.defineProperty(removed, 'data', { get }) as RemovedSession;
}

/** Undefined if a value is encrypted, and the keys to it are gone. */
function readData({ codec }: SessionContext, { handle, data }: TakenSession): RemovedSession['data'] {
  if (!data) return undefined;
  try {
    refuseSealed({ handle, data });
    return freezeDeeply(decodeData(codec, data));
  } catch {
    return undefined;
  }
}
