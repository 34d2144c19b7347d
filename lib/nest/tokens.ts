import { CurrentSession } from './contexts/current-session.js';
import { MongoSessions } from './mongo-sessions.service.js';
import { SessionEvents } from './session-events.service.js';

/** Name of a registration without one. */
export const DEFAULT_NAME = 'default';

/**
 * Token of the `MongoSessions` of a named registration; for the default one it is the class itself.
 * Available once the module is imported.
 */
export function getSessionsToken(name: string = DEFAULT_NAME): string | typeof MongoSessions {
  return name === DEFAULT_NAME ? MongoSessions : `nestjs-mongo-sessions:sessions:${name}`;
}

/**
 * Token of the `SessionEvents` of a named registration; for the default one it is the class itself.
 * Available once the module is imported.
 */
export function getSessionEventsToken(name: string = DEFAULT_NAME): string | typeof SessionEvents {
  return name === DEFAULT_NAME ? SessionEvents : `nestjs-mongo-sessions:events:${name}`;
}

/**
 * Token of `CurrentSession` of a named registration; that of the default one is the class itself.
 * Available once the module is imported.
 */
export function getCurrentSessionToken(name: string = DEFAULT_NAME): string | typeof CurrentSession {
  return name === DEFAULT_NAME ? CurrentSession : `nestjs-mongo-sessions:current-session:${name}`;
}

/**
 * Token of the Mongoose model of a registration's sessions. Available once the module is imported.
 */
export function getSessionModelToken(name: string = DEFAULT_NAME): string {
  return `nestjs-mongo-sessions:model:${name}`;
}

/**
 * Token of the `SessionStore` of a registration, without its encryption. A test may override it.
 */
export function getSessionStoreToken(name: string = DEFAULT_NAME): string {
  return `nestjs-mongo-sessions:store:${name}`;
}

/** Token of the `Clock` of a registration. A test may override it. */
export function getSessionClockToken(name: string = DEFAULT_NAME): string {
  return `nestjs-mongo-sessions:clock:${name}`;
}
