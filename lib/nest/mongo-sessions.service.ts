import type { IncomingMessage } from 'node:http';
import { SessionError } from '../core/errors.js';
import { messageOf } from '../core/lifecycle/session-context.js';
import { type EditOptions, JobSessions, type SessionEditor } from '../core/request/job-sessions.js';
import type { Registration } from '../core/request/registration.js';
import { Observable } from 'rxjs';
import { ObservedPromise } from '../core/session/observed-promise.js';
import { BaseSession, type SessionObject } from '../core/session/session.js';
import type { SessionData } from '../core/session/session-data.interface.js';
import { type SessionUserId, checkUserId } from '../core/session/user-id.js';
import type { SessionHandle } from '../core/token/session-token.js';
import { UserDirectory, orderOf } from '../core/users/user-directory.js';
import { OwnSessions, type RevokeOptions, type RunOperation, UserSessions } from '../core/users/user-sessions.js';
import type { SessionEnd } from '../core/lifecycle/session-ends.js';
import { hasToken } from '../http/has-token.js';
import { type SessionMiddleware, createSessionMiddleware } from '../http/session-loader.js';
import { type SessionSource, findInSource, openSession } from './contexts/find-session.js';
import { GuardedObservable } from './guarded-observable.js';
import { toFrameworkError } from './session-exception.js';
import type { SessionEvents } from './session-events.service.js';

/**
 * The registration behind a `MongoSessions`, for this package only. Printing one does not show it.
 */
export let registrationOf: (sessions: MongoSessions) => Registration;

/**
 * The sessions of one registration. Inject it by its class, or a named one with
 * `getSessionsToken('admin')`.
 */
export class MongoSessions {
  readonly #registration: Registration;
  readonly #directory: UserDirectory;
  readonly #jobs: JobSessions;
  /**
   * Opens the session of requests that don't come through the app's adapter. Those that do have it
   * before main.ts runs, and a request is opened once, so
   * `app.use(app.get(MongoSessions).middleware)` does no harm. On Express, if no registration has
   * the default name, it makes `request.session` this one's for what follows in main.ts.
   */
  readonly middleware: SessionMiddleware;

  /** @internal */
  constructor(
    registration: Registration,
    /** What happens to sessions, as it happens. */
    readonly events: SessionEvents,
  ) {
    this.#registration = registration;
    this.#directory = new UserDirectory(registration.context);
    this.#jobs = new JobSessions(registration, toFrameworkError);
    this.middleware = createSessionMiddleware(registration, toFrameworkError);
  }

  static {
    registrationOf = (sessions) => sessions.#registration;
  }

  /**
   * How many different tokens that open nothing this address has sent within a quarter of an hour,
   * to this process. A high number means that somebody is guessing; what to do about it is up to
   * you.
   */
  unknownTokens(address: string): number {
    return this.#registration.context.unknownTokens.count(address);
  }

  /**
   * Emits once and completes when a session ends, in whichever process that happens; at once if it
   * has ended already. Completes without a value when the app is closed. Unsubscribe when you no
   * longer need it.
   *
   * ```ts
   * @Sse('news')
   * news(@Session() session: SessionObject) {
   *   return this.feed.pipe(takeUntil(this.sessions.ended(session)));
   * }
   * ```
   *
   * In this process an end is heard of at once, from other processes within `watch.every`. A
   * session of which nothing is stored is watched from its first write on.
   * @param session as a request has it: a login or `regenerate()` counts as its end, with `why:
   * 'replaced'`; or a handle
   * @throws `SESSION_OPTION_INVALID` if the store can't be watched; `SESSION_VALUE_REFUSED` for a
   * session of another registration
   */
  ended(session: SessionObject<object> | SessionHandle): Observable<SessionEnd> {
    const { context, hooks } = this.#registration;
    this.#refuseForeign(session, 'ended()');
    const watched = BaseSession.stateOf(session) ?? (typeof session === 'string' ? session : '');
    const subscribeTo = context.ends.watch(watched);
    const report = (error: unknown) => hooks.log.error(`A subscriber of ended() failed: ${messageOf(error)}`);
    const source = new Observable<SessionEnd>((subscriber) =>
      subscribeTo({
        ended(end) {
          subscriber.next(end);
          subscriber.complete();
        },
        closed: () => subscriber.complete(),
      }),
    );
    return new GuardedObservable(report, source);
  }

