import { type Observable, type Subject, filter } from 'rxjs';
import type { SessionEvent, SessionEventType } from '../core/lifecycle/session-events.js';
import { GuardedObservable } from './guarded-observable.js';

/**
 * What happens to the sessions of a registration, as it happens in this process. Inject it by its
 * class, or with `getSessionEventsToken('admin')` for a named registration. No event contains a
 * token. Completes when the app is closed. What a subscriber throws is logged, and affects neither
 * requests nor other subscribers.
 *
 * ```ts
 * constructor(events: SessionEvents) {
 *   events.of('rejected').subscribe(({ reason, address, unknownTokens }) => ...);
 * }
 * ```
 */
export class SessionEvents extends GuardedObservable<SessionEvent> {
  /** @internal */
  constructor(events: Subject<SessionEvent>, report: (error: unknown) => void) {
    super(report, events);
  }

  /** Only the events of these types. */
  of<T extends SessionEventType>(...types: T[]): Observable<Extract<SessionEvent, { type: T }>> {
    const isWanted = (event: SessionEvent): event is Extract<SessionEvent, { type: T }> =>
      types.includes(event.type as T);
    return this.pipe(filter(isWanted));
  }
}
