import type { Observable } from 'rxjs';
import { Subject } from 'rxjs';
import type { SessionEvent } from './core/session-events.js';
import { SessionManager } from './core/session-manager.js';
import { type SessionMiddleware, createSessionMiddleware } from './http/session-middleware.js';

/** The sessions of one registration. Inject it by its class, or with `getSessionsToken('admin')` for a named one. */
export class MongoSessions {
  /** What happens to sessions, as it happens. Completes when the app is closed. */
  readonly events: Observable<SessionEvent>;

  /**
   * Reads the session before middleware of your own that needs it: `app.use(app.get(MongoSessions).middleware)` in main.ts,
   * in front of `passport.session()` and the like. A request is read once, so the module's own turn then does nothing.
   */
  readonly middleware: SessionMiddleware;

  /** @internal */
  constructor(
    readonly manager: SessionManager,
    events: Subject<SessionEvent>,
  ) {
    this.events = events.asObservable();
    this.middleware = createSessionMiddleware(manager);
  }

  /** Name of the registration. */
  get name(): string {
    return this.manager.options.name;
  }
}
