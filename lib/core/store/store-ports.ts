import { SessionError } from '../errors.js';
import type { SeatStore } from './seat-store.interface.js';
import type { SessionStore } from './session-store.interface.js';
import type { SweepableStore } from './sweepable-store.interface.js';
import type { UserSessionStore } from './user-session-store.interface.js';
import type { WatchableStore } from './watchable-store.interface.js';

/** What a store may be beside `SessionStore`. */
export interface StorePorts {
  readonly UserSessionStore: UserSessionStore;
  readonly SeatStore: SeatStore;
  readonly SweepableStore: SweepableStore;
  readonly WatchableStore: WatchableStore;
}

/** A port is known by its methods, so that a store needs no class of ours. */
export const PORT_METHODS = {
  UserSessionStore: ['findByUser', 'handlesOf', 'take', 'describe'],
  SeatStore: ['findUsers', 'insertUser', 'changeUser', 'findSeated'],
  SweepableStore: ['findExpired', 'take'],
  WatchableStore: ['peek'],
} as const satisfies { readonly [Port in keyof StorePorts]: readonly (keyof StorePorts[Port])[] };

export function isUserSessionStore<Store extends object>(store: Store): store is Store & UserSessionStore {
  return missingMethods(store, 'UserSessionStore').length === 0;
}

export function isSeatStore<Store extends object>(store: Store): store is Store & SeatStore {
  return missingMethods(store, 'SeatStore').length === 0;
}

export function isSweepableStore<Store extends object>(store: Store): store is Store & SweepableStore {
  return missingMethods(store, 'SweepableStore').length === 0;
}

export function isWatchableStore<Store extends object>(store: Store): store is Store & WatchableStore {
  return missingMethods(store, 'WatchableStore').length === 0;
}

/**
 * The store as what it has to be for an option or a method.
 * @param what as the error names it: 'The option `maxSessions`', '`MongoSessions.of()`'
 * @throws `SESSION_OPTION_INVALID` if methods are missing
 */
export function requirePort<Port extends keyof StorePorts>(
  store: SessionStore,
  port: Port,
  what: string,
): StorePorts[Port] {
  const missing = missingMethods(store, port);
  if (missing.length === 0) return store as unknown as StorePorts[Port];
  const methods = missing.map((name) => `${name}()`).join(', ');
  throw new SessionError(
    'SESSION_OPTION_INVALID',
    `${what} needs a store that is a ${port}, but the one of the option \`store\` lacks ${methods}. ` +
      'Add these methods to it, or keep sessions in MongoDB with the option `collection`.',
  );
}

function missingMethods(store: object, port: keyof StorePorts): string[] {
  return PORT_METHODS[port].filter((name) => typeof (store as Record<string, unknown>)[name] !== 'function');
}
