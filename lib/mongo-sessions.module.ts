import {
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { SessionOptions } from './core/options/session-options.js';
import type { SessionStore } from './core/store/session-store.interface.js';
import { mountSessions, reservePlace } from './http/select-bridge.js';
import { EVENTS, SESSIONS, STORE } from './mongo-sessions.internal-constants.js';
import { type ASYNC_OPTIONS_TYPE, ConfigurableModuleClass } from './mongo-sessions.module-definition.js';
import { type DriverCollection, toOptions } from './mongo-sessions.input.js';
import type { MongoSessions } from './mongo-sessions.service.js';
import type { Subject } from 'rxjs';
import type { SessionEvent } from './core/session-events.js';

/**
 * Server-side sessions for a Nest app, kept in MongoDB. Global: import it once, in the root module. Import it again with another
 * `name` for a second kind of sessions.
 */
@Module({})
export class MongoSessionsModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, OnApplicationShutdown
{
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(SESSIONS) private readonly sessions: MongoSessions,
    @Inject(STORE) private readonly store: SessionStore,
    @Inject(EVENTS) private readonly events: Subject<SessionEvent>,
  ) {
    super();
    reservePlace(adapterHost.httpAdapter);
  }

  /**
   * Registers sessions in this collection: its name, or a `Collection` of the driver; or with options.
   * Wrong options stop the start with a `SessionError` that names the fix.
   */
  static override forRoot(collection: string | DriverCollection): DynamicModule;
  static override forRoot(options: SessionOptions): DynamicModule;
  static override forRoot(input: string | DriverCollection | SessionOptions): DynamicModule {
    return super.forRoot(toOptions(input));
  }

  /** The same with options that come from elsewhere (`useFactory`, `useClass` or `useExisting`). `name` and `connectionName` stand beside the factory. */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }

  /** Mounts the sessions on the adapter itself, so that routes outside of a global prefix have them too. */
  configure(_consumer: MiddlewareConsumer): void {
    mountSessions(this.adapterHost.httpAdapter, this.sessions.manager);
  }

  async onModuleInit(): Promise<void> {
    await this.store.start?.();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.stop?.();
    this.events.complete();
  }
}
