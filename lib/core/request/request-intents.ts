import { BaseSession } from '../session/session.js';
import { clearData, showData } from '../session/shown-data.js';
import type { Registration } from './registration.js';

/**
 * What a request can ask for its session that no member of the session does: the idioms of other
 * libraries, which faces of `request.session` offer.
 */

/** Stores the session without data too, whatever becomes of it in this request. */
export function keepEmpty(session: object, isKept = true): void {
  BaseSession.stateOf(session)!.storesEmpty = isKept;
}

/** Ends the session instead of saving it, or no longer does. Throws if it can only be read. */
export function endWithRequest(session: BaseSession, isToEnd: boolean): void {
  if (isToEnd) session.permanent = false;
  BaseSession.stateOf(session)!.endsWithRequest = isToEnd;
}

/** Whether a `regenerate()` that keeps data gives up the user, as one that keeps nothing does. */
export function leaveUser(session: object, leaves: boolean): void {
  BaseSession.stateOf(session)!.leavesUser = leaves;
}

/** Drops what this request has changed and not saved. */
export function dropChanges(session: BaseSession, { context }: Registration): void {
  const state = BaseSession.stateOf(session)!;
  clearData(session);
  showData(session, state, context.codec, (warning) => context.warnOnce(warning));
  state.permanent = state.status === 'new' ? context.options.permanent.initial : state.storedPermanent;
  state.endsWithRequest = false;
}