  /**
   * The session behind a handler, a request or a GraphQL context, also where `@Session()` can't
   * stand: in guards, interceptors, filters and providers. It is read if nobody has read it yet.
   * Blank if the client has none.
   *
   * ```ts
   * const session = await this.sessions.from(context);
   * ```
   *
   * @param handshake the request that opened the socket, if the source is a socket that does not
   * know it
   * @throws `SESSION_NOT_MOUNTED` if this is no source, and for whatever a client has sent
   */
  from<T extends object = SessionData>(
    source: SessionSource,
    handshake?: IncomingMessage | { readonly raw: IncomingMessage },
  ): Promise<SessionObject<T>> {
    const open = async () => openSession(findInSource(source, this.#registration, handshake));
    return this.#observe(open) as Promise<SessionObject<T>>;
  }

  /**
   * A session outside of any request, found by its handle, such as in a job. Undefined: there is
   * none, or its time is over. Reading it does not prolong it. Assigning to it throws a TypeError,
   * methods that write throw `SESSION_READ_ONLY`, and `reload()` works.
   */
  read<T extends object = SessionData>(handle: SessionHandle): Promise<Readonly<SessionObject<T>> | undefined> {
    return this.#run(() => this.#jobs.read(handle)) as Promise<SessionObject<T> | undefined>;
  }

  /**
   * Changes a session outside of any request: loads it, calls the function, and saves what it has
   * changed. Does not prolong the session. Resolves with false if there is no such session, or it
   * has ended in the meantime.
   *
   * If the session gets a new token in the meantime, it is loaded again and the function is called
   * again. What the function throws is the rejection, and nothing more is saved.
   *
   * ```ts
   * await sessions.edit(handle, (session) => {
   *   session.items = [];
   * });
   * ```
   *
   * @throws `SESSION_CONTENDED` after that many retries; `SESSION_NO_CLIENT` from `login()`,
   * `regenerate()` and `permanent`
   */
  edit<T extends object = SessionData>(
    handle: SessionHandle,
    change: SessionEditor<T>,
    options: EditOptions = {},
  ): Promise<boolean> {
    return this.#run(() => this.#jobs.edit(handle, change as SessionEditor<object>, options));
  }

  /**
   * Whether a well-formed token came with a request, signed if it has to be. Reads no session, so
   * it does not say that the token opens one. For caches and access logs.
   * @param request of Express, Fastify or Node
   */
  hasToken(request: object): boolean {
    return hasToken(this.#registration, request);
  }

  /** Name of the registration. */
  get name(): string {
    return this.#registration.options.name;
  }

  /**
   * The sessions of a user: of the one whom a session belongs to, or of the one with that id.
   * Throws `SESSION_ANONYMOUS` (401) for a session that is nobody's, and `SESSION_VALUE_REFUSED`
   * for one of another registration.
   */
  of(session: SessionObject<object>): OwnSessions;
  of(userId: SessionUserId): UserSessions;
  of(owner: SessionObject<object> | SessionUserId): UserSessions {
    if (!(owner instanceof BaseSession)) {
      return new UserSessions(this.#directory, this.#run, checkUserId(owner, 'MongoSessions.of()'));
    }
    this.#refuseForeign(owner, 'of()');
    const convert = (error: unknown) => {
      const converted = toFrameworkError(error);
      // A gateway's filters know other errors than those of HTTP.
      return converted === error ? error : BaseSession.operationsOf(owner)!.exchange.toFrameworkError(converted);
    };
    const run: RunOperation = (operation) => this.#run(operation, convert);
    if (owner.userId !== undefined) return new OwnSessions(this.#directory, run, owner);
    const fix = 'Guard the route, or check session.userId first.';
    throw convert(
      new SessionError('SESSION_ANONYMOUS', `MongoSessions.of() got a session that belongs to nobody. ${fix}`),
    );
  }

  /** Ends a session of any user. False: there is no such session. */
  revoke(handle: SessionHandle, options: RevokeOptions = {}): Promise<boolean> {
    return this.#run(() => this.#directory.revoke(handle, {}, orderOf('app', options)));
  }

  /**
   * Ends all sessions that belong to a user, and those of logins that are in flight. Resolves, when
   * the last one is gone, with how many there were.
   */
  revokeEverybody(options: RevokeOptions = {}): Promise<number> {
    return this.#run(() => this.#directory.revokeEverybody(orderOf('app', options)));
  }

  /** Elsewhere its handle means nothing, and the user with its id may be somebody else. */
  #refuseForeign(session: unknown, method: string): void {
    const operations = session instanceof BaseSession ? BaseSession.operationsOf(session) : undefined;
    const { name = this.name } = operations?.registration.options ?? {};
    if (name === this.name) return;
    throw new SessionError(
      'SESSION_VALUE_REFUSED',
      `MongoSessions.${method} got a session of the registration '${name}', and belongs to '${this.name}'. Inject getSessionsToken('${name}').`,
    );
  }

  readonly #run = <T>(operation: () => Promise<T>, convert = toFrameworkError): Promise<T> =>
    this.#observe(() =>
      operation().catch((error: unknown) => {
        throw convert(error);
      }),
    );

  #observe<T>(operation: () => Promise<T>): Promise<T> {
    return ObservedPromise.run(operation, (error) =>
      this.#registration.hooks.log.error(`An operation of MongoSessions failed: ${messageOf(error)}`),
    );
  }
}
