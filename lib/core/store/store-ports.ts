import { SessionError } from '../errors.js';
import type { CountableStore } from './countable-store.interface.js';
import type { MovingStore } from './moving-store.interface.js';
import type { SeatStore } from './seat-store.interface.js';
import type { SessionStore } from './session-store.interface.js';
import type { SweepableStore } from './sweepable-store.interface.js';
import type { UserSessionStore } from './user-session-store.interface.js';
import type { WatchableStore } from './watchable-store.interface.js';

/** The optional abilities of a store. */
export interface StorePorts {
  readonly UserSessionStore: UserSessionStore;
  readonly SeatStore: SeatStore;
  readonly SweepableStore: SweepableStore;
  readonly WatchableStore: WatchableStore;
  readonly MovingStore: MovingStore;
  readonly CountableStore: CountableStore;
}

/** Ports are recognized by their methods, so stores need no class of this package. */
export const PORT_METHODS = {
  UserSessionStore: ['findByUser', 'handlesOf', 'take', 'describe'],
  SeatStore: ['findUsers', 'insertUser', 'changeUser', 'findSeated'],
  SweepableStore: ['findExpired', 'take'],
  WatchableStore: ['peek'],
  MovingStore: ['insertIfFree', 'bury', 'take'],
  CountableStore: ['count'],
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

export function isMovingStore<Store extends object>(store: Store): store is Store & MovingStore {
  return missingMethods(store, 'MovingStore').length === 0;
}

export function isCountableStore<Store extends object>(store: Store): store is Store & CountableStore {
  return missingMethods(store, 'CountableStore').length === 0;
}

/**
 * Returns the store as a port that an option or a method needs.
 * @param what the start of the error message, such as 'The option `maxSessions`'
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
