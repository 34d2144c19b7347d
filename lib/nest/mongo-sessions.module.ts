import {
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { SessionError } from '../core/errors.js';
import type { SessionOptions } from '../core/options/session-options.js';
import type { SessionStore } from '../core/store/session-store.interface.js';
import { noteAdapter, viewHandshake } from '../http/view-handshake.js';
import { SocketSessions } from '../sockets/socket-sessions.js';
import { socketSessions } from './contexts/socket-session.js';
import { addRegistration, noteShutdown, noteStart } from './sockets/running-apps.js';
import { completeMounting, completeRouting, mountEarly } from '../http/mount-sessions.js';
import { EVENTS, SESSIONS, STORE } from './internal-tokens.js';
import { type ASYNC_OPTIONS_TYPE, ConfigurableModuleClass } from './mongo-sessions.module-definition.js';
import type { DriverCollection } from '../core/options/driver-types.js';
import { toOptions } from './mongo-sessions.input.js';
import { toFrameworkError } from './session-exception.js';
import { type MongoSessions, registrationOf } from './mongo-sessions.service.js';
import type { Subject } from 'rxjs';
import type { SessionEvent } from '../core/lifecycle/session-events.js';

/**
 * Server-side sessions for a Nest app, kept in MongoDB. Global: import it once, in the root module.
 * For a second kind of sessions, import it again with another `name`.
 */
@Module({ providers: [SESSIONS, STORE, EVENTS].map((provide) => ({ provide, useFactory: refuseBareModule })) })
export class MongoSessionsModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  /** Nest configures every module of an app before it listens, except lazily loaded ones. */
  #isConfigured = false;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(SESSIONS) private readonly sessions: MongoSessions,
    @Inject(STORE) private readonly store: SessionStore,
    @Inject(EVENTS) private readonly events: Subject<SessionEvent>,
    private readonly config: ApplicationConfig,
    modules: ModulesContainer,
  ) {
    super();
    const registration = registrationOf(sessions);
    noteAdapter(registration, () => adapterHost.httpAdapter);
    socketSessions.set(registration, new SocketSessions(registration, viewHandshake));
    addRegistration(config, { modules, adapterHost }, registration);
    if (adapterHost.listening) throw lazilyLoadedError();
    adapterHost.listen$.subscribe(() => this.#listened());
    // A testing module gets its adapter later, and early versions of Nest 11 don't tell when: then
    // `configure` mounts.
    if (adapterHost.httpAdapter) this.#mountEarly();
    else (adapterHost as Partial<HttpAdapterHost>).init$?.subscribe(() => this.#mountEarly());
  }

  /**
   * Registers sessions in a collection: give its name, a `Collection` of the driver, or options.
   * Wrong options stop the start with a `SessionError` that says how to fix them.
   */
  static override forRoot(collection: string | DriverCollection): DynamicModule;
  static override forRoot(options: SessionOptions): DynamicModule;
  static override forRoot(input: string | DriverCollection | SessionOptions): DynamicModule {
    return super.forRoot(toOptions(input));
  }

  /**
   * The same with options from `useFactory`, `useClass` or `useExisting`. `name` and
   * `connectionName` stand beside the factory.
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }

  configure(_consumer: MiddlewareConsumer): void {
    this.#isConfigured = true;
    const { httpAdapter } = this.adapterHost;
    mountEarly(httpAdapter, registrationOf(this.sessions), toFrameworkError);
    completeMounting(httpAdapter, registrationOf(this.sessions));
  }

  async onModuleInit(): Promise<void> {
    noteStart(this.config);
    await this.store.start?.();
    registrationOf(this.sessions).sweeper?.start();
  }

  onApplicationBootstrap(): void {
    if (this.#isConfigured) completeRouting(this.adapterHost.httpAdapter, registrationOf(this.sessions));
  }

  /** Before the server waits for its connections: some of them wait for the end of a session. */
  async beforeApplicationShutdown(): Promise<void> {
    noteShutdown(this.config);
    socketSessions.get(registrationOf(this.sessions))?.close();
    await registrationOf(this.sessions).context.ends.close();
  }

  async onApplicationShutdown(): Promise<void> {
    const { context, sweeper } = registrationOf(this.sessions);
    context.unsaved.stop();
    await sweeper?.stop();
    await this.store.stop?.();
    this.events.complete();
  }

  /** Once more, because main.ts can add routes between `app.init()` and `app.listen()`. */
  #listened(): void {
    this.onApplicationBootstrap();
    if (!this.#isConfigured) registrationOf(this.sessions).hooks.log.error(lazilyLoadedError().message);
  }

  /**
   * A failure here is repeated in `configure`, where it stops the start. An app without HTTP has no
   * adapter.
   */
  #mountEarly(): void {
    const { httpAdapter } = this.adapterHost;
    try {
      if (httpAdapter) mountEarly(httpAdapter, registrationOf(this.sessions), toFrameworkError);
    } catch {}
  }
}

/** What `forRoot` provides replaces this. Without it, Nest would name symbols that nobody knows. */
function refuseBareModule(): never {
  throw new SessionError(
    'SESSION_OPTION_INVALID',
    "MongoSessionsModule was imported without options. Import `MongoSessionsModule.forRoot('sessions')` in the root module, " +
      'and leave it out of all others, because it is global.',
  );
}

/** LazyModuleLoader calls no hooks of a module, and its middleware would run after the routes. */
function lazilyLoadedError(): SessionError {
  return new SessionError(
    'SESSION_NOT_MOUNTED',
    'MongoSessionsModule was loaded by LazyModuleLoader, too late for requests to have sessions. Import it in the root module.',
  );
}
