import { Logger, type Provider } from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { Subject } from 'rxjs';
import { optionError } from './core/options/option-checks.js';
import { EncryptingSessionStore } from './core/encryption/encrypting-session.store.js';
import type { ResolvedOptions } from './core/options/resolved-options.interface.js';
import { resolveOptions } from './core/options/resolve-options.js';
import type { SessionOptions } from './core/options/session-options.js';
import type { SessionEvent } from './core/session-events.js';
import { SessionManager } from './core/session-manager.js';
import { type MongoStoreParts, createMongoStore } from './mongo/create-mongo-store.js';
import {
  DEFAULT_NAME,
  getSessionEventsToken,
  getSessionModelToken,
  getSessionsToken,
} from './mongo-sessions.constants.js';
import { toOptions } from './mongo-sessions.input.js';
import {
  EVENTS,
  MODULE_OPTIONS,
  RESOLVED_OPTIONS,
  SESSIONS,
  STORE,
  STORE_PARTS,
} from './mongo-sessions.internal-constants.js';
import { MongoSessions } from './mongo-sessions.service.js';
import { SessionEvents } from './session-events.service.js';

/** What has to be known before any option is: injection tokens are made of it. */
export interface RegistrationExtras {
  /** See `SessionOptions.name`. */
  name?: string | undefined;
  /** See `SessionOptions.connectionName`. */
  connectionName?: string | undefined;
}

/** Options -> connection -> model and store -> manager. */
export function createProviders({ name = DEFAULT_NAME, connectionName }: RegistrationExtras): Provider[] {
  return [
    {
      provide: RESOLVED_OPTIONS,
      useFactory: (given: unknown) => resolveWithExtras(toOptions(given), name, connectionName),
      inject: [MODULE_OPTIONS],
    },
    {
      provide: STORE_PARTS,
      useFactory: (options: ResolvedOptions, connection?: Connection) => createStore(options, connection),
      inject: [RESOLVED_OPTIONS, { token: getConnectionToken(connectionName), optional: true }],
    },
    { provide: STORE, useFactory: (parts: MongoStoreParts) => parts.store, inject: [STORE_PARTS] },
    { provide: EVENTS, useFactory: () => new Subject<SessionEvent>() },
    {
      provide: getSessionEventsToken(name),
      useFactory: createEvents,
      inject: [RESOLVED_OPTIONS, EVENTS],
    },
    {
      provide: SESSIONS,
      useFactory: createSessions,
      inject: [RESOLVED_OPTIONS, STORE_PARTS, EVENTS, getSessionEventsToken(name)],
    },
    { provide: getSessionsToken(name), useExisting: SESSIONS },
    { provide: getSessionModelToken(name), useFactory: (parts: MongoStoreParts) => parts.model, inject: [STORE_PARTS] },
  ];
}

export function createExports({ name = DEFAULT_NAME }: RegistrationExtras) {
  return [getSessionsToken(name), getSessionEventsToken(name), getSessionModelToken(name)];
}

function resolveWithExtras(given: SessionOptions, name: string, connectionName: string | undefined): ResolvedOptions {
  for (const extra of ['name', 'connectionName'] as const) {
    if (given[extra] === undefined) continue;
    throw optionError(
      extra,
      given[extra],
      'With forRootAsync it stands beside the factory: forRootAsync({ ' + extra + ": '...', useFactory }).",
    );
  }
  return resolveOptions({ ...given, name, ...(connectionName !== undefined && { connectionName }) });
}

function createStore(options: ResolvedOptions, connection: Connection | undefined): MongoStoreParts {
  const { name, source, timeoutMs, indexes, failFast, encryption, clock } = options;
  const log = logOf(options);
  const parts = createMongoStore({ source, connection, timeoutMs, indexes, failFast, log });
  if (!encryption) return parts;
  const context = `${name}\0${collectionName(source.collection)}`;
  const store = new EncryptingSessionStore(parts.store, { encryption, context, clock, timeoutMs, failFast, log });
  return { ...parts, store };
}

/** A store of the app's own has no collection; its encrypted values are bound to their session and key all the same. */
function collectionName(collection: unknown): string {
  if (typeof collection === 'string') return collection;
  return (collection as { collectionName?: string } | undefined)?.collectionName ?? '';
}

function createSessions(
  options: ResolvedOptions,
  { store, codec }: MongoStoreParts,
  subject: Subject<SessionEvent>,
  events: SessionEvents,
): MongoSessions {
  const hooks = { emit: (event: SessionEvent) => subject.next(event), log: logOf(options) };
  return new MongoSessions(new SessionManager(options, store, codec, hooks), events);
}

function createEvents(options: ResolvedOptions, subject: Subject<SessionEvent>): SessionEvents {
  const log = logOf(options);
  return new SessionEvents(subject, (error) => {
    log.error('A subscriber of SessionEvents failed.', error instanceof Error ? error.stack : String(error));
  });
}

function logOf({ name }: ResolvedOptions): Logger {
  return new Logger(name === DEFAULT_NAME ? 'MongoSessions' : `MongoSessions:${name}`);
}
