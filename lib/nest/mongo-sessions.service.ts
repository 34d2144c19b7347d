import type { Registration } from '../core/request/registration.js';
import { type SessionMiddleware, createSessionMiddleware } from '../http/session-loader.js';
import { toFrameworkError } from './session-exception.js';
import type { SessionEvents } from './session-events.service.js';

/** What is behind the sessions of a registration, for the package itself: nobody else sees it, nor what prints them. */
export let registrationOf: (sessions: MongoSessions) => Registration;

/** The sessions of one registration. Inject it by its class, or with `getSessionsToken('admin')` for a named one. */
export class MongoSessions {
  readonly #registration: Registration;
  /**
   * Opens the session of requests that don't come through the app's adapter. Those that do have it before anything in
   * main.ts runs. A request is opened once, so `app.use(app.get(MongoSessions).middleware)` does no harm. On Express,
   * where no registration has the default name, it makes `request.session` this one's for what comes behind it in main.ts.
   */
  readonly middleware: SessionMiddleware;

  /** @internal */
  constructor(
    registration: Registration,
    /** What happens to sessions, as it happens. */
    readonly events: SessionEvents,
  ) {
    this.#registration = registration;
    this.middleware = createSessionMiddleware(registration, toFrameworkError);
  }

  static {
    registrationOf = (sessions) => sessions.#registration;
  }

  /**
   * How many tokens that open nothing have come from this address within a quarter of an hour, in this process. Many of them mean
   * that somebody is guessing; what to do about it is for you to decide.
   */
  unknownTokens(address: string): number {
    return this.#registration.context.unknownTokens.count(address);
  }

  /** Name of the registration. */
  get name(): string {
    return this.#registration.options.name;
  }
}
