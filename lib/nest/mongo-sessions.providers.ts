import { Logger, type Provider } from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { Subject } from 'rxjs';
import type { Clock } from '../core/clock.interface.js';
import { optionError } from '../core/option-checks.js';
import { EncryptingSessionStore } from '../core/encryption/encrypting-session.store.js';
import type { ResolvedOptions } from '../core/options/resolved-options.interface.js';
import { resolveOptions } from '../core/options/resolve-options.js';
import type { SessionOptions } from '../core/options/session-options.js';
import { buryMoved } from '../core/moving/bury-moved.js';
import { createMover } from '../core/moving/create-mover.js';
import type { SessionEvent } from '../core/lifecycle/session-events.js';
import { Registration } from '../core/request/registration.js';
import { createLoginProtocol } from '../core/users/login-protocol.js';
import type { MovingStore } from '../core/store/moving-store.interface.js';
import { requirePort } from '../core/store/store-ports.js';
import type { SessionStore } from '../core/store/session-store.interface.js';
import { type MongoStoreParts, createMongoStore } from '../mongo/create-mongo-store.js';
import {
  DEFAULT_NAME,
  getCurrentSessionToken,
  getSessionClockToken,
  getSessionEventsToken,
  getSessionModelToken,
  getSessionStoreToken,
  getSessionsToken,
} from './tokens.js';
import { toOptions } from './mongo-sessions.input.js';
import { CLOCK, EVENTS, MODULE_OPTIONS, RESOLVED_OPTIONS, SESSIONS, STORE, STORE_PARTS } from './internal-tokens.js';
import { CurrentSession } from './contexts/current-session.js';
import { MongoSessions, registrationOf } from './mongo-sessions.service.js';
import { SessionEvents } from './session-events.service.js';

/** What has to be known before any option is: injection tokens are made of it. */
export interface RegistrationExtras {
  /** See `SessionOptions.name`. */
  name?: string | undefined;
  /** See `SessionOptions.connectionName`. */
  connectionName?: string | undefined;
}

/** Options -> connection -> model and store -> registration. */
export function createProviders({ name = DEFAULT_NAME, connectionName }: RegistrationExtras): Provider[] {
  const [storeToken, clockToken] = [getSessionStoreToken(name), getSessionClockToken(name)];
  return [
    {
      provide: RESOLVED_OPTIONS,
      useFactory: (given: () => unknown) => resolveWithExtras(toOptions(given()), name, connectionName),
      inject: [MODULE_OPTIONS],
    },
    {
      provide: STORE_PARTS,
      useFactory: createParts,
      inject: [RESOLVED_OPTIONS, clockToken, { token: getConnectionToken(connectionName), optional: true }],
    },
    { provide: storeToken, useFactory: ({ store }: MongoStoreParts) => store, inject: [STORE_PARTS] },
    { provide: CLOCK, useFactory: ({ clock }: ResolvedOptions) => clock, inject: [RESOLVED_OPTIONS] },
    { provide: clockToken, useExisting: CLOCK },
    { provide: STORE, useFactory: prepareStore, inject: [RESOLVED_OPTIONS, storeToken, clockToken] },
    { provide: EVENTS, useFactory: () => new Subject<SessionEvent>() },
    {
      provide: getSessionEventsToken(name),
      useFactory: createEvents,
      inject: [RESOLVED_OPTIONS, EVENTS],
    },
    {
      provide: SESSIONS,
      useFactory: createSessions,
      inject: [RESOLVED_OPTIONS, STORE_PARTS, STORE, clockToken, EVENTS, getSessionEventsToken(name)],
    },
    { provide: getSessionsToken(name), useExisting: SESSIONS },
    {
      provide: getCurrentSessionToken(name),
      useFactory: (sessions: MongoSessions) => new CurrentSession(registrationOf(sessions)),
      inject: [SESSIONS],
    },
    { provide: getSessionModelToken(name), useFactory: (parts: MongoStoreParts) => parts.model, inject: [STORE_PARTS] },
  ];
}

export function createExports({ name = DEFAULT_NAME }: RegistrationExtras) {
  const tokens = [
    getSessionsToken,
    getCurrentSessionToken,
    getSessionEventsToken,
    getSessionModelToken,
    getSessionStoreToken,
    getSessionClockToken,
  ];
  return tokens.map((tokenOf) => tokenOf(name));
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

function createParts(options: ResolvedOptions, clock: Clock, connection?: Connection): MongoStoreParts {
  const { source, timeoutMs, indexes, cleanup, failFast } = options;
  const log = logOf(options);
  return createMongoStore({ source: source(), connection, timeoutMs, indexes, cleanup, failFast, clock, log });
}

function prepareStore(options: ResolvedOptions, given: SessionStore, clock: Clock): SessionStore {
  const store = encryptStore(options, given, clock);
  if (options.movingIn.length === 0) return store;
  requirePort(store, 'MovingStore', 'The option `movingIn`');
  return buryMoved(store as SessionStore & MovingStore, clock);
}

function encryptStore(options: ResolvedOptions, store: SessionStore, clock: Clock): SessionStore {
  const { name, source, timeoutMs, failFast, encryption } = options;
  if (!encryption) return store;
  const context = `${name}\0${collectionName(source().collection)}`;
  return new EncryptingSessionStore(store, { encryption, context, clock, timeoutMs, failFast, log: logOf(options) });
}

/**
 * A store of the app's own has no collection; its encrypted values are bound to their session and
 * key all the same.
 */
function collectionName(collection: unknown): string {
  if (typeof collection === 'string') return collection;
  return (collection as { collectionName?: string } | undefined)?.collectionName ?? '';
}

function createSessions(
  options: ResolvedOptions,
  { codec, openDocuments }: MongoStoreParts,
  store: SessionStore,
  clock: Clock,
  subject: Subject<SessionEvent>,
  events: SessionEvents,
): MongoSessions {
  const hooks = { emit: (event: SessionEvent) => subject.next(event), log: logOf(options) };
  const registration = new Registration(
    { ...options, clock },
    store,
    codec,
    hooks,
    createLoginProtocol,
    (context, protocol) => openDocuments && createMover(context, protocol, openDocuments),
  );
  return new MongoSessions(registration, events);
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
