import { UserLogins } from './user-logins.js';
import { type LoginProtocol, WRITE_ONLY } from '../lifecycle/login-protocol.interface.js';
import type { SessionContext } from '../lifecycle/session-context.js';
import type { SessionStore } from '../store/session-store.interface.js';
import { isSeatStore, isUserSessionStore, requirePort } from '../store/store-ports.js';

/**
 * What logins do with this store.
 * @throws `SESSION_OPTION_INVALID` if the option `maxSessions` is set, and the store keeps no users
 */
export function createLoginProtocol(context: SessionContext): LoginProtocol {
  const { store, options } = context;
  if (options.maxSessions !== undefined) requireUsers(store, 'The option `maxSessions`');
  if (isSeatStore(store) && isUserSessionStore(store)) return new UserLogins(context, store);
  return {
    async run(attempt, write) {
      if (attempt.maxSessions !== undefined) requireUsers(store, '`login({ maxSessions })`');
      return WRITE_ONLY.run(attempt, write);
    },
  };
}

function requireUsers(store: SessionStore, what: string): void {
  requirePort(store, 'UserSessionStore', what);
  requirePort(store, 'SeatStore', what);
}
